"""Who may see and do what in disputes: TRUST section 5, the rows of the dispute file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum

from django.db.models import Exists, OuterRef, Q, QuerySet

from jiean.disputes.models import Dispute, JoinedBody, Leg, PostDuty, Recusal, Seat
from jiean.kernel import clocks
from jiean.kernel.access import everywhere, grant, grants, visible
from jiean.kernel.actor import Actor, Role


class Can(StrEnum):
    REGISTER = "disputes.register"
    SEE = "disputes.see"
    READ = "disputes.read"
    DIVERT = "disputes.divert"
    ANSWER_LEG = "disputes.answer_leg"
    RULE = "disputes.rule"
    ARRANGE = "disputes.arrange"
    MEDIATE = "disputes.mediate"
    ISSUE = "disputes.issue"
    STAND_BACK = "disputes.stand_back"
    SEE_MEDIATORS = "disputes.see_mediators"
    KEEP_MEDIATORS = "disputes.keep_mediators"
    IMPORT_MEDIATORS = "disputes.import_mediators"
    SEE_POSTS = "disputes.see_posts"
    KEEP_POSTS = "disputes.keep_posts"
    TAKE_TICKET = "disputes.take_ticket"
    SERVE = "disputes.serve"
    FOLLOW = "disputes.follow"
    KEEP_RULES = "disputes.keep_rules"
    COUNT = "disputes.count"
    FORGET = "disputes.forget"
    SEE_FLAG = "disputes.see_flag"
    FLAG = "disputes.flag"
    REVIEW_FLAG = "disputes.review_flag"
    PROTECT = "disputes.protect"
    READ_ADDRESS = "disputes.read_address"
    ANSWER_LOOK = "disputes.answer_look"
    LEAD = "disputes.lead"
    TEACH = "disputes.teach"
    READ_PRECEDENT = "disputes.read_precedent"
    CHECK_PRECEDENT = "disputes.check_precedent"
    WITHDRAW_PRECEDENT = "disputes.withdraw_precedent"
    COUNT_OPENING = "disputes.count_opening"
    ASSIST = "disputes.assist"
    ARRANGE_MEETING = "disputes.arrange_meeting"
    SUBSCRIBE = "disputes.subscribe"


_LIVE = Q(state__in=Dispute.LIVE)


def _of_body(actor: Actor) -> Q:
    """Disputes the actor's body answers for or has been asked to take or helps with, and those it sits at the table of with a team.

    The few ids asked for and sat at are read first, in one statement.
    """
    seats = Seat.objects.filter(account_id=actor.account_id or 0, left_at=None).values_list("dispute_id", flat=True)
    if actor.organisation_id is None:
        return Q(pk__in=list(seats[:500]))
    asked = Leg.objects.filter(organisation=actor.organisation_id, state=Leg.State.SENT)
    both = asked.values_list("dispute_id", flat=True).union(seats, _joined(actor))[:500]
    return Q(desk_id=actor.organisation_id) | Q(pk__in=list(both))


def _joined(actor: Actor) -> QuerySet[JoinedBody, int]:
    """Disputes the actor's body helps with, as long as it does: the one rule for lists, rows and new rows."""
    rows = JoinedBody.objects.filter(organisation=actor.organisation_id, state__in=JoinedBody.INSIDE)
    return rows.order_by().values_list("dispute_id", flat=True)


def of_led(actor: Actor) -> Q:
    """Bodies that help with a dispute of the actor's desk or with one's own case, and its meetings."""
    return Q(dispute__mediator_id=actor.account_id) | Q(dispute__desk_id=actor.organisation_id)


def released(actor: Actor) -> Q:
    """Precedents checked and released; they hold nobody."""
    return Q(state="RELEASED")


def of_another(actor: Actor) -> Q:
    """Precedents somebody else wrote: nobody checks their own."""
    return ~Q(written_by_id=actor.account_id)


def desk_of_another(actor: Actor) -> Q:
    """… of disputes of the actor's own desk, which may be read beside them."""
    return of_another(actor) & Q(dispute__desk_id=actor.organisation_id)


def own_or_desks(actor: Actor) -> Q:
    """Precedents the actor wrote, or of disputes of the actor's desk."""
    return Q(written_by_id=actor.account_id) | Q(dispute__desk_id=actor.organisation_id)


def own_cases(actor: Actor) -> Q:
    """Disputes the actor mediates, also afterwards."""
    return Q(mediator_id=actor.account_id)


def own_live_cases(actor: Actor) -> Q:
    """Disputes the actor mediates now."""
    return own_cases(actor) & _LIVE


def _recused(actor: Actor) -> Q:
    """Disputes the actor declared an interest in: the file is refused from then on (TRUST, section 5)."""
    own = Recusal.objects.filter(account_id=actor.account_id or 0, by=Recusal.By.MEDIATOR, dispute=OuterRef("pk"))
    return Q(Exists(own))


def held(actor: Actor) -> Q:
    """What the actor mediates or its body has, or sits at the table of; and what the actor registered, as long as no desk has taken it."""
    registered = Q(registered_by_id=actor.account_id, state__in=Dispute.UNACCEPTED)
    return (own_cases(actor) | registered | _of_body(actor)) & ~_recused(actor)


def of_own_desk(actor: Actor) -> Q:
    """Disputes the actor's body answers for, and one's own cases."""
    return (own_cases(actor) | Q(desk_id=actor.organisation_id)) & ~_recused(actor)


def unaccepted_or_registered(actor: Actor) -> Q:
    """What still looks for a desk: the dispatcher reads it to divert it, and no more of it afterwards."""
    return Q(state__in=Dispute.UNACCEPTED)


def own_drafts(actor: Actor) -> Q:
    """The tables the actor brought."""
    return Q(account_id=actor.account_id)


def at_own_post(actor: Actor) -> Q:
    """Numbers of posts the actor is on duty at now, or whose cell the actor answers for."""
    now = clocks.now()
    there = PostDuty.objects.filter(account_id=actor.account_id or 0, starts_at__lte=now, ends_at__gt=now)
    return Q(post__in=there.values("post_id")) | Q(post__premises__cell_id__in=actor.cell_ids)


def to_own_body(actor: Actor) -> Q:
    """Legs to the actor's body; somebody without one has none."""
    return Q(organisation_id=actor.organisation_id)


_REGISTRARS = (Role.COMMANDER, Role.DISPATCHER, Role.OFFICER, Role.SOCIAL_WORKER, Role.MEDIATOR, Role.INSPECTOR,
               Role.VOLUNTEER, Role.GUARD, Role.SCHOOL, Role.SYSTEM)  # fmt: skip
_ALL: dict[Role, Callable[[Actor], Q]] = {Role.COMMANDER: everywhere, Role.SYSTEM: everywhere}
_DESK = {**_ALL, Role.DISPATCHER: everywhere}
_HELD: dict[Role, Callable[[Actor], Q]] = dict.fromkeys((Role.OFFICER, Role.SOCIAL_WORKER, Role.MEDIATOR), held)

grant(
    {
        Can.REGISTER: dict.fromkeys(_REGISTRARS, everywhere),
        Can.SEE: {**_DESK, **_HELD},
        Can.READ: {**_ALL, **_HELD, Role.DISPATCHER: unaccepted_or_registered},
        Can.DIVERT: {**_DESK, Role.OFFICER: of_own_desk, Role.MEDIATOR: of_own_desk},
        Can.ANSWER_LEG: {**_DESK, **dict.fromkeys((Role.OFFICER, Role.MEDIATOR, Role.SOCIAL_WORKER), to_own_body)},
        Can.RULE: {Role.COMMANDER: everywhere},
        Can.ARRANGE: {**_DESK, Role.OFFICER: of_own_desk, Role.MEDIATOR: of_own_desk},
        Can.MEDIATE: {Role.OFFICER: own_cases, Role.MEDIATOR: own_cases, Role.SYSTEM: everywhere},
        Can.ISSUE: {Role.COMMANDER: everywhere, Role.OFFICER: of_own_desk, Role.MEDIATOR: of_own_desk},
        Can.STAND_BACK: dict.fromkeys((Role.OFFICER, Role.MEDIATOR), held),
        Can.SEE_MEDIATORS: dict.fromkeys((*_DESK, Role.OFFICER, Role.MEDIATOR), everywhere),
        Can.KEEP_MEDIATORS: _ALL,
        Can.IMPORT_MEDIATORS: {Role.COMMANDER: own_drafts, Role.SYSTEM: everywhere},
        Can.SEE_POSTS: dict.fromkeys((*_DESK, Role.OFFICER, Role.SOCIAL_WORKER, Role.MEDIATOR), everywhere),
        Can.KEEP_POSTS: _ALL,
        Can.TAKE_TICKET: dict.fromkeys((*_DESK, Role.OFFICER, Role.SOCIAL_WORKER, Role.MEDIATOR, Role.PUBLIC), everywhere),
        Can.SERVE: {**_DESK, **dict.fromkeys((Role.OFFICER, Role.SOCIAL_WORKER, Role.MEDIATOR), at_own_post)},
        Can.FOLLOW: {Role.PUBLIC: everywhere},
        Can.KEEP_RULES: _ALL,
        Can.COUNT: dict.fromkeys((Role.COMMANDER, Role.DISPATCHER, Role.OFFICER, Role.MEDIATOR, Role.SYSTEM), everywhere),
        Can.FORGET: {Role.SYSTEM: everywhere},
        Can.SEE_FLAG: {**_ALL, **_HELD, Role.DISPATCHER: unaccepted_or_registered},
        Can.FLAG: dict.fromkeys((Role.OFFICER, Role.MEDIATOR), held),
        Can.REVIEW_FLAG: {Role.COMMANDER: everywhere, **dict.fromkeys((Role.OFFICER, Role.MEDIATOR), of_own_desk)},
        Can.PROTECT: {Role.COMMANDER: everywhere, **dict.fromkeys((Role.OFFICER, Role.MEDIATOR), held)},
        Can.READ_ADDRESS: {**_ALL, **dict.fromkeys((Role.OFFICER, Role.MEDIATOR), own_cases)},
        Can.TEACH: dict.fromkeys((Role.OFFICER, Role.MEDIATOR), of_own_desk),
        Can.READ_PRECEDENT: dict.fromkeys(
            (Role.COMMANDER, Role.OFFICER, Role.SOCIAL_WORKER, Role.MEDIATOR, Role.SYSTEM), released
        ),
        Can.CHECK_PRECEDENT: {Role.COMMANDER: of_another, **dict.fromkeys((Role.OFFICER, Role.MEDIATOR), desk_of_another)},
        Can.WITHDRAW_PRECEDENT: {
            Role.COMMANDER: everywhere, **dict.fromkeys((Role.OFFICER, Role.MEDIATOR), own_or_desks)
        },
        Can.COUNT_OPENING: {Role.SYSTEM: everywhere},
        Can.LEAD: {**_DESK, Role.OFFICER: of_led, Role.MEDIATOR: of_led},
        Can.ASSIST: dict.fromkeys((Role.OFFICER, Role.MEDIATOR, Role.SOCIAL_WORKER), to_own_body),
        Can.ARRANGE_MEETING: {**_DESK, Role.OFFICER: of_led, Role.MEDIATOR: of_led},
        Can.SUBSCRIBE: dict.fromkeys((Role.COMMANDER, Role.DISPATCHER, Role.OFFICER, Role.SOCIAL_WORKER, Role.MEDIATOR), everywhere),
        Can.ANSWER_LOOK: {Role.COMMANDER: everywhere, **dict.fromkeys((Role.OFFICER, Role.MEDIATOR), held)},
    }
)  # fmt: skip


def scopes_of(actor: Actor, cans: Iterable[Can]) -> dict[Can, Q]:
    """What each permission lets the actor reach; a scope several of them share is worked out once."""
    table = {can: grants()[can].get(actor.role) for can in cans}
    made = {scope: scope(actor) if scope is not None else Q(pk__in=()) for scope in set(table.values())}
    return {can: made[scope] for can, scope in table.items()}


def holds_dispute(actor: Actor, dispute_id: int) -> bool:
    """Whether the actor may open what is sealed: who mediates it, whose body has it, who still diverts it, the commander."""
    return visible(Can.READ, actor, Dispute).filter(pk=dispute_id).exists()


def on_case(actor: Actor, dispute: Dispute) -> bool:
    """Whether what keeps a party safe is for the actor: who mediates, and the commander. Nobody else of the desk."""
    return actor.role in (Role.COMMANDER, Role.SYSTEM) or (
        actor.role in (Role.OFFICER, Role.MEDIATOR) and dispute.mediator_id == actor.account_id
    )


def is_worked_on(dispute_id: int) -> bool:
    """Whether more is to come of a dispute."""
    return Dispute.objects.filter(pk=dispute_id, state__in=Dispute.LIVE).exists()
