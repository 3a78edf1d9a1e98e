"""Mediation itself: who mediates, in which manner, with whom at the table, what was said, and how long it may take."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from jiean.disputes.access import Can
from jiean.disputes.commands.calendar import hold_meeting
from jiean.disputes.commands.registering import MOST_AMOUNT, MOST_PEOPLE, within
from jiean.disputes.commands.telling import said, tell_changed
from jiean.disputes.commands.timing import held_all, resumed_all, retimed, shown
from jiean.disputes.models import PLACE_LIMIT, Dispute, Kind, Level, Manner, Party, PoliceGround, Profile, Recusal, Talk
from jiean.disputes.models.endings import NOTES_LIMIT
from jiean.disputes.rules import MEDIATE, POLICE_AGAIN, POLICE_MAY_MEDIATE, POLICE_TALKS_MOST
from jiean.kernel import clocks
from jiean.kernel.access import fetch
from jiean.kernel.actor import Actor, Role
from jiean.kernel.command import command
from jiean.kernel.errors import IllegalMove, Invalid
from jiean.kernel.text import clean
from jiean.kernel.workflow import change, note
from jiean.people.queries import actor_of
from jiean.vault.commands import seal
from jiean.vault.models import Kind as Sealed
from jiean.vault.models import MatterKind

State = Dispute.State
LONGEST_EXTENSION = dt.timedelta(days=92)
_CLOCK_DRIFT = dt.timedelta(minutes=10)
BEFORE_TALKS = (State.ACCEPTED, State.MEDIATING)


@command
def assign_mediator(actor: Actor, dispute_id: int, account_id: int, *, version: int | None = None) -> Dispute:
    """Say who mediates. Raises NotFound, IllegalMove, Conflict, Invalid: no mediator, or one that a party refused."""
    dispute = fetch(Can.ARRANGE, actor, Dispute, dispute_id, version=version)
    if dispute.state not in BEFORE_TALKS:
        raise IllegalMove(_("先受理，再定调解员。"))
    _check_mediator(dispute, account_id)
    change(dispute, mediator_id=account_id, contacted_at=dispute.contacted_at)
    note(dispute, by=actor, code="mediator_assigned", detail={"account_id": account_id})
    tell_changed(dispute)
    return dispute


def _check_mediator(dispute: Dispute, account_id: int) -> None:
    roles = [role for role in (Role.MEDIATOR, Role.OFFICER) if actor_of(account_id, role) is not None]
    if not roles:
        raise Invalid(account_id=_("请选择在岗的调解员或民警。"))
    if dispute.manner == Manner.POLICE and Role.OFFICER not in roles:
        raise Invalid(account_id=_("治安调解由民警主持。"))
    _check_register(account_id)
    by = set(dispute.recusals.filter(account_id=account_id).values_list("by", flat=True))
    if Recusal.By.MEDIATOR in by:
        raise Invalid(account_id=_("这位调解员在这件纠纷里已经回避。"))
    if by or dispute.parties.filter(refused_mediator_id=account_id, left_at=None).exists():
        raise Invalid(account_id=_("有当事人不同意由这位调解员调解。"))


def _check_register(account_id: int) -> None:
    """Whoever the register names is in it still; it may say nothing of somebody. Raises Invalid."""
    profile = Profile.objects.filter(account_id=account_id).first()
    if profile is None:
        return
    if not profile.active:
        raise Invalid(account_id=_("这位调解员已经不在册。"))
    if profile.appointed_until is not None and profile.appointed_until < clocks.local_day(clocks.now()):
        raise Invalid(account_id=_("这位调解员的聘期已过。"))


@command
def set_manner(
    actor: Actor,
    dispute_id: int,
    *,
    manner: Manner,
    ground: str = "",
    none_excludes: bool = False,
    version: int | None = None,
) -> Dispute:
    """Say whose mediation it is. The police mediate only what the list holds and nothing excludes, at the station's own desk.

    Raises NotFound, IllegalMove, Conflict, Invalid.
    """
    dispute = fetch(Can.ARRANGE, actor, Dispute, dispute_id, version=version)
    if dispute.state != State.ACCEPTED:
        raise IllegalMove(_("开始调解以后，不能再换调解方式。"))
    if manner == Manner.POLICE:
        _check_police(dispute, ground, none_excludes)
    kept = ground if manner == Manner.POLICE else ""
    mediator_id = dispute.mediator_id if manner == dispute.manner else None
    change(dispute, manner=manner, police_ground=kept, mediator_id=mediator_id)
    note(dispute, by=actor, code=f"manner_{manner}", detail={"ground": str(kept)})
    tell_changed(dispute)
    return dispute


def _check_police(dispute: Dispute, ground: str, none_excludes: bool) -> None:
    if ground not in PoliceGround.values or PoliceGround(ground) not in POLICE_MAY_MEDIATE:
        raise Invalid(ground=_("公安机关只能调解清单里的、情节较轻的违反治安管理行为。"))
    if not none_excludes:
        raise Invalid(none_excludes=_("请先核对没有不适用调解的情形。"))
    if dispute.desk.kind != "police":
        raise Invalid(manner=_("由派出所负责的纠纷才能治安调解；人民调解请选“人民调解”。"))


@command
def correct_dispute(
    actor: Actor,
    dispute_id: int,
    *,
    kind: Kind,
    level: Level,
    amount_yuan: int | None = None,
    people_count: int | None = None,
    version: int | None = None,
) -> Dispute:
    """Put right what a dispute is about, how high it is handled, and its size. Raises NotFound, Conflict, Invalid."""
    dispute = fetch(Can.ARRANGE, actor, Dispute, dispute_id, version=version)
    if kind not in Kind.values:
        raise Invalid(kind=_("请选择类型。"))
    if level not in Level.values:
        raise Invalid(level=_("请选择处理层级。"))
    amount = within(amount_yuan, MOST_AMOUNT, "amount_yuan")
    change(
        dispute,
        kind=kind,
        level=level,
        amount_yuan=amount,
        people_count=within(people_count, MOST_PEOPLE, "people_count"),
    )
    note(dispute, by=actor, code="corrected", detail={"kind": str(kind), "level": str(level)})
    tell_changed(dispute)
    return dispute


@command
def begin_mediation(actor: Actor, dispute_id: int, *, agreed: bool, version: int | None = None) -> Dispute:
    """Begin, both sides agreeing. Raises NotFound, IllegalMove, Conflict, and Invalid: no consent, a side or a guardian missing."""
    dispute = fetch(Can.MEDIATE, actor, Dispute, dispute_id, version=version)
    parties = list(dispute.parties.select_for_update(no_key=True).filter(left_at=None))
    if not agreed:
        raise Invalid(agreed=_("各方都同意调解才能开始；有一方不同意，请记录调解不成。"))
    check_table(parties)
    at = clocks.now()
    for party in parties:
        change(party, agreed_at=party.agreed_at or at)
    dispute.is_open = bool(parties) and all(
        one.wish == Party.Wish.OPEN for one in parties if one.standing in Party.SIDES
    )
    Dispute.WORKFLOW.move(
        dispute,
        State.MEDIATING,
        by=actor,
        code="begun",
        contacted_at=dispute.contacted_at or at,
        is_open=dispute.is_open,
    )
    tell_changed(dispute)
    return dispute


def check_table(parties: list[Party]) -> None:
    """Both sides are there, and with every minor a guardian. Raises Invalid."""
    standings = {one.standing for one in parties}
    if not {Party.Standing.APPLICANT, Party.Standing.RESPONDENT} <= standings:
        raise Invalid(parties=_("请先登记申请人和被申请人。"))
    guarded = {one.speaks_for_id for one in parties if one.standing == Party.Standing.GUARDIAN}
    if any(one.is_minor and one.pk not in guarded for one in parties):
        raise Invalid(parties=_("有未成年人，请先登记到场的监护人。"))


@command
def record_talk(actor: Actor, dispute_id: int, *, at: dt.datetime, note_words: str, place_words: str = "") -> Talk:
    """Keep that a meeting was held, its notes sealed. Raises NotFound, IllegalMove, Invalid: in the future, before acceptance."""
    dispute = fetch(Can.MEDIATE, actor, Dispute, dispute_id)
    if dispute.state != State.MEDIATING:
        raise IllegalMove(_("先开始调解，再记调解会。"))
    _check_when(dispute, at)
    held = dispute.talks.filter(at__gte=_begun(dispute)).count()
    if dispute.manner == Manner.POLICE and held >= POLICE_TALKS_MOST:
        raise IllegalMove(_("治安调解最多两次。请记录调解结果。"))
    words = clean(note_words, NOTES_LIMIT, field="note_words", required=True)
    talk = Talk.objects.create(
        dispute=dispute, at=at, account_id=actor.account_id,
        place_words=clean(place_words, PLACE_LIMIT, field="place_words"),
        note_id=seal(actor, MatterKind.DISPUTE, dispute.pk, Sealed.PARTY, {"note": words}),
    )  # fmt: skip
    if dispute.manner == Manner.POLICE:
        first = [POLICE_AGAIN] if not held else []
        change(dispute, **retimed(dispute, start=first, stop=[] if first else [POLICE_AGAIN]))
    hold_meeting(dispute, at)
    note(dispute, by=actor, code="talk_held")
    tell_changed(dispute)
    return talk


def _check_when(dispute: Dispute, at: dt.datetime) -> None:
    if at.tzinfo is None or at > clocks.now() + _CLOCK_DRIFT:
        raise Invalid(at=_("调解会的时间在将来，开完再记。"))
    if dispute.accepted_at is not None and at < dispute.accepted_at - _CLOCK_DRIFT:
        raise Invalid(at=_("调解会的时间早于受理时间，请核对。"))


def _begun(dispute: Dispute) -> dt.datetime:
    """When this round of mediation began: what was held before a reopening counts no more."""
    return dispute.accepted_at or dispute.registered_at


@command
def extend_mediation(actor: Actor, dispute_id: int, *, until: dt.date, both_agreed: bool, reason: str) -> Dispute:
    """Put the month off, as both sides agreed. Raises NotFound, IllegalMove, Invalid: not agreed, not later, or far too late."""
    dispute = fetch(Can.MEDIATE, actor, Dispute, dispute_id)
    if not both_agreed:
        raise Invalid(both_agreed=_("双方都同意才能延长。"))
    words, at = said(reason), clocks.now()
    due_at = dt.datetime.combine(until + dt.timedelta(days=1), dt.time(), clocks.local(at).tzinfo)
    if due_at - at > LONGEST_EXTENSION:
        raise Invalid(until=_("最多延长三个月。"))
    clocks.extend_clock(dispute, MEDIATE.code, due_at=due_at, reason=words)
    change(dispute, **shown(dispute))
    note(dispute, by=actor, code="extended", reason=words)
    tell_changed(dispute)
    return dispute


@command
def hold_clocks(actor: Actor, dispute_id: int, *, reason: str) -> Dispute:
    """Hold the clocks while nothing can be done: somebody in hospital, an appraisal made. Raises NotFound, IllegalMove, Invalid."""
    dispute = fetch(Can.MEDIATE, actor, Dispute, dispute_id)
    words = said(reason)
    if dispute.due_at is None:
        raise IllegalMove(_("没有正在计时的时限。"))
    change(dispute, **held_all(dispute, words))
    note(dispute, by=actor, code="clocks_held", reason=words)
    tell_changed(dispute)
    return dispute


@command
def resume_clocks(actor: Actor, dispute_id: int, *, reason: str) -> Dispute:
    """Let held clocks run on. Raises NotFound, IllegalMove, Invalid."""
    dispute = fetch(Can.MEDIATE, actor, Dispute, dispute_id)
    words = said(reason)
    before = dispute.due_at
    change(dispute, **resumed_all(dispute, words))
    if dispute.due_at == before:
        raise IllegalMove(_("没有中止的时限。"))
    note(dispute, by=actor, code="clocks_resumed", reason=words)
    tell_changed(dispute)
    return dispute
