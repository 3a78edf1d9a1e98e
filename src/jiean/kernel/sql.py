"""Hot statements kept as files: ``sql/<name>.sql`` beside the queries that use them, answered as frozen dataclasses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

Row = TypeVar("Row")


def load(beside: str, name: str, row: type[Row]) -> Callable[..., list[Row]]:
    """Read ``sql/<name>.sql`` next to the module ``beside`` (its ``__file__``) and return a function of its named parameters.

    The statement's columns must be the fields of the dataclass ``row``, in order; the first call checks it.
    """
    statement = (Path(beside).parent / "sql" / f"{name}.sql").read_text(encoding="utf-8")
    wanted = [field.name for field in fields(row)]  # type: ignore[arg-type]

    def run(**parameters: Any) -> list[Row]:
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            found = [column[0] for column in cursor.description]
            if found != wanted:
                raise TypeError(f"{name}.sql answers {found}, {row.__name__} wants {wanted}")
            return [row(*values) for values in cursor.fetchall()]

    return run


def counted_page(among: QuerySet[Any], order: Sequence[str], *, first: int, size: int) -> tuple[int, list[int]]:
    """How many rows a query set chooses, and the ids of one page of them in the order of its own columns.

    One statement, one picture of the data: the query is compiled once, and the count can never contradict the page. A page in
    the second half is reached from the end, so that the last costs no more than the first.
    """
    try:
        chosen, given = among.order_by().values_list("pk").query.sql_with_params()
    except EmptyResultSet:
        return 0, []
    table = connection.ops.quote_name(among.model._meta.db_table)
    columns = [f"{table}.{connection.ops.quote_name(name)}" for name in order]
    back = [f"{column} DESC" for column in columns]
    statement = f"""SELECT total, CASE WHEN %s <= total
        THEN ARRAY({chosen} ORDER BY {", ".join(columns)} LIMIT %s OFFSET %s)
        ELSE ARRAY({chosen} ORDER BY {", ".join(back)}
                   LIMIT greatest(least(%s, total - %s), 0) OFFSET greatest(total - %s, 0)) END
        FROM (SELECT count(*) AS total FROM ({chosen}) AS chosen) AS counted"""
    bounds = (*given, size, first, *given, size, first, first + size, *given)
    with connection.cursor() as cursor:
        cursor.execute(statement, (2 * first, *bounds))
        total, ids = cursor.fetchone()
    return total, ids if 2 * first <= total else ids[::-1]
