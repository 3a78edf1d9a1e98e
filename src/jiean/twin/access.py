"""Who plays what-if: the commanders, and the system that carries it out. Cells are planned by them, drawn by the administrator."""

from __future__ import annotations

from enum import StrEnum

from jiean.kernel.access import everywhere, grant
from jiean.kernel.actor import Role


class Can(StrEnum):
    SEE = "twin.see"
    ASK = "twin.ask"
    CARRY_OUT = "twin.carry_out"
    SEE_CELLS = "twin.see_cells"
    DRAFT_CELLS = "twin.draft_cells"
    PLAN_CELLS = "twin.plan_cells"
    HAND_OVER_CELLS = "twin.hand_over_cells"


grant(
    {
        Can.SEE: dict.fromkeys((Role.COMMANDER, Role.SYSTEM), everywhere),
        Can.ASK: {Role.COMMANDER: everywhere},
        Can.CARRY_OUT: {Role.SYSTEM: everywhere},
        Can.SEE_CELLS: dict.fromkeys((Role.COMMANDER, Role.ADMIN), everywhere),
        Can.DRAFT_CELLS: dict.fromkeys((Role.COMMANDER, Role.SYSTEM), everywhere),
        Can.PLAN_CELLS: {Role.COMMANDER: everywhere},
        Can.HAND_OVER_CELLS: {Role.ADMIN: everywhere},
    }
)
