"""Sixty quarrels of the demo town, each brought by the station's own deeds to where its file says, with the clock set back."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import transaction

from jiean.config.demo import steps
from jiean.config.demo.past import clock_at
from jiean.config.demo.town import DATA
from jiean.disputes import commands
from jiean.disputes.commands import Side, Terms
from jiean.disputes.models import CallBack, Channel, Dispute, HivePost, Kind, Leg, Manner, PaperKind, Party, Ticket, Way
from jiean.grid.models import Cell, Premises
from jiean.kernel import clocks
from jiean.kernel.actor import Actor, Role
from jiean.people.commands import change_account
from jiean.people.models import Account, Organisation
from jiean.people.queries import actor_of

SYSTEM = Actor.system()
STAFF_SINCE = dt.timedelta(days=150)
BODIES = {
    "tiaojie": "mediation",
    "med2": "mediation",
    "med3": "mediation",
    "med4": "labour",
    "med5": "justice",
    "med6": "housing",
}
DAYS_AGO = {
    "CLOSED": 50.0, "FOLLOW_UP": 22.0, "REFERRED": 20.0, "WITHDRAWN": 15.0, "FAILED": 5.0, "REJECTED": 12.0,
    "MEDIATING": 9.0, "SETTLED": 8.0, "ACCEPTED": 4.0, "RULING": 2.0, "DIVERTED": 0.6, "JOINED": 0.4, "REGISTERED": 0.3,
}  # fmt: skip
"""When the first word of a dispute came, by how far it has come since."""
ACCEPTED = ("ACCEPTED", "MEDIATING", "SETTLED", "FAILED", "FOLLOW_UP", "CLOSED", "WITHDRAWN", "REFERRED")
TALKED = ("MEDIATING", "SETTLED", "FAILED", "FOLLOW_UP", "CLOSED", "REFERRED")
SETTLED = ("SETTLED", "FOLLOW_UP", "CLOSED")
THIS_WEEK = ("ACCEPTED", "MEDIATING")
"""What is met about this week is the sample mediator's, whose calendar is the one that is looked at."""
TOO_YOUNG = "the staff of this older demonstration came after its quarrels: --reset"
PERFORMANCE = "当面或者转账，一次付清；没有钱款的按约定做到。"


@dataclass(frozen=True, slots=True)
class Quarrel:
    """One line of the file."""

    kind: str
    at: str
    yuan: int | None
    applicant: str
    respondent: str
    organisation: bool
    desk: str
    reaches: str
    facts: str
    words: str


@cache
def quarrels() -> tuple[Quarrel, ...]:
    """The file's lines."""
    lines = (DATA / "disputes.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(Quarrel(**json.loads(line)) for line in lines)


def take_staff_long_ago() -> str:
    """The staff of the town, in service since before its oldest quarrel; mediators work for the desks."""
    with clock_at(clocks.now() - STAFF_SINCE):
        told = steps.take_staff()
    desks = dict(Organisation.objects.values_list("code", "pk"))
    for account in Account.objects.filter(username__in=BODIES, organisation=None):
        body = desks[BODIES[account.username]]
        change_account(SYSTEM, account.pk, name=account.name, phone=account.phone, organisation_id=body)
    return told


def live_the_quarrels() -> str:
    """Bring every quarrel of the file to where it stands; an interrupted loading goes on where it stopped."""
    told = Dispute.objects.filter(channel__in=(Channel.DESK, Channel.PHONE)).count()
    if told < len(quarrels()):
        people = people_of_the_table()
        if not people:
            return f"{Dispute.objects.count()} disputes; {TOO_YOUNG}"
        for number, quarrel in list(enumerate(quarrels()))[told:]:
            with transaction.atomic():
                Life(number, quarrel, people).live()
    _tend_to_incidents()
    return f"{Dispute.objects.count()} disputes"


def _tend_to_incidents() -> None:
    """What the past week's crews handed over was taken by the committee within hours; its mediators have yet to be named."""
    body = Organisation.objects.get(code="mediation").pk
    left = Dispute.objects.filter(channel=Channel.INCIDENT, state=Dispute.State.REGISTERED)
    for row in left.filter(registered_at__lt=clocks.now() - dt.timedelta(hours=20)):
        with transaction.atomic(), clock_at(row.registered_at + dt.timedelta(hours=2)):
            leg = commands.divert_dispute(SYSTEM, row.pk, body)
            commands.answer_leg(SYSTEM, leg.pk, state=Leg.State.ACCEPTED)


def people_of_the_table() -> dict[str, Actor]:
    """Who acts: the sample dispatcher, the sample officer, the mediators, by username; nobody where one of them came after the quarrels."""
    wanted = {"diaodu": Role.DISPATCHER, "minjing": Role.OFFICER} | dict.fromkeys(BODIES, Role.MEDIATOR)
    known = dict(Account.objects.filter(username__in=wanted).values_list("username", "pk"))
    with clock_at(clocks.now() - STAFF_SINCE / 2):
        found = {username: actor_of(known[username], role) for username, role in wanted.items() if username in known}
    served = {username: actor for username, actor in found.items() if actor is not None}
    return served if len(served) == len(wanted) else {}


class Life:
    """One quarrel, lived step by step; each step has its own moment."""

    def __init__(self, number: int, quarrel: Quarrel, people: dict[str, Actor]) -> None:
        self.quarrel = quarrel
        self.number = number
        self.people = people
        self.at = clocks.now() - dt.timedelta(
            days=DAYS_AGO[quarrel.reaches] * (1 + number % 5 / 20), minutes=7 * number
        )
        self.desk = people["diaodu"]
        self.is_police = quarrel.desk == "police" and quarrel.kind == "injury" and quarrel.reaches in ACCEPTED
        self.pace = (6 + number * 7 % 11) / 10
        committee = [name for name, body in BODIES.items() if body == quarrel.desk] or ["tiaojie", "med2", "med3"]
        turn = 0 if quarrel.reaches in THIS_WEEK else number % len(committee)
        self.mediator = people["minjing"] if self.is_police else people[committee[turn]]

    def live(self) -> None:
        """From the first word to where the file says."""
        self.row = self._then(0, self._register)
        for act in self._acts():
            act()

    def _then(self, hours: float, deed: Callable[[], Any]) -> Any:
        self.at += dt.timedelta(hours=hours)
        with clock_at(self.at):
            return deed()

    def _acts(self) -> Iterator[Callable[[], Any]]:
        reaches = self.quarrel.reaches
        alone: dict[str, Callable[[], Any]] = {
            "RULING": self._refused,
            "DIVERTED": self._sent,
            "JOINED": self._joined,
            "REJECTED": self._rejected,
        }
        if reaches in alone:
            yield alone[reaches]
        if reaches in ACCEPTED:
            yield self._accepted
        for act, states in ((self._talked, TALKED), (self._settled, SETTLED)):
            if reaches in states:
                yield act
        ends: dict[str, Callable[[], Any]] = {
            "FAILED": self._failed,
            "WITHDRAWN": self._withdrawn,
            "REFERRED": self._referred,
        }
        if reaches in ends:
            yield ends[reaches]
        for call in range({"FOLLOW_UP": 1, "CLOSED": 2}.get(reaches, 0)):
            yield lambda call=call: self._called(call)  # type: ignore[misc]
        if reaches == "CLOSED":
            yield lambda: self._then(1, lambda: commands.close_dispute(self.mediator, self.row.pk))

    def _register(self) -> Dispute:
        told = self.quarrel
        nature = Party.Nature.ORGANISATION if told.organisation else Party.Nature.PERSON
        cells = Cell.objects.order_by("code").values_list("pk", flat=True)
        place = Premises.objects.filter(code=told.at).values_list("pk", flat=True).first()
        ticket = self._ticket()
        cell_id = ticket.post.premises.cell_id if ticket else cells[self.number * 37 % len(cells)]
        return commands.register_dispute(
            self.desk, kind=Kind(told.kind), facts=told.facts, amount_yuan=told.yuan, people_count=2 + self.number % 3,
            premises_id=None if ticket else place, cell_id=None if place and not ticket else cell_id,
            channel=Channel.DESK if self.number % 2 else Channel.PHONE, ticket_id=ticket.pk if ticket else None,
            sides=(
                Side(Party.Standing.APPLICANT, name=told.applicant, phone=f"139{20_000_000 + self.number:08d}"),
                Side(Party.Standing.RESPONDENT, nature, told.respondent, f"139{30_000_000 + self.number:08d}"),
            ),
        )  # fmt: skip

    def _ticket(self) -> Ticket | None:
        """Every third quarrel was told at a hive post, of a number called there, where one was open by then."""
        day = clocks.local_day(self.at)
        there = list(HivePost.objects.filter(open_since__lte=day).order_by("pk")) if self.number % 3 == 0 else []
        if not there:
            return None
        post = there[self.number % len(there)]
        commands.take_ticket(self.desk, post.pk, "mediation")
        return commands.call_next(self.desk, post.pk)

    def _body(self, code: str) -> int:
        return Organisation.objects.get(code=code).pk

    def _sent(self) -> Leg:
        send = commands.divert_dispute
        return self._then(2, lambda: send(self.desk, self.row.pk, self._body(self.quarrel.desk)))  # type: ignore[no-any-return]

    def _refused(self) -> None:
        for code in (self.quarrel.desk, "market"):
            self._refused_by(code)

    def _refused_by(self, code: str) -> None:
        leg = self._then(3, lambda: commands.divert_dispute(self.desk, self.row.pk, self._body(code)))
        said: dict[str, Any] = {"state": Leg.State.REFUSED, "reply": self.quarrel.words}
        self._then(4, lambda: commands.answer_leg(self.desk, leg.pk, **said))

    def _joined(self) -> None:
        lead = (
            Dispute.objects.filter(kind=self.row.kind, state=Dispute.State.REGISTERED).exclude(pk=self.row.pk).first()
        )
        others = Dispute.objects.filter(state=Dispute.State.ACCEPTED)
        lead = lead or others.filter(kind=self.row.kind).first() or others.first()
        if lead is not None:
            self._then(1, lambda: commands.join_disputes(self.desk, lead.pk, [self.row.pk]))

    def _rejected(self) -> None:
        self._then(5, lambda: commands.reject_dispute(self.desk, self.row.pk, reason=self.quarrel.words))

    def _accepted(self) -> None:
        if self.quarrel.desk == "police":
            self._then(1, lambda: commands.take_dispute(self.desk, self.row.pk))
        else:
            leg = self._sent()
            self._then(3, lambda: commands.answer_leg(self.desk, leg.pk, state=Leg.State.ACCEPTED))
        if self.is_police:
            given: dict[str, Any] = {"manner": Manner.POLICE, "ground": "assault", "none_excludes": True}
            self._then(0.2, lambda: commands.set_manner(self.desk, self.row.pk, **given))
        account_id = self.mediator.account_id or 0
        self._then(1, lambda: commands.assign_mediator(self.desk, self.row.pk, account_id))

    def _talked(self) -> None:
        self._then(20 * self.pace, lambda: commands.begin_mediation(self.mediator, self.row.pk, agreed=True))
        note = "双方各说了经过，分歧在金额和先后；约好再谈一次。"
        self._then(
            2,
            lambda: commands.record_talk(
                self.mediator, self.row.pk, at=self.at, note_words=note, place_words="蜂巢站点调解室"
            ),
        )

    def _settled(self) -> None:
        terms = Terms(
            self.quarrel.facts, "双方对经过没有争议，按各自的过错分担。", self.quarrel.words, PERFORMANCE,
            clocks.local_day(self.at) + dt.timedelta(days=40 if self.quarrel.reaches == "FOLLOW_UP" else 15), oral=self.number % 7 == 3,
        )  # fmt: skip
        self._then(22 * self.pace, lambda: commands.settle_dispute(self.mediator, self.row.pk, terms))
        self._paper(PaperKind.ORAL if terms.oral else PaperKind.AGREEMENT)

    def _failed(self) -> None:
        self._then(30 * self.pace, lambda: commands.fail_dispute(self.mediator, self.row.pk, reason=self.quarrel.words))
        self._paper(PaperKind.FAILURE)

    def _paper(self, kind: PaperKind) -> None:
        self._then(1, lambda: commands.issue_paper(self.mediator, self.row.pk, kind))

    def _withdrawn(self) -> None:
        self._then(30, lambda: commands.withdraw_dispute(self.desk, self.row.pk, reason=self.quarrel.words))

    def _referred(self) -> None:
        way, reason = Way(self.quarrel.words), "双方谈不拢，已告知去哪里、带什么。"
        self._then(30, lambda: commands.refer_dispute(self.desk, self.row.pk, way=way, reason=reason))

    def _called(self, call: int) -> None:
        kept = CallBack.Kept.NOT_YET if self.quarrel.reaches == "FOLLOW_UP" else CallBack.Kept.WHOLE
        satisfied = None if kept == CallBack.Kept.NOT_YET else self.number % 6 != 0
        said: dict[str, Any] = {"kept": kept, "satisfied": satisfied, "words": "电话回访，双方都接了。"}
        hours = (7, 23)[call] * 24.0
        self._then(hours, lambda: commands.call_back(self.mediator, self.row.pk, **said))
