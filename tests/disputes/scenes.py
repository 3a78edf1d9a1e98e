"""Disputes the tests begin with, brought by commands to where a test needs them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from jiean.disputes import commands
from jiean.disputes.commands import Side, Terms
from jiean.disputes.models import Dispute, Kind, Leg, Party
from jiean.kernel import clocks
from jiean.kernel.actor import Actor, Role
from jiean.people.commands import change_account
from jiean.people.models import Organisation
from tests.town import SYSTEM, Town, proved

FACTS = "楼上装修把楼下的天花板泡了，要赔两万，两家谈不拢"
APPLICANT = Side(Party.Standing.APPLICANT, name="甘泉生", phone="13911112222", address="新街路 8 号 201")
RESPONDENT = Side(Party.Standing.RESPONDENT, name="穆晚晴", phone="13933334444")


def body(code: str) -> Organisation:
    """One of the eight desks."""
    kind = "police" if code == "police" else "destination"
    return Organisation.objects.get_or_create(code=code, defaults={"name": code, "kind": kind})[0]


def works_for(town: Town, username: str, code: str) -> Actor:
    """A named person made to work for a desk, as they act from then on."""
    account = town.accounts[username]
    change_account(SYSTEM, account.pk, name=account.name, organisation_id=body(code).pk)
    return town.actor(username)


def terms(**changes: Any) -> Terms:
    """An agreement with everything in it that the law asks for."""
    day = clocks.local_day(clocks.now()) + dt.timedelta(days=10)
    whole = Terms(
        "楼上漏水泡了楼下天花板，修缮费谈不拢", "楼上装修不当，负主要责任", "楼上赔楼下八千元", "转账一次付清", day
    )
    return replace(whole, **changes)


def registered(actor: Actor, **more: Any) -> Dispute:
    """The first word, with both sides."""
    given: dict[str, Any] = {"kind": Kind.NEIGHBOURS, "facts": FACTS, "sides": (APPLICANT, RESPONDENT)}
    return commands.register_dispute(actor, **given | more)


@dataclass
class Case:
    """One dispute and who moves it."""

    town: Town
    mediator: Actor
    row: Dispute

    @property
    def now(self) -> Dispute:
        """The row as it stands."""
        self.row.refresh_from_db()
        return self.row

    def party(self, standing: Party.Standing = Party.Standing.APPLICANT) -> Party:
        return self.row.parties.get(standing=standing)

    def sent(self, code: str = "mediation") -> Leg:
        return commands.divert_dispute(self.town.dispatcher, self.row.pk, body(code).pk)

    def accepted(self, code: str = "mediation") -> Case:
        commands.answer_leg(self.town.dispatcher, self.sent(code).pk, state=Leg.State.ACCEPTED)
        commands.assign_mediator(self.town.dispatcher, self.row.pk, self.mediator.account_id or 0)
        return self

    def begun(self) -> Case:
        self.accepted()
        commands.begin_mediation(self.mediator, self.row.pk, agreed=True)
        return self

    def settled(self) -> Case:
        self.begun()
        commands.settle_dispute(self.mediator, self.row.pk, terms())
        return self

    def closed(self) -> Case:
        self.settled()
        for _call in range(2):
            commands.call_back(self.mediator, self.row.pk, kept="whole", satisfied=True)  # type: ignore[arg-type]
        commands.close_dispute(self.mediator, self.row.pk)
        return self


def case(town: Town, **more: Any) -> Case:
    """A dispute just registered by the dispatcher, and a mediator of the committee."""
    mediator = works_for(town, "zhouping", "mediation")
    return Case(town, proved(mediator), registered(town.dispatcher, **more))


__all__ = ["APPLICANT", "FACTS", "RESPONDENT", "Case", "Role", "body", "case", "registered", "terms", "works_for"]
