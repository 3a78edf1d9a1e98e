"""Permissions: one scope filters lists, locks single rows and judges new ones, so the three cannot drift apart.

A room calls ``grant`` once, at import, with its table of permissions. A scope maps an actor to a ``Q`` over the rows of the
permission's model. What a role may do is code, reviewed and printed by ``jiean grants``; who holds a role is data, in ``people``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from enum import StrEnum
from typing import TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model, Q, QuerySet

from jiean.kernel import clocks
from jiean.kernel.actor import Actor, Role
from jiean.kernel.errors import Conflict, Forbidden, NotFound, ProveYourself

Scope = Callable[[Actor], Q]
Row = TypeVar("Row", bound=Model)

PROOF_LASTS = dt.timedelta(minutes=5)
"""How long a second factor counts before it is asked for again (TRUST, section 6)."""
PURPOSE_KEY = "purpose"
"""Where a session keeps what its actor said to be looking for, and when: a pair."""

_GRANTS: dict[StrEnum, dict[Role, Scope]] = {}
_NOTHING = Q(pk__in=())

leave_asked: ContextVar[list[str] | None] = ContextVar("leave_asked", default=None)
"""The permissions asked for by the running command; ``None`` outside commands."""


def everywhere(actor: Actor) -> Q:
    """Every row of the station."""
    return Q()


def nowhere(actor: Actor) -> Q:
    """No row at all."""
    return _NOTHING


def grant(table: Mapping[StrEnum, Mapping[Role, Scope]]) -> None:
    """Register a room's permissions. Raises ValueError when one is granted twice."""
    for can, scopes in table.items():
        if can in _GRANTS:
            raise ValueError(f"{can} is granted twice")
        _GRANTS[can] = dict(scopes)


def grants() -> Mapping[StrEnum, Mapping[Role, Scope]]:
    """Every permission and who holds it, as registered by the rooms."""
    return _GRANTS


def holds(can: StrEnum, actor: Actor) -> bool:
    """Whether the actor's role has the permission over some rows at least; pages use it to show or hide a button."""
    return actor.role in _GRANTS[can]


def reaches_all(can: StrEnum, actor: Actor) -> bool:
    """Whether the actor's scope is every row of the station: such a reader may be answered from an index of all rows."""
    return _GRANTS[can].get(actor.role) is everywhere


def allow(can: StrEnum, actor: Actor) -> None:
    """Ask leave for a deed that touches no particular row. Raises Forbidden."""
    _note(can)
    if not holds(can, actor):
        raise Forbidden


def has_proved(actor: Actor) -> bool:
    """Whether the actor showed the second factor within ``PROOF_LASTS``; the system itself has nothing to show."""
    if actor.role == Role.SYSTEM:
        return True
    return actor.proved_at is not None and dt.timedelta() <= clocks.now() - actor.proved_at < PROOF_LASTS


def demand_proof(actor: Actor) -> None:
    """Ask for a fresh second factor before a change of roles, an export, a deletion. Raises ProveYourself."""
    if not has_proved(actor):
        raise ProveYourself


def visible(can: StrEnum, actor: Actor, model: type[Row]) -> QuerySet[Row]:
    """The rows of ``model`` the actor may reach under ``can``; empty for a role without it."""
    _note(can)
    return model._default_manager.filter(_scope(can, actor))


def fetch(
    can: StrEnum, actor: Actor, model: type[Row], pk: object, *, version: int | None = None, lock: bool = True
) -> Row:
    """One row, locked FOR NO KEY UPDATE unless ``lock`` is false.

    Raises NotFound for a stranger, and Conflict (with the row as it stands) when ``version`` is not the row's own.
    """
    rows = visible(can, actor, model)
    if lock:
        rows = rows.select_for_update(no_key=True, of=("self",))
    try:
        row = rows.get(pk=pk)
    except (ObjectDoesNotExist, ValueError, TypeError, OverflowError):
        raise NotFound from None
    if version is not None and getattr(row, "version", version) != version:
        raise Conflict(current=row)
    return row


def admit(can: StrEnum, actor: Actor, row: Row) -> Row:
    """Judge a row just written by the same scope that lists use. Raises Forbidden; the transaction takes the row back."""
    _note(can)
    scope = _scope(can, actor)
    if scope and not type(row)._default_manager.filter(scope, pk=row.pk).exists():
        raise Forbidden
    return row


def _scope(can: StrEnum, actor: Actor) -> Q:
    scope = _GRANTS[can].get(actor.role)
    return scope(actor) if scope is not None else _NOTHING


def _note(can: StrEnum) -> None:
    asked = leave_asked.get()
    if asked is not None:
        asked.append(can.value)
