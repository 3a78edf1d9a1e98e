"""The erasure ledger: what was erased and when, by kind and number alone, kept beside the database so that it outlives it.

A backup brings back what was erased after it was made. So every erasure is a row of the deed that erases, and a line of a
file outside the database; before a restored station opens, what the file knows and the backup does not is erased again
(TRUST, section 9.2). Each line names the digest of the line before it: one taken out or changed is found.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
from django.conf import settings
from django.db import transaction

from jiean.kernel import clocks
from jiean.kernel.models import Erasure

FIRST = "0" * 64
LOOKED_BACK = dt.timedelta(days=40)
"""Longer than a backup lives (35 days, TRUST, section 9.2): an older erasure can no longer be brought back."""

Eraser = Callable[[int, str, dt.datetime], None]
_ERASERS: dict[str, Eraser] = {}


class BadLedger(ValueError):
    """A line of the ledger is not what was written, or one is missing; the message names file and line."""


@dataclass(frozen=True, slots=True)
class Erased:
    """That a matter, or the part of it that ``scope`` names, was erased at a moment."""

    kind: str
    id: int
    scope: str
    at: str


def eraser(kind: str) -> Callable[[Eraser], Eraser]:
    """A room says how a matter of its kind is erased again: ``(id, scope, at)``; one made after ``at`` is another one."""

    def register(function: Eraser) -> Eraser:
        _ERASERS[kind] = function
        return function

    return register


def record(kind: str, matter_id: int, scope: str = "all") -> None:
    """Write an erasure down: in the deed's transaction here, in the ledger once that is certain."""
    row = Erasure.objects.create(kind=kind, subject_id=matter_id, scope=scope, at=clocks.now())
    transaction.on_commit(lambda: append(ledger_file(), [_line_of(row)]), robust=True)


def ledger_file() -> Path:
    """Where the ledger lies: ``JIEAN_ERASURE_LEDGER``, better on another disk than the database."""
    return Path(settings.ERASURE_LEDGER)


def _line_of(row: Erasure) -> Erased:
    return Erased(row.kind, row.subject_id, row.scope, row.at.astimezone(dt.UTC).isoformat())


def append(file: Path, erased: Iterable[Erased]) -> None:
    """Add lines to the ledger, down to the disk. Raises OSError; ``catch_up`` adds what could not be written."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(handle, "r+b") as ledger:
        fcntl.flock(ledger, fcntl.LOCK_EX)
        whole = ledger.read()
        sound = whole[
            : whole.rfind(b"\n") + 1
        ]  # a line that power cut short was never acknowledged: it is written anew
        lines = sound.splitlines()
        before = hashlib.sha256(lines[-1]).hexdigest() if lines else FIRST
        ledger.seek(len(sound))
        ledger.truncate()
        for one in erased:
            line = orjson.dumps(asdict(one) | {"before": before}, option=orjson.OPT_SORT_KEYS)
            ledger.write(line + b"\n")
            before = hashlib.sha256(line).hexdigest()
        ledger.flush()
        os.fsync(ledger.fileno())


def read(file: Path) -> Iterator[Erased]:
    """The ledger's lines in order. Raises BadLedger, OSError."""
    before = FIRST
    for number, line in enumerate(file.read_bytes().splitlines(), start=1):
        try:
            told = orjson.loads(line)
            named = told.pop("before")
            erased = Erased(**told)
            dt.datetime.fromisoformat(erased.at)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise BadLedger(f"{file.name}, line {number}: not a line of an erasure ledger") from None
        if named != before:
            raise BadLedger(f"{file.name}, line {number}: the line before it was changed or taken out")
        before = hashlib.sha256(line).hexdigest()
        yield erased


def catch_up() -> int:
    """Add to the ledger what the last weeks erased and it does not hold (its disk was full, or away); return how many."""
    file = ledger_file()
    known = set(read(file)) if file.exists() else set()
    rows = Erasure.objects.filter(at__gte=clocks.now() - LOOKED_BACK).order_by("id")
    missing = [line for line in map(_line_of, rows) if line not in known]
    if missing:
        append(file, missing)
    return len(missing)


def replay(erased: Iterable[Erased]) -> int:
    """Erase again what the database does not know to be erased; return how many lines that were. Raises KeyError: a kind no room knows."""
    known = {_line_of(row) for row in Erasure.objects.iterator()}
    done = 0
    for line in erased:
        if line in known:
            continue
        at = dt.datetime.fromisoformat(line.at)
        with transaction.atomic():
            _ERASERS[line.kind](line.id, line.scope, at)
            Erasure.objects.create(kind=line.kind, subject_id=line.id, scope=line.scope, at=at)
        known.add(line)
        done += 1
    return done
