"""Reports taken while the database is away: kept in a sealed, chained file on this machine, entered in order once it is back.

Each line holds a report under a key made from the station's for this entry alone (HKDF, AES-256-GCM): the file names nobody in
clear. Each line also names the digest of the line before, and reaches the disk before anybody is told "received". An entry is
entered under the client's own idempotency key, so that a report the database did take before it went away is not taken twice.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import itertools
import logging
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, TypeVar

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext_lazy as _

from jiean.intake.followed import Followed
from jiean.intake.tracking import ALPHABET
from jiean.kernel import clocks
from jiean.kernel.database import answers
from jiean.kernel.errors import Refusal
from jiean.kernel.http import Unavailable
from jiean.vault.commands import journal_keys

log = logging.getLogger(__name__)
R = TypeVar("R")
FIRST = "0" * 64
NOT_TAKEN = _("这份上报没有收下：数据库连不上，本机也记不下。请过几分钟再发一次；紧急情况请直接拨打 110。")
AWAY = (OperationalError, InterfaceError)
LOOK_SOON_S, LOOK_AGAIN_S = 0.25, 5.0
"""After the database was found away, so long nobody waits for it again: a report goes into the journal at once. A server that
only recovers is back within a second, so the first look is soon; then after as long again as it has been away, at most the second."""

_away_until = _away_since = 0.0


class Broken(RuntimeError):
    """The journal was changed or cut: what stands in it is not entered by itself. The message names the line."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: its provisional number, what it says about itself, and the sealed report."""

    id: str
    at: str
    client: str
    key_id: str
    sealed: str
    before: str


@dataclass(slots=True)
class Book:
    """What all lines say unopened: provisional numbers by the digest of their client's key, and the last line's digest."""

    numbers: dict[str, str] = field(default_factory=dict)
    last: str = FIRST

    def take(self, line: bytes) -> None:
        """Read one more line. One that is no entry is said when all are entered; it keeps no report from being written down."""
        with suppress(ValueError, KeyError, TypeError):
            said = orjson.loads(line)
            self.numbers[said["client"]] = said["id"]
        self.last = hashlib.sha256(line).hexdigest()


def _take_number(known: dict[str, str], line: bytes) -> None:
    said = orjson.loads(line)
    known[said["id"]] = said["number"]


_book: Followed[Book] = Followed(Book, Book.take)
_entered: Followed[dict[str, str]] = Followed(dict, _take_number)


def folder() -> Path:
    """Where the journal lies."""
    return Path(settings.DATA_DIR) / "journal"


def or_away(deed: Callable[[], R]) -> R:
    """Do a deed unless the database was found away just now. Raises OperationalError, InterfaceError.

    A connection lost under it is not yet a database that is away: where that answers, the deed is done once more. While it is
    away one looks for it at a time. The deed is one that may be done twice, as a report under its client's own key is.
    """
    global _away_until
    if time.monotonic() < _away_until:
        raise OperationalError("away")
    if _away_until:
        _found_away()  # the others go on keeping while this one looks
        if not answers():
            raise OperationalError("away")
        _away_until = 0.0
    with suppress(*AWAY):
        return deed()
    try:
        if not answers():
            raise OperationalError("away")
        return deed()
    except AWAY:
        _found_away()
        raise


def _found_away() -> None:
    """Choose when the database is looked for again: later each time it is still away."""
    global _away_until, _away_since
    now = time.monotonic()
    _away_since = _away_since if _away_until else now
    _away_until = now + min(max(now - _away_since, LOOK_SOON_S), LOOK_AGAIN_S)


def keep(given: dict[str, Any], *, client_key: str | None) -> str:
    """Write a report down to the disk and return its provisional number; the same client's key gives the same number again.

    Raises Unavailable, in words of its own: no station key (nothing is kept in clear), or no room on the disk.
    """
    client = hashlib.sha256((client_key or secrets.token_hex(16)).encode()).hexdigest()
    with _locked() as place:
        with _book.of(place / "reports.jsonl") as book:
            if client in book.numbers:
                return book.numbers[client]
            before = book.last
        number = f"J{clocks.local_day(clocks.now()):%y}-" + "".join(secrets.choice(ALPHABET) for _ in range(8))
        try:
            _append(place / "reports.jsonl", _sealed(number, client, given | {"key": client_key or number}, before))
        except Unavailable as without_key:
            raise Unavailable(NOT_TAKEN) from without_key
        except OSError as full:
            log.critical("the journal cannot be written: %s", full.strerror)
            raise Unavailable(NOT_TAKEN) from full
    log.error("the database is away: a report was kept in the journal")
    return number


def _sealed(number: str, client: str, given: dict[str, Any], before: str) -> dict[str, str]:
    keys = journal_keys()
    nonce = secrets.token_bytes(12)
    body = AESGCM(_key(keys.wrapping[keys.current], number)).encrypt(nonce, orjson.dumps(given), before.encode())
    sealed = base64.b64encode(nonce + body).decode()
    at = clocks.now().isoformat()
    return {"id": number, "at": at, "client": client, "key_id": keys.current, "sealed": sealed, "before": before}


def _key(wrapping: bytes, number: str) -> bytes:
    return HKDF(SHA256(), 32, None, f"report journal|{number}".encode()).derive(wrapping)


def _append(file: Path, told: dict[str, str]) -> None:
    """Add a line, whole or not at all: what a full disk cut short is cut off again, and what a power cut did is before the next."""
    with os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as out:
        end = _behind_the_last(out)
        try:
            out.write(orjson.dumps(told) + b"\n")
            out.flush()
            os.fsync(out.fileno())
        except OSError:
            os.ftruncate(out.fileno(), end)
            raise


def _behind_the_last(out: IO[bytes]) -> int:
    """Go behind the last whole line and return where that is; of the rest nobody was told anything."""
    end = out.seek(0, os.SEEK_END)
    if end:
        out.seek(end - 1)
        if out.read(1) != b"\n":
            out.seek(0)
            end = out.read().rfind(b"\n") + 1
            out.truncate(end)
    return out.seek(end)


def entries() -> list[Entry]:
    """What waits, in order. Raises Broken."""
    with _locked() as place:
        return _checked(_lines(place))


def _checked(lines: list[bytes]) -> list[Entry]:
    found, before = [], FIRST
    for number, line in enumerate(lines, start=1):
        try:
            entry = Entry(**orjson.loads(line))
        except (ValueError, TypeError):
            raise Broken(f"line {number} is no entry") from None
        if entry.before != before:
            raise Broken(f"line {number}: the line before it was changed or taken out")
        before = hashlib.sha256(line).hexdigest()
        found.append(entry)
    return found


def opened(entry: Entry) -> dict[str, Any]:
    """The report of an entry. Raises Broken, Unavailable."""
    wrapping = journal_keys().wrapping.get(entry.key_id)
    raw = base64.b64decode(entry.sealed)
    try:
        if wrapping is None:
            raise InvalidTag
        body = AESGCM(_key(wrapping, entry.id)).decrypt(raw[:12], raw[12:], entry.before.encode())
    except InvalidTag:
        raise Broken(f"{entry.id} does not open") from None
    given: dict[str, Any] = orjson.loads(body)
    return given


def drain(
    enter: Callable[[Entry], str], *, go_on: Callable[[], bool] = lambda: True, wait: bool = True
) -> tuple[int, int]:
    """Enter what waits, in order, as long as one may ``go_on``; ``enter`` returns the number it was given. How many entered, and parked.

    One that cannot be entered is parked and shown; it holds no other up. A database that goes away again ends the run: what was
    entered is known by its idempotency key. One enters at a time: another waits, or with ``wait`` off leaves it to the first.
    New reports are kept meanwhile. Raises Broken, OperationalError, Unavailable.
    """
    done = parked = 0
    with _alone("entering", wait) as mine:
        known = numbers() if mine else {}
        waiting = [entry for entry in entries() if entry.id not in known] if mine else []
        for entry in itertools.takewhile(lambda _entry: go_on(), waiting):
            try:
                _append(folder() / "entered.jsonl", {"id": entry.id, "number": enter(entry)})
                done += 1
            except (*AWAY, Unavailable):
                raise
            except Exception:  # whatever one entry holds: those behind it go on, and it is kept, shown and tried again
                log.critical("journal: %s cannot be entered and is parked", entry.id, exc_info=True)
                _park(folder(), entry)
                parked += 1
        if mine:
            _close_the_book()
    return done, parked


def _close_the_book() -> None:
    """Begin a new file once everything in this one was dealt with."""
    with _locked() as place:
        known = numbers(place)
        if all(entry.id in known for entry in _checked(_lines(place))):
            (place / "reports.jsonl").unlink(missing_ok=True)


def _park(place: Path, entry: Entry) -> None:
    """Set an entry aside. It is on the disk there before it counts as dealt with here: between the two it stands in both."""
    with (place / f"parked-{entry.id}.json").open("wb") as aside:
        aside.write(orjson.dumps(entry))
        aside.flush()
        os.fsync(aside.fileno())
    _append(place / "entered.jsonl", {"id": entry.id, "number": ""})


def again(enter: Callable[[Entry], str]) -> int:
    """Try parked entries once more, after what stopped them was mended; returns how many were entered."""
    done = 0
    with _alone("entering"):
        for file in sorted(folder().glob("parked-*.json")):
            entry = Entry(**orjson.loads(file.read_bytes()))
            try:
                number = enter(entry)
            except (Broken, Refusal) as still:
                log.critical("journal: %s still cannot be entered: %s", entry.id, type(still).__name__)
                continue
            _append(folder() / "entered.jsonl", {"id": entry.id, "number": number})
            file.unlink()
            done += 1
    return done


def numbers(place: Path | None = None) -> dict[str, str]:
    """Provisional numbers that were entered, with the number each was given; empty for a parked one."""
    with _entered.of((place or folder()) / "entered.jsonl") as known:
        return dict(known)


def state() -> tuple[int, int]:
    """How many wait, and how many are parked: what the desk is shown. No lock: a number that is a moment old will do."""
    place = folder()
    with _book.of(place / "reports.jsonl") as book, _entered.of(place / "entered.jsonl") as known:
        waiting = sum(number not in known for number in book.numbers.values())
    return waiting, len(list(place.glob("parked-*.json")))


def _lines(place: Path) -> list[bytes]:
    return _whole_lines(place / "reports.jsonl")


def _whole_lines(file: Path) -> list[bytes]:
    """What was written to its end."""
    whole = file.read_bytes() if file.exists() else b""
    return whole[: whole.rfind(b"\n") + 1].splitlines()


@contextmanager
def _locked() -> Iterator[Path]:
    """For moments only: whoever reports waits for it."""
    with _alone("lock"):
        yield folder()


@contextmanager
def _alone(name: str, wait: bool = True) -> Iterator[bool]:
    """Nobody else between these lines, in any process; false where somebody is and one does not wait."""
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder() / name).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
