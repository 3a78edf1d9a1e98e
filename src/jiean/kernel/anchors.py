"""Heads of the audit chain, signed and kept outside the database (TRUST, section 9.6).

A chain that only the database holds can be written anew by whoever owns the database. So its head is signed (Ed25519) and
appended, every ten minutes, to a file of the day in a folder that may lie on another machine; each line also names the
digest of the line before it. What is written there once cannot be made to agree with a chain that was changed later.
"""

from __future__ import annotations

import base64
import datetime as dt
import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

FIRST = "0" * 64
_RAW = serialization.Encoding.Raw, serialization.PublicFormat.Raw


class BadAnchor(ValueError):
    """A line of an anchor file is not what was signed; the message names file and line."""


class KeyMissing(RuntimeError):
    """The key that signs heads is not where it should be, or others can read it."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """The head of a station's chain at a moment, and the digest of the anchor before it."""

    station: str
    seq: int
    entry_id: int
    digest: str
    at: str
    before: str

    def signed_bytes(self) -> bytes:
        """What the signature covers."""
        return orjson.dumps(asdict(self), option=orjson.OPT_SORT_KEYS)


def make_key(file: Path) -> str:
    """Make a signing key that only we can read, beside it ``.pub`` for whoever checks; returns the public half as words.

    A key that is there is never replaced: raises FileExistsError.
    """
    key = Ed25519PrivateKey.generate()
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as sink:
        sink.write(base64.b64encode(key.private_bytes_raw()) + b"\n")
    words = signer_words(key)
    file.with_suffix(".pub").write_text(words + "\n", encoding="ascii")
    return words


def signing_key(file: Path) -> Ed25519PrivateKey:
    """The key of a file. Raises KeyMissing."""
    try:
        if file.stat().st_mode & 0o077:
            raise KeyMissing(f"{file} can be read by others: chmod 600 it")
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(file.read_bytes()))
    except (OSError, ValueError) as error:
        raise KeyMissing(f"{file}: {error}") from None


def signer_words(key: Ed25519PrivateKey) -> str:
    """The public half of a signing key as words."""
    return base64.b64encode(key.public_key().public_bytes(*_RAW)).decode()


def public_key(words: str) -> Ed25519PublicKey:
    """A public key from its words. Raises KeyMissing."""
    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(words.strip(), validate=True))
    except ValueError as error:
        raise KeyMissing(f"not a public key: {error}") from None


def append(
    folder: Path, key: Ed25519PrivateKey, *, station: str, head: tuple[int, int, str], at: dt.datetime
) -> Anchor:
    """Sign a head ``(seq, entry_id, digest)`` and append it to the day's file, down to the disk."""
    folder.mkdir(parents=True, exist_ok=True)
    at = at.astimezone(dt.UTC)
    with (folder / "lock").open("a") as lock, (folder / f"{at:%Y-%m-%d}.jsonl").open("ab") as sink:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two who append at once would name the same line as the one before
        last = _last_line(folder)
        before = hashlib.sha256(last).hexdigest() if last else FIRST
        anchor = Anchor(station, *head, at=at.isoformat(timespec="seconds"), before=before)
        signature = base64.b64encode(key.sign(anchor.signed_bytes())).decode()
        line = orjson.dumps({**asdict(anchor), "signature": signature}, option=orjson.OPT_SORT_KEYS)
        sink.write(line + b"\n")
        sink.flush()
        os.fsync(sink.fileno())
    return anchor


def _last_line(folder: Path) -> bytes:
    for file in sorted(folder.glob("*.jsonl"), reverse=True):
        lines = file.read_bytes().splitlines()
        if lines:
            return lines[-1]
    return b""


def read(files: Iterable[Path], key: Ed25519PublicKey) -> Iterator[Anchor]:
    """The anchors of files (a folder stands for its files), in order. Raises BadAnchor, and OSError for what cannot be read.

    Within a folder, or one file, every line must name the one before it: a line taken out or put in is found.
    """
    for place in files:
        before = None
        for file in sorted(place.glob("*.jsonl")) if place.is_dir() else [place]:
            for number, line in enumerate(file.read_bytes().splitlines(), start=1):
                where = f"{file.name}, line {number}"
                anchor = _checked(line, key, where)
                if before is not None and anchor.before != before:
                    raise BadAnchor(f"{where}: the line before it was changed or taken out")
                before = hashlib.sha256(line).hexdigest()
                yield anchor


def by_link(anchors: Iterable[Anchor]) -> dict[int, str]:
    """Digests by sequence number, as ``chain.walk`` takes them. Raises BadAnchor where two heads of one link differ."""
    found: dict[int, str] = {}
    for anchor in anchors:
        if found.setdefault(anchor.seq, anchor.digest) != anchor.digest:
            raise BadAnchor(f"link {anchor.seq} was signed twice, with different digests")
    return found


def _checked(line: bytes, key: Ed25519PublicKey, where: str) -> Anchor:
    try:
        told = orjson.loads(line)
        signature = base64.b64decode(told.pop("signature"))
        anchor = Anchor(**told)
        key.verify(signature, anchor.signed_bytes())
    except InvalidSignature:
        raise BadAnchor(f"{where}: the signature does not fit") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadAnchor(f"{where}: not an anchor") from None
    return anchor


def printable(anchor: Anchor, signer: str) -> str:
    """A head as a sheet to print and hand to the auditor: the digest in groups that can be read aloud."""
    groups = [anchor.digest[start : start + 8] for start in range(0, 64, 8)]
    return "\n".join(
        (
            f"审计链头  Audit head    {anchor.station}",
            f"时间 At      {anchor.at}",
            f"序号 Link    {anchor.seq}    记录 Entry {anchor.entry_id}",
            "摘要 Digest  " + " ".join(groups[:4]),
            "             " + " ".join(groups[4:]),
            f"公钥 Key     {signer}",
            "核对人 Checked by ______________    日期 Date ______________",
        )
    )
