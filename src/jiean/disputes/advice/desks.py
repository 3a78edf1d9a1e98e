"""Which desk fits a dispute: the first of the station's own rules, with its number; a person decides."""

from __future__ import annotations

from dataclasses import dataclass

from jiean.disputes.models import DeskRule, Dispute, Leg, Party
from jiean.disputes.queries import Offers, Story
from jiean.disputes.rules import FALLBACK_DESK
from jiean.people.models import Organisation


@dataclass(frozen=True, slots=True)
class Proposal:
    """A desk, and the rule it comes from; without one it is where everything goes that no rule names."""

    desk: Organisation
    rule: DeskRule | None


def propose_desk(dispute: Dispute, story: Story, among: Offers) -> Proposal | None:
    """The desk the rules name among those offered, passing over those that refused it before; None where the station has no such body."""
    refused = {one.organisation_id for one in story.legs if one.state == Leg.State.REFUSED}
    natures = {str(one.nature) for one in story.parties if one.standing in Party.SIDES}
    desks = {one.pk: one for one in among.desks if one.pk not in refused}
    for rule in among.rules:
        if rule.desk_id in desks and fits(rule, dispute, natures):
            return Proposal(desks[rule.desk_id], rule)
    desk = next((one for one in desks.values() if one.code == FALLBACK_DESK), None)
    return Proposal(desk, None) if desk else None


def fits(rule: DeskRule, dispute: Dispute, natures: set[str]) -> bool:
    """Whether a rule fits: every column that says something agrees."""
    return (
        rule.kind in ("", dispute.kind)
        and _place_fits(rule, dispute)
        and _amount_fits(rule, dispute.amount_yuan)
        and _parties_fit(rule, natures)
    )


def _place_fits(rule: DeskRule, dispute: Dispute) -> bool:
    return rule.community_id is None or (dispute.cell is not None and dispute.cell.community_id == rule.community_id)


def _amount_fits(rule: DeskRule, amount: int | None) -> bool:
    if rule.amount_from is None and rule.amount_below is None:
        return True
    if amount is None:
        return False
    return (rule.amount_from or 0) <= amount and (rule.amount_below is None or amount < rule.amount_below)


def _parties_fit(rule: DeskRule, natures: set[str]) -> bool:
    if rule.parties == DeskRule.Parties.ORGANISATION:
        return Party.Nature.ORGANISATION in natures
    return not rule.parties or (bool(natures) and Party.Nature.ORGANISATION not in natures)
