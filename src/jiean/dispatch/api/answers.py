"""How dispatch answers programs: frozen values straight to JSON."""

from __future__ import annotations

from typing import Any

import orjson
from django.db.models import Model
from django.http import HttpResponse


def answer(value: Any, status: int = 200) -> HttpResponse:
    """A value of dataclasses, lists and plain types as JSON."""
    return HttpResponse(orjson.dumps(value), status=status, content_type="application/json")


def changed(row: Model, **more: Any) -> HttpResponse:
    """What a deed answers: the row's id, version and state."""
    state = {name: getattr(row, name) for name in ("version", "state", "number") if hasattr(row, name)}
    return answer({"id": row.pk, **state, **more})
