"""The station's key file in two parts for two people: each part alone is noise, both together are the file.

One part is random bytes, the other the file's bytes exclusive-or those (a one-time pad). Each names the pair it belongs to and
carries a digest of the whole, so that parts of different pairs, and parts that were changed, are refused rather than joined.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

FORMAT = "jiean key part 1"


class BadPart(ValueError):
    """A file is no part of a key, was changed, or does not belong to the other one; the message names it."""


def split(whole: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two parts of a key file's bytes, as documents to be kept apart."""
    pad = secrets.token_bytes(len(whole))
    pair, digest = secrets.token_hex(4), hashlib.sha256(whole).hexdigest()
    parts = [_part(number, pair, digest, body) for number, body in ((1, pad), (2, _xor(pad, whole)))]
    return parts[0], parts[1]


def _part(number: int, pair: str, digest: str, body: bytes) -> dict[str, Any]:
    words = {"format": FORMAT, "part": number, "pair": pair, "whole": digest, "body": base64.b64encode(body).decode()}
    return words | {"check": _check(words)}


def _check(words: dict[str, Any]) -> str:
    told = "|".join(str(words[name]) for name in ("format", "part", "pair", "whole", "body"))
    return hashlib.sha256(told.encode()).hexdigest()


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def write(path: Path, part: dict[str, Any]) -> None:
    """Write a part for its keeper's eyes alone. Raises FileExistsError, OSError."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        json.dump(part, out, indent=1)
        out.flush()
        os.fsync(out.fileno())


def read(path: Path) -> dict[str, Any]:
    """A part from its file. Raises BadPart."""
    try:
        part = json.loads(path.read_text(encoding="ascii"))
        sound = part["format"] == FORMAT and part["check"] == _check(part)
    except (OSError, ValueError, KeyError, TypeError):
        raise BadPart(f"{path} is no part of a key") from None
    if not sound:
        raise BadPart(f"{path} was changed or cut short")
    return dict(part)


def join(paths: Sequence[Path]) -> bytes:
    """The key file's bytes from its two parts, in either order. Raises BadPart."""
    first, second = (read(path) for path in paths)
    if first["pair"] != second["pair"] or {first["part"], second["part"]} != {1, 2}:
        raise BadPart(f"{paths[0]} and {paths[1]} are not the two parts of one key")
    whole = _xor(base64.b64decode(first["body"]), base64.b64decode(second["body"]))
    if hashlib.sha256(whole).hexdigest() != first["whole"]:
        raise BadPart(f"{paths[0]} and {paths[1]} do not make the key they were split from")
    return whole
