"""Who may see the staff, and who may change accounts, roles and duties."""

from __future__ import annotations

from enum import StrEnum

from django.db.models import Q

from jiean.kernel.access import everywhere, grant
from jiean.kernel.actor import PERSONAL_ROLES, STAFF_ROLES, Actor, Role


class Can(StrEnum):
    SEE_STAFF = "people.see_staff"
    KEEP_ACCOUNTS = "people.keep_accounts"
    LIFT_FACTORS = "people.lift_factors"
    GIVE_ROLES = "people.give_roles"
    CONFIRM_ROLES = "people.confirm_roles"
    CHOOSE_ROLE = "people.choose_role"
    ARRANGE_DUTIES = "people.arrange_duties"
    HAND_OVER = "people.hand_over"
    IMPORT_STAFF = "people.import_staff"
    SEND_MESSAGE = "people.send_message"
    READ_MESSAGES = "people.read_messages"
    END_SITTINGS = "people.end_sittings"
    KEEP_ORGANISATIONS = "people.keep_organisations"


def own_holdings(actor: Actor) -> Q:
    """The roles the actor's own account holds."""
    return Q(account_id=actor.account_id)


def others(actor: Actor) -> Q:
    """Every account but the actor's own."""
    return ~Q(pk=actor.account_id)


def others_holdings(actor: Actor) -> Q:
    """Roles of other accounts: nobody gives, takes or confirms a role of their own."""
    return ~Q(account_id=actor.account_id)


def holdings_to_confirm(actor: Actor) -> Q:
    """Roles of other accounts, given by somebody else again: three people for one role."""
    return others_holdings(actor) & ~Q(given_by_id=actor.account_id)


def own_messages(actor: Actor) -> Q:
    """Messages to the actor's account."""
    return Q(account_id=actor.account_id)


def own_sittings(actor: Actor) -> Q:
    """Sessions of the actor's account."""
    return Q(account_id=actor.account_id)


def own_duties(actor: Actor) -> Q:
    """Duties of the actor's account."""
    return Q(account_id=actor.account_id)


def own_drafts(actor: Actor) -> Q:
    """The tables the actor brought."""
    return Q(account_id=actor.account_id)


grant(
    {
        Can.SEE_STAFF: dict.fromkeys((*STAFF_ROLES, Role.SYSTEM), everywhere),
        Can.KEEP_ACCOUNTS: {Role.ADMIN: everywhere, Role.SYSTEM: everywhere},
        # Never who issues passwords: the two together are another's account.
        Can.LIFT_FACTORS: {Role.COMMANDER: others, Role.SYSTEM: everywhere},
        Can.GIVE_ROLES: {Role.ADMIN: others_holdings, Role.SYSTEM: everywhere},
        Can.CONFIRM_ROLES: {Role.COMMANDER: holdings_to_confirm, Role.SYSTEM: everywhere},
        Can.CHOOSE_ROLE: dict.fromkeys((*PERSONAL_ROLES, Role.PUBLIC), own_holdings),
        Can.ARRANGE_DUTIES: {Role.COMMANDER: everywhere, Role.SYSTEM: everywhere},
        Can.HAND_OVER: {
            Role.COMMANDER: everywhere,
            Role.OFFICER: own_duties,
            Role.SOCIAL_WORKER: own_duties,
            Role.SYSTEM: everywhere,
        },
        Can.IMPORT_STAFF: {Role.ADMIN: own_drafts, Role.SYSTEM: everywhere},
        Can.SEND_MESSAGE: {Role.SYSTEM: everywhere, Role.COMMANDER: everywhere, Role.DISPATCHER: everywhere},
        Can.READ_MESSAGES: dict.fromkeys(PERSONAL_ROLES, own_messages),
        Can.END_SITTINGS: dict.fromkeys(PERSONAL_ROLES, own_sittings),
        Can.KEEP_ORGANISATIONS: {Role.ADMIN: everywhere, Role.SYSTEM: everywhere},
    }
)
