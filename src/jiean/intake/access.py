"""Who may report, see, triage, refer and answer."""

from __future__ import annotations

from enum import StrEnum

from django.db.models import Q

from jiean.intake.models import HotIssue, Referral
from jiean.kernel.access import everywhere, grant
from jiean.kernel.actor import PERSONAL_ROLES, Actor, Role


class Can(StrEnum):
    REPORT = "intake.report"
    SEE_REPORTS = "intake.see_reports"
    TRIAGE = "intake.triage"
    REFER = "intake.refer"
    ANSWER_REFERRAL = "intake.answer_referral"
    RULE = "intake.rule"
    ANSWER = "intake.answer"
    FOLLOW = "intake.follow"
    FOLLOW_INCIDENT = "intake.follow_incident"
    FORGET = "intake.forget"
    HOLD = "intake.hold"
    INDEX = "intake.index"
    SEE_ISSUES = "intake.see_issues"
    JUDGE_ISSUES = "intake.judge_issues"
    PROPOSE_ISSUES = "intake.propose_issues"
    SEE_MODELS = "intake.see_models"
    CHOOSE_MODEL = "intake.choose_model"
    TEACH = "intake.teach"
    ASK_RIGHTS = "intake.ask_rights"
    ANSWER_RIGHTS = "intake.answer_rights"


def own_cells(actor: Actor) -> Q:
    """Reports from cells the actor answers for today."""
    return Q(cell_id__in=actor.cell_ids)


def referred_to_own_body(actor: Actor) -> Q:
    """Reports that lie with the actor's body now."""
    running = Referral.objects.filter(to_own_body(actor), state__in=Referral.RUNNING)
    return Q(pk__in=running.values("report_id"))


def own_cells_or_body(actor: Actor) -> Q:
    """Reports of own cells, and those that lie with the actor's body."""
    return own_cells(actor) | referred_to_own_body(actor)


def to_own_body(actor: Actor) -> Q:
    """Referrals to the actor's body; somebody without one has none."""
    return Q(organisation_id=actor.organisation_id)


def confirmed_in_own_cells(actor: Actor) -> Q:
    """Hot issues a person confirmed, in cells the actor answers for today."""
    return Q(cell_id__in=actor.cell_ids, state=HotIssue.State.CONFIRMED)


_REPORTERS = (*(role for role in PERSONAL_ROLES if role not in (Role.ADMIN, Role.AUDITOR)), Role.PUBLIC, Role.SYSTEM)
_DESK = {Role.COMMANDER: everywhere, Role.DISPATCHER: everywhere, Role.SYSTEM: everywhere}

grant(
    {
        Can.REPORT: dict.fromkeys(_REPORTERS, everywhere),
        Can.SEE_REPORTS: _DESK
        | {Role.OFFICER: own_cells_or_body, Role.SOCIAL_WORKER: own_cells_or_body, Role.MEDIATOR: referred_to_own_body},
        Can.TRIAGE: _DESK,
        Can.REFER: _DESK,
        Can.ANSWER_REFERRAL: _DESK | {Role.MEDIATOR: to_own_body, Role.SOCIAL_WORKER: to_own_body},
        Can.RULE: {Role.COMMANDER: everywhere},
        Can.ANSWER: _DESK | {Role.OFFICER: own_cells},
        Can.FOLLOW: _DESK | {Role.PUBLIC: everywhere},
        Can.FOLLOW_INCIDENT: {Role.SYSTEM: everywhere},
        Can.FORGET: {Role.SYSTEM: everywhere},
        Can.HOLD: {Role.COMMANDER: everywhere},
        Can.INDEX: {Role.SYSTEM: everywhere},
        Can.SEE_ISSUES: _DESK | {Role.OFFICER: confirmed_in_own_cells, Role.SOCIAL_WORKER: confirmed_in_own_cells},
        Can.JUDGE_ISSUES: {Role.COMMANDER: everywhere, Role.DISPATCHER: everywhere},
        Can.PROPOSE_ISSUES: {Role.SYSTEM: everywhere},
        Can.SEE_MODELS: _DESK,
        Can.CHOOSE_MODEL: {Role.COMMANDER: everywhere, Role.SYSTEM: everywhere},
        Can.TEACH: {Role.SYSTEM: everywhere},
        Can.ASK_RIGHTS: {Role.PUBLIC: everywhere},
        Can.ANSWER_RIGHTS: _DESK | {Role.AUDITOR: everywhere},
    }
)
