"""An edition read from a table of articles, and which of its versions hold.

The table (csv, may be gzipped) has the columns category, law, version (the day, or empty), article, text. Of several versions of one
law only the newest is taken; what is known to have ended is taken with the day it ended, so that an old matter finds its law.
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from jiean.kernel.errors import Invalid
from jiean.law.ended import ended_on

EDITION = Path(__file__).parent / "data" / "edition.csv.gz"
"""What comes with the program; source and checksum: NOTICE."""
KNOWN_ON = dt.date(2025, 4, 19)
"""The day our edition's source was read; other tables are taken to be of the same day unless their newest law is younger."""
COLUMNS = {"category", "law", "version", "article", "text"}
FIELD_SIGNS = 200_000
LOCAL, HERE = "浙江地方法规", "浙江省"


@dataclass(frozen=True, slots=True)
class Law:
    """One version of one law, with (number, text) of its articles in order."""

    name: str
    category: str
    issued_on: dt.date | None
    ended_on: dt.date | None
    articles: tuple[tuple[str, str], ...]


def read(path: Path) -> list[Law]:
    """The laws of a file or of every csv of a folder, the newest version of each. Raises Invalid naming what cannot be read."""
    files = sorted(path.glob("*.csv*")) if path.is_dir() else [path]
    found: dict[tuple[str, str, str], list[tuple[str, str]]] = {}
    for file in files:
        for row in _rows(file):
            found.setdefault((row["law"], row["version"], row["category"]), []).append((row["article"], row["text"]))
    newest: dict[str, Law] = {}
    for (name, version, category), articles in found.items():
        law = _law(name, version, category, articles)
        before = newest.get(name)
        if before is None or (law.issued_on or dt.date.min) > (before.issued_on or dt.date.min):
            newest[name] = law
    return list(newest.values())


def _law(name: str, version: str, category: str, articles: list[tuple[str, str]]) -> Law:
    try:
        issued_on = dt.date.fromisoformat(version) if version else None
    except ValueError:
        raise Invalid(version=_("日期无效：%(version)s") % {"version": version}) from None
    return Law(name, category, issued_on, ended_on(name, issued_on), tuple(articles))


def _rows(file: Path) -> Iterator[dict[str, str]]:
    csv.field_size_limit(FIELD_SIGNS)
    opener = gzip.open if file.suffix == ".gz" else open
    try:
        with opener(file, "rt", encoding="utf-8-sig", newline="") as lines:
            table = csv.DictReader(lines)
            if not set(table.fieldnames or ()) >= COLUMNS:
                raise Invalid(file=_("缺少列：%(columns)s") % {"columns": ", ".join(sorted(COLUMNS))})
            for row in table:
                if row["law"] and row["text"] and (row["category"] != LOCAL or row["law"].startswith(HERE)):
                    yield row
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as problem:
        raise Invalid(file=_("文件读不出来：%(problem)s") % {"problem": problem}) from problem
