"""Roles: an administrator gives, the commander confirms, the holder chooses one to act in. Three different people."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from jiean.kernel import clocks
from jiean.kernel.access import admit, allow, demand_proof, fetch, visible
from jiean.kernel.actor import Actor, Role
from jiean.kernel.command import command
from jiean.kernel.errors import Invalid, NotFound
from jiean.kernel.events import announce
from jiean.kernel.workflow import change
from jiean.people.access import Can
from jiean.people.events import RolesChanged
from jiean.people.imports import stand_together
from jiean.people.models import Account, RoleHolding
from jiean.people.queries import in_force


@command
def give_role(actor: Actor, account_id: int, role: Role) -> RoleHolding:
    """Give an account a role. It waits for a second person's yes, save when the system itself gives it at the start.

    Raises NotFound, Forbidden (one's own account), ProveYourself, Invalid (held already, or may not stand beside another role).
    """
    allow(Can.GIVE_ROLES, actor)
    demand_proof(actor)
    account = Account.objects.select_for_update(no_key=True).filter(pk=account_id, is_active=True).first()
    if account is None:
        raise NotFound
    held = {Role(one) for one in RoleHolding.objects.filter(account=account, until=None).values_list("role", flat=True)}
    if role in held:
        raise Invalid(role=_("这个账号已经有这个角色。"))
    if not stand_together(held | {role}):
        raise Invalid(role=_("系统管理员和审计员不能兼任其他角色。"))
    at = clocks.now()
    confirmed_at = at if actor.role == Role.SYSTEM else None
    holding = RoleHolding.objects.create(
        account=account, role=role, since=at, given_by_id=actor.account_id, confirmed_at=confirmed_at
    )
    admit(Can.GIVE_ROLES, actor, holding)
    announce(RolesChanged(account.pk))
    return holding


@command
def confirm_role(actor: Actor, holding_id: int) -> RoleHolding:
    """Say yes to a role somebody else gave to somebody else again. Raises NotFound, ProveYourself, Invalid."""
    demand_proof(actor)
    holding = fetch(Can.CONFIRM_ROLES, actor, RoleHolding, holding_id)
    if holding.confirmed_at or holding.until:
        raise Invalid(_("这个角色不需要再确认。"))
    change(holding, confirmed_by_id=actor.account_id, confirmed_at=clocks.now())
    announce(RolesChanged(holding.account_id))
    return holding


@command
def take_role(actor: Actor, account_id: int, role: Role) -> RoleHolding:
    """End a role as of now; the next request acts without it. Raises NotFound, ProveYourself."""
    holding = visible(Can.GIVE_ROLES, actor, RoleHolding).filter(account=account_id, role=role, until=None).first()
    if holding is None:
        raise NotFound
    demand_proof(actor)
    change(holding, until=clocks.now())
    announce(RolesChanged(account_id))
    return holding


@command
def choose_role(actor: Actor, role: Role) -> Account:
    """Act in another of one's roles; the door keeps it in the session. Raises NotFound for a role not held."""
    held = visible(Can.CHOOSE_ROLE, actor, RoleHolding).filter(
        in_force(clocks.now()), role=role, confirmed_at__isnull=False
    )
    if actor.account_id is None or not held.exists():
        raise NotFound
    account = Account.objects.select_for_update(no_key=True).get(pk=actor.account_id)
    change(account, active_role=role)
    return account
