"""``jiean fields``: the field registry as a table for reading, as JSON, and as the page in ``docs``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator

import django

from jiean.config.start import say

HEAD = """# What is held of whom, why, and until when

Every column of every table, by class (P0 public, P1 work, P2 personal, P3 sensitive), purpose, basis and keeping. Written from each
room's `fields.toml` by `jiean fields --page`; a column that is declared nowhere stops tests and `jiean migrate`.
Basis: Personal Information Protection Law, article 13. What ends a keeping, and when: `jiean.kernel.registry`.
"""


def rows() -> Iterator[dict[str, str]]:
    """One row a column: table, column, class, purpose, basis, keeping."""
    from jiean.kernel import registry  # noqa: PLC0415 — models load only after django.setup()

    for column in registry.columns():
        held = registry.held(column)
        words = {name: str(getattr(held, name, "undeclared")) for name in ("data_class", "purpose", "basis", "keeping")}
        yield {"table": column.model._meta.label_lower, "column": column.name} | words


def page() -> str:
    """The page in ``docs``: a line for each table and each sort of column in it."""
    lines = [HEAD, "| table | columns | class | purpose | basis | kept |", "|---|---|---|---|---|---|"]
    grouped: dict[tuple[str, ...], list[str]] = {}
    for row in rows():
        key = (row["table"], row["data_class"], row["purpose"], row["basis"], row["keeping"])
        grouped.setdefault(key, []).append(row["column"])
    lines += [
        f"| {table} | {', '.join(names)} | {' | '.join(words)} |" for (table, *words), names in sorted(grouped.items())
    ]
    return "\n".join(lines) + "\n"


def words(parser: argparse.ArgumentParser) -> None:
    """The command's own words."""
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--page", action="store_true", help="as the page docs/fields.md")


def run(*, as_json: bool, as_page: bool) -> int:
    """Print the registry."""
    django.setup()
    if as_json:
        say(json.dumps(list(rows()), ensure_ascii=False, indent=1))
    elif as_page:
        say(page().rstrip("\n"))
    else:
        for row in rows():
            say(
                f"{row['data_class']}  {row['table']}.{row['column']:<24} {row['purpose']} {row['basis']} {row['keeping']}"
            )
    return 0
