"""New rows, the quick way: what a model's ``save`` would insert, with its columns looked up once a model instead of once a row."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.fields import NOT_PROVIDED


@dataclass(frozen=True, slots=True)
class _Column:
    """A column we fill. Of a value of the ``plain`` type its field only makes a ``made``, or nothing: then it is not asked."""

    field: models.Field[Any, Any]
    quoted: str
    place: str
    plain: type | None
    made: Callable[[Any], Any] | None

    def value(self, row: models.Model, through: BaseDatabaseWrapper) -> Any:
        if self.plain is not None:
            value = getattr(row, self.field.attname)
            if value is None:
                return None
            if type(value) is self.plain:
                return self.made(value) if self.made else value
        return self.field.get_db_prep_save(self.field.pre_save(row, add=True), through)


_PLAIN: tuple[tuple[type[models.Field[Any, Any]], type], ...] = (
    (models.BooleanField, bool),
    (models.IntegerField, int),
    (models.FloatField, float),
    (models.CharField, str),
    (models.TextField, str),
)

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
    """The statement that inserts new rows of one model, at least one. Columns nobody has a value for are left out: fewer to send."""
    columns = _columns(type(rows[0]), rows[0].pk is not None)
    through = connections[DEFAULT_DB_ALIAS]  # itself: the proxy would be asked twice a column
    values = [[column.value(row, through) for column in columns] for row in rows]
    told = [n for n, given in enumerate(zip(*values, strict=True)) if given.count(None) < len(rows)]
    names, places = ", ".join([columns[n].quoted for n in told]), ", ".join([columns[n].place for n in told])
    table = connection.ops.quote_name(rows[0]._meta.db_table)
    statement = f"INSERT INTO {table} ({names}) VALUES {', '.join([f'({places})'] * len(rows))} RETURNING id"
    return statement, [given[n] for given in values for n in told]


def listed(table: str, columns: Mapping[str, str], values: Sequence[Any]) -> Change:
    """The statement that inserts values in their order, all sent as one parameter: what has a column's name goes there.

    ``columns`` gives each column's type; ``values`` are dataclasses or mappings that JSON can hold.
    """
    names, types = ", ".join(columns), ", ".join(f"{name} {kind}" for name, kind in columns.items())
    rows = f"ROWS FROM (jsonb_to_recordset(%s::jsonb) AS ({types})) WITH ORDINALITY AS told ({names}, place)"
    statement = f"INSERT INTO {table} ({names}) SELECT {names} FROM {rows} ORDER BY place RETURNING id"
    return statement, [orjson.dumps(values).decode()]


def stored(row: models.Model) -> Change:
    """The statement that inserts a row whose id is known, for whoever sends it with others; the row counts as stored from now on."""
    row._state.adding, row._state.db = False, connection.alias
    return insertion([row])


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
def _columns(model: type[models.Model], with_id: bool) -> tuple[_Column, ...]:
    """The columns we fill; the others are the database's."""
    return tuple(
        _column(field)
        for field in model._meta.concrete_fields
        if field.db_default is NOT_PROVIDED and not field.generated and (with_id or not field.primary_key)
    )


def _column(field: models.Field[Any, Any]) -> _Column:
    """Django's own plain fields are tried once on a value; what they make of it (numbers get the width of their column) tells the rest."""
    end = field.target_field if isinstance(field, models.ForeignKey) else field
    plain = next((plain for kind, plain in _PLAIN if isinstance(end, kind)), None)
    if plain is None or not all(type(one).__module__.startswith("django.") for one in (field, end)):
        return _Column(field, _quoted(field), _place(field), None, None)
    made = type(field.get_db_prep_save(plain(1), connections[DEFAULT_DB_ALIAS]))
    return _Column(field, _quoted(field), _place(field), plain, None if made is plain else made)


def _quoted(field: models.Field[Any, Any]) -> str:
    return str(connection.ops.quote_name(str(field.column)))


def _place(field: models.Field[Any, Any]) -> str:
    """Where the value stands: fields like arrays name their type."""
    own = getattr(field, "get_placeholder", None)
    return str(own(None, None, connection)) if own else "%s"
