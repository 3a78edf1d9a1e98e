"""Who may see the ground and who may redraw it."""

from __future__ import annotations

from enum import StrEnum

from django.db.models import Q

from jiean.kernel.access import everywhere, grant
from jiean.kernel.actor import STAFF_ROLES, Actor, Role


class Can(StrEnum):
    SEE_GROUND = "grid.see_ground"
    DRAW_AREAS = "grid.draw_areas"
    KEEP_PREMISES = "grid.keep_premises"
    KEEP_KEY_POINTS = "grid.keep_key_points"


def own_drafts(actor: Actor) -> Q:
    """The maps the actor brought; nobody confirms another's file unseen."""
    return Q(account_id=actor.account_id)


def premises_of_own_cells(actor: Actor) -> Q:
    """Places within the cells the actor answers for today."""
    return Q(cell_id__in=actor.cell_ids)


grant(
    {
        Can.SEE_GROUND: dict.fromkeys((*STAFF_ROLES, Role.SYSTEM), everywhere),
        Can.DRAW_AREAS: {Role.ADMIN: own_drafts, Role.SYSTEM: everywhere},
        Can.KEEP_PREMISES: {
            Role.COMMANDER: everywhere,
            Role.DISPATCHER: everywhere,
            Role.OFFICER: premises_of_own_cells,
            Role.SYSTEM: everywhere,
        },
        Can.KEEP_KEY_POINTS: {Role.COMMANDER: everywhere, Role.SYSTEM: everywhere},
    }
)
