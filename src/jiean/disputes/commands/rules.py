"""The station's own rules of which desk takes what."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from jiean.disputes.access import Can
from jiean.disputes.commands.desks import desk_of
from jiean.disputes.models import DeskRule, Kind
from jiean.kernel.access import admit, fetch
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.errors import Invalid
from jiean.kernel.workflow import change


@command
def add_rule(
    actor: Actor,
    *,
    organisation_id: int,
    place: int,
    kind: str = "",
    community_id: int | None = None,
    amount_from: int | None = None,
    amount_below: int | None = None,
    parties: str = "",
) -> DeskRule:
    """Add a rule at a place in the order. Raises Forbidden, Invalid."""
    if kind and kind not in Kind.values:
        raise Invalid(kind=_("请选择类型。"))
    if parties not in DeskRule.Parties.values:
        raise Invalid(parties=_("请选择当事人。"))
    if amount_from is not None and amount_below is not None and amount_from >= amount_below:
        raise Invalid(amount_below=_("上限要大于下限。"))
    row = DeskRule.objects.create(
        desk=desk_of(organisation_id), place=place, kind=kind, community_id=community_id, amount_from=amount_from,
        amount_below=amount_below, parties=parties,
    )  # fmt: skip
    return admit(Can.KEEP_RULES, actor, row)


@command
def drop_rule(actor: Actor, rule_id: int, *, version: int | None = None) -> DeskRule:
    """Take a rule out of use; what it sent stays as it is. Raises NotFound, Conflict."""
    rule = fetch(Can.KEEP_RULES, actor, DeskRule, rule_id, version=version)
    change(rule, active=False)
    return rule
