"""The station's keys: a small file outside the database, readable by its owner alone.

The file is JSON: ``{"current": "k1", "wrapping": {"k1": base64 of 32 bytes, …}, "lookup": base64 of 32 bytes}``. New matters use
``current``; older ids stay until every matter key is wrapped anew. The key for look-ups is another one and is never rotated
in place, because digests are made with it.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from jiean.kernel.http import Unavailable

log = logging.getLogger(__name__)

KEY_BYTES = 32


class KeyUnavailable(RuntimeError):
    """The station key cannot be used; the message says why and names the file, never its contents."""


@dataclass(frozen=True, slots=True)
class StationKeys:
    """Wrapping keys by id, the id new matters use, and the key for look-ups."""

    current: str
    wrapping: dict[str, bytes]
    lookup: bytes

    def __repr__(self) -> str:
        return f"StationKeys(current={self.current!r}, ids={sorted(self.wrapping)})"


_kept: tuple[tuple[Any, ...], StationKeys] | None = None


def key_file() -> Path:
    """Where the station's keys lie, as the settings say: outside the database, ``JIEAN_STATION_KEY_FILE``."""
    return Path(settings.STATION_KEY_FILE)


def station_keys() -> StationKeys:
    """The keys, read again when the file changes. Raises KeyUnavailable: missing, open to others, or not a key file."""
    global _kept
    path = key_file()
    try:
        state = path.stat()
    except OSError:
        raise KeyUnavailable(f"station key file {path} cannot be read") from None
    mark = (path, state.st_mtime_ns, state.st_ino, state.st_size, state.st_mode)
    kept = _kept
    if kept is None or kept[0] != mark:
        if state.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise KeyUnavailable(f"station key file {path} must be readable by its owner alone (chmod 600)")
        kept = _kept = (mark, _read(path))
    return kept[1]


def journal_keys() -> StationKeys:
    """The keys for what is sealed outside of the vault's records. Raises Unavailable: nothing is kept in clear."""
    try:
        return station_keys()
    except KeyUnavailable as away:
        log.critical("nothing can be sealed: %s", away)
        raise Unavailable from away


def _read(path: Path) -> StationKeys:
    try:
        raw = json.loads(path.read_text(encoding="ascii"))
        keys = StationKeys(
            raw["current"],
            {name: base64.b64decode(words, validate=True) for name, words in raw["wrapping"].items()},
            base64.b64decode(raw["lookup"], validate=True),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise KeyUnavailable(f"station key file {path} is not a key file") from None
    if keys.current not in keys.wrapping or {len(key) for key in (*keys.wrapping.values(), keys.lookup)} != {KEY_BYTES}:
        raise KeyUnavailable(f"station key file {path} is not a key file")
    return keys


def make_station_keys(path: Path) -> None:
    """Write a new key file, mode 0600. Raises FileExistsError rather than replace one: that would lose every record."""
    _write(path, {"current": "k1", "wrapping": {"k1": _fresh()}, "lookup": _fresh()}, os.O_EXCL)


def add_wrapping_key(path: Path) -> str:
    """Add a wrapping key and make it the current one; return its id. ``rewrap_keys`` then moves the matters over."""
    raw = json.loads(path.read_text(encoding="ascii"))
    name = f"k{len(raw['wrapping']) + 1}"
    raw["wrapping"][name] = _fresh()
    raw["current"] = name
    beside = path.with_suffix(".new")
    _write(beside, raw, os.O_EXCL)
    beside.replace(path)
    return name


def _fresh() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _write(path: Path, raw: dict[str, Any], flags: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | flags, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        json.dump(raw, out)
        out.flush()
        os.fsync(out.fileno())
