"""Hot statements kept as files: ``sql/<name>.sql`` beside the queries that use them, answered as frozen dataclasses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

from django.db import connection

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
