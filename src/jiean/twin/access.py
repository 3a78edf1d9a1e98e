"""Who plays what-if: the commanders, and the system that carries it out."""

from __future__ import annotations

from enum import StrEnum

from jiean.kernel.access import everywhere, grant
from jiean.kernel.actor import Role


class Can(StrEnum):
    SEE = "twin.see"
    ASK = "twin.ask"
    CARRY_OUT = "twin.carry_out"


grant(
    {
        Can.SEE: dict.fromkeys((Role.COMMANDER, Role.SYSTEM), everywhere),
        Can.ASK: {Role.COMMANDER: everywhere},
        Can.CARRY_OUT: {Role.SYSTEM: everywhere},
    }
)
