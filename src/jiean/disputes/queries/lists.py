"""Lists of disputes: by clock, filtered, counted by the same query; what desks are asked; the rules."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from jiean.disputes.access import Can, on_case, own_cases
from jiean.disputes.looks import is_shut
from jiean.disputes.models import DeskRule, Dispute, Kind, Leg
from jiean.disputes.queries.among import AMONG
from jiean.disputes.queries.returns import RUNNING, band_rows, day_span
from jiean.disputes.rules import CLOCKS, PERFORM_CODE
from jiean.engine.masking import mask
from jiean.kernel import clocks
from jiean.kernel.access import holds, reaches_all, visible
from jiean.kernel.actor import Actor, Role
from jiean.kernel.sql import counted_page
from jiean.people.models import Message
from jiean.people.queries import messages
from jiean.vault.models import MatterKind
from jiean.vault.queries import matters_with

PAGE_SIZE = 30
MOST_OWN = 3000
_WIDE = {",": "，", ";": "；", ":": "：", "?": "？", "!": "！", "(": "（", ")": "）"}
_NARROW = re.compile(r"(?<!\d)[,;:?!()]|[,;:?!()](?!\d)")
_BLANKS = re.compile(r"[ \t\u3000]+")
"""A door written with blanks in it is a door all the same."""
_STREET = re.compile(
    r"[\u4e00-\u9fff]{1,3}(?:新村|小区|花园|公寓|大厦|家园|广场|宿舍|[路街弄巷村庄苑坊湾园])(?![口边上下里道灯费队民委])"
)
"""A street or an estate by its last sign; rather a word too many: who is in hiding is found by a street as well as by a door."""
AGES = (dt.timedelta(days=7), dt.timedelta(days=30), dt.timedelta(days=90))
AGE_LABELS = (_("不到 7 天"), _("7 到 30 天"), _("30 到 90 天"), _("90 天以上"))
_CLOCK_WORDS: dict[str, Promise | str] = {rule.code: rule.name for rule in CLOCKS} | {PERFORM_CODE: _("履行协议")}


def clock_words(code: str) -> Promise | str:
    """What a clock is for, in the reader's language."""
    return _CLOCK_WORDS.get(code, code)


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list shows; without states, what is not over."""

    states: tuple[str, ...] = ()
    kind: str = ""
    cell_id: int | None = None
    desk_id: int | None = None
    late: bool = False
    ruling: bool = False
    mine: bool = False
    stray: bool = False
    outcome: str = ""
    words: str = ""
    every: bool = False
    since: dt.date | None = None
    until: dt.date | None = None
    amount: int | None = None
    people: int | None = None
    channel: str = ""
    age: int | None = None
    post_id: int | None = None
    among: str = ""

    @property
    def is_of_live(self) -> bool:
        """Whether all it shows still runs by a clock."""
        return not (self.every or self.among) and set(self.states or Dispute.LIVE) <= set(Dispute.LIVE)

    def rows(self, actor: Actor, among: QuerySet[Dispute] | None = None) -> QuerySet[Dispute]:
        """The disputes the actor may see (``among``, from `seen`, where a page has asked already) and the filter lets through."""
        rows = self._counted(seen(actor) if among is None else among)
        if self.kind in Kind.values:
            rows = rows.filter(kind=self.kind)
        ended = "" if self.outcome == RUNNING else self.outcome or None
        given = {"cell": self.cell_id, "desk": self.desk_id, "outcome": ended, "post_id": self.post_id}
        given["channel"] = self.channel or None
        rows = rows.filter(**{name: value for name, value in given.items() if value is not None})
        rows = rows.filter(due_at__lt=clocks.now()) if self.late else rows
        rows = rows.filter(aged(self.age)) if self.age is not None else rows
        rows = rows.filter(needs_ruling=True) if self.ruling else rows
        rows = rows.filter(mediator_id=actor.account_id) if self.mine else rows
        rows = rows.filter(stray()) if self.stray else rows
        return self._telling(actor, rows) if self.words else rows

    def _counted(self, rows: QuerySet[Dispute]) -> QuerySet[Dispute]:
        """Those of the states wanted, or every one a figure or the return counts; of its days and its bands."""
        if self.among:
            return rows.filter(AMONG[self.among].rows(clocks.now()))
        wanted = ~Q(state=Dispute.State.JOINED) if self.every else Q(state__in=self.states or Dispute.LIVE)
        if self.since is not None and self.until is not None:
            start, end = day_span(self.since, self.until)
            wanted &= Q(registered_at__gte=start, registered_at__lt=end)
        wanted &= band_rows("amount_yuan", self.amount) if self.amount is not None else Q()
        wanted &= band_rows("people_count", self.people) if self.people is not None else Q()
        return rows.filter(wanted)

    def _telling(self, actor: Actor, rows: QuerySet[Dispute]) -> QuerySet[Dispute]:
        """Those of the number, or whose facts hold the words as far as the actor may read them."""
        named = Q(number=self.words.strip().upper())
        if not holds(Can.READ, actor) or actor.role == Role.DISPATCHER:
            return rows.filter(named)
        among = None if reaches_all(Can.READ, actor) else list(
            visible(Can.READ, actor, Dispute).order_by("-pk").values_list("pk", flat=True)[:MOST_OWN])  # fmt: skip
        telling = Q(pk__in=matters_with(actor, MatterKind.DISPUTE, self.words, among=among))
        if actor.role != Role.COMMANDER:  # a word found would tell where somebody is to be safe
            telling &= Q(address_hidden=False) | own_cases(actor)
        return rows.filter(named | telling)


def aged(age: int) -> Q:
    """Disputes of one of the ages of ``AGE_LABELS``, from their registration."""
    at = clocks.now()
    younger = Q(registered_at__lte=at - AGES[age - 1]) if age else Q()
    return younger & (Q(registered_at__gt=at - AGES[age]) if age < len(AGES) else Q())


def stray() -> Q:
    """Disputes nobody would answer for: their desk was closed, or they wait for a receipt that nobody was asked for."""
    waits = Leg.objects.filter(state=Leg.State.SENT).values("dispute_id")
    return Q(desk__active=False) | (Q(state=Dispute.State.DIVERTED) & ~Q(pk__in=waits))


@dataclass(frozen=True, slots=True)
class ListRow:
    """One line of a list."""

    dispute: Dispute
    facts: str
    is_late: bool
    place_shown: bool


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list and how many there are in all."""

    rows: list[ListRow]
    total: int
    page: int
    as_of: dt.datetime


def seen(actor: Actor) -> QuerySet[Dispute]:
    """All the actor may see: read once for a page that asks several questions of it."""
    return visible(Can.SEE, actor, Dispute)


def listed(actor: Actor, chosen: Filter, *, page: int = 1, among: QuerySet[Dispute] | None = None) -> Page:
    """A page of disputes: what is open by its clock, what is over the newest first."""
    at = clocks.now()
    rows, first = chosen.rows(actor, among), (max(page, 1) - 1) * PAGE_SIZE
    if chosen.is_of_live:
        total, ids = counted_page(rows, ("due_at", "id"), first=first, size=PAGE_SIZE)
    else:
        total, newest = rows.count(), rows.order_by("-registered_at", "-id").values_list("pk", flat=True)
        ids = list(newest[first : first + PAGE_SIZE])
    if not ids and total:
        return listed(actor, chosen, among=among)
    return Page(_rows(actor, ids, at), total, max(page, 1), at)


def _rows(actor: Actor, ids: list[int], at: dt.datetime) -> list[ListRow]:
    rows = Dispute.objects.filter(pk__in=ids).select_related("cell", "premises", "desk").defer("cell__boundary")
    found = {row.pk: row for row in rows}
    return [_row(actor, found[pk], at) for pk in ids if pk in found]


def _row(actor: Actor, row: Dispute, at: dt.datetime) -> ListRow:
    shut = is_shut(actor, row) or not reads(actor, row)
    told = "" if shut else facts_for(actor, row)
    return ListRow(row, told, row.due_at is not None and row.due_at < at, place_shown(actor, row))


def place_shown(actor: Actor, row: Dispute) -> bool:
    """Whether the actor is told where: not where an address is kept from everybody who is not on the case (TRUST, section 5)."""
    return not row.address_hidden or on_case(actor, row)


def facts_for(actor: Actor, row: Dispute) -> str:
    """What happened; with streets, doors, names and numbers masked where an address is to be kept from the actor."""
    return row.facts if place_shown(actor, row) else _STREET.sub("〔地名〕", masked_words(_BLANKS.sub("", row.facts)))


def masked_words(words: str) -> str:
    """Words masked, with the full-width marks that masking makes narrow put back; those within numbers stay as they are."""
    return _NARROW.sub(lambda one: _WIDE[one[0]], mask(words))


def reads(actor: Actor, row: Dispute) -> bool:
    """Whether the words of a dispute the actor sees are for it: the dispatcher reads only what still looks for a desk."""
    return actor.role != Role.DISPATCHER or row.state in Dispute.UNACCEPTED


def asked(actor: Actor) -> list[Leg]:
    """What the actor's body is asked to take, the oldest first; the desk sees all that wait."""
    rows = visible(Can.ANSWER_LEG, actor, Leg).filter(state=Leg.State.SENT)
    return list(rows.select_related("organisation", "sender", "dispute").order_by("sent_at", "pk")[:100])


def due_by(actor: Actor, until: dt.datetime, *, limit: int = 20) -> list[Dispute]:
    """The actor's own cases whose clock runs out by then, the first due first."""
    rows = visible(Can.MEDIATE, actor, Dispute).filter(state__in=Dispute.LIVE, due_at__lt=until)
    return list(rows.select_related("cell").defer("cell__boundary").order_by("due_at", "pk")[:limit])


def rules() -> list[DeskRule]:
    """The rules in use, in their order."""
    return list(DeskRule.objects.filter(active=True).select_related("desk", "community"))


def dispute_by_number(actor: Actor, words: str) -> Dispute | None:
    """The dispute of a number, if the actor may see it."""
    return visible(Can.SEE, actor, Dispute).filter(number=words.strip().upper()).only("pk", "number").first()


def reminders(actor: Actor, among: QuerySet[Dispute] | None = None) -> list[tuple[Message, Dispute]]:
    """What the actor was reminded of and has not opened since, with the disputes it is about, the newest first."""
    found = {one.subject_id: one for one in reversed(messages(actor)) if one.subject_kind == "disputes.dispute"}
    if not found:
        return []
    rows = (seen(actor) if among is None else among).filter(pk__in=[pk for pk in found if pk is not None])
    known = {row.pk: row for row in rows.only("pk", "number", "kind", "state", "due_at")}
    return [(one, known[pk]) for pk, one in found.items() if pk in known]
