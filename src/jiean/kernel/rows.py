"""New rows, the quick way: what a model's ``save`` would insert, by a statement made once a model instead of once a row."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.fields import NOT_PROVIDED


@dataclass(frozen=True, slots=True)
class _Plan:
    """How rows of one model are inserted: the columns we fill, the statement's two halves, and whether the id is ours."""

    head: str
    places: str
    fields: tuple[models.Field[Any, Any], ...]

    def values(self, row: models.Model, through: BaseDatabaseWrapper) -> list[Any]:
        return [field.get_db_prep_save(field.pre_save(row, add=True), through) for field in self.fields]


Change = tuple[str, Sequence[Any]]
"""A statement that changes rows and answers with a column ``id``, and its parameters."""


def insert(rows: Sequence[models.Model]) -> None:
    """Insert new rows of one model in one statement and give them their ids.

    Rows go as ``save(force_insert=True)`` would write them; columns the database fills (defaults, identity) are left to it,
    and no signals are sent. All rows of a call have their id set, or none has. Raises what the database refuses.
    """
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(*insertion(rows))
        for row, (row_id,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = row_id
            row._state.adding, row._state.db = False, connection.alias


def insertion(rows: Sequence[models.Model]) -> Change:
    """The statement that inserts new rows of one model, at least one."""
    plan = _plan(type(rows[0]), rows[0].pk is not None)
    statement = plan.head + ", ".join([plan.places] * len(rows)) + " RETURNING id"
    through = connections[DEFAULT_DB_ALIAS]  # itself: the proxy would be asked twice a column
    return statement, [value for row in rows for value in plan.values(row, through)]


def together(changes: Mapping[str, Change]) -> dict[str, list[int]]:
    """Several changes as one statement, so one way to the server and back; the ids each of them answers with, by name."""
    if not changes:
        return {}
    whole = ", ".join(f"{name} AS ({statement})" for name, (statement, _) in changes.items())
    told = " UNION ALL ".join(f"SELECT '{name}', id FROM {name}" for name in changes)
    ids: dict[str, list[int]] = {name: [] for name in changes}
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {whole} {told}", [value for _, given in changes.values() for value in given])
        for name, row_id in cursor.fetchall():
            ids[name].append(row_id)
    return ids


@functools.cache
def _plan(model: type[models.Model], with_id: bool) -> _Plan:
    ours = tuple(
        field
        for field in model._meta.concrete_fields
        if field.db_default is NOT_PROVIDED and not field.generated and (with_id or not field.primary_key)
    )
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in ours)
    places = ", ".join(map(_place, ours))
    return _Plan(f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ", f"({places})", ours)


def _place(field: models.Field[Any, Any]) -> str:
    """Where the value stands: fields like arrays name their type."""
    own = getattr(field, "get_placeholder", None)
    return str(own(None, None, connection)) if own else "%s"
