"""Units as they are now."""

from __future__ import annotations

from typing import Any

from jiean.kernel.actor import Role

POSITION_ROLES = (Role.COMMANDER, Role.DISPATCHER)


def position_snapshot() -> list[Any]:
    """Every on-duty unit's newest position."""
    return []
