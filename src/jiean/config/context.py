"""What every page's shell needs to know: the station's name, the actor, whether this is a demonstration."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from jiean.kernel.http import actor_of


def house(request: HttpRequest) -> dict[str, Any]:
    """Template variables ``station_name``, ``actor``, ``is_demo``."""
    return {"station_name": settings.STATION_NAME, "actor": actor_of(request), "is_demo": settings.DEMO}
