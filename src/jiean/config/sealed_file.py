"""A sealed file: a stream cut into frames, each encrypted and authenticated, so that no frame can be changed, moved, cut off or added.

One line of JSON says how the file's own key is wrapped; then come frames, each with its length before it. The construction
is STREAM (Hoang, Reyhanitabar, Rogaway, Vizár, "Online authenticated-encryption and its nonce-reuse misuse-resistance",
CRYPTO 2015, section 7) over AES-256-GCM: the nonce counts the frames and its last byte marks the last one. The key is drawn
anew for every file and wrapped by one made from the station key (HKDF) or from one or two passphrases (scrypt).
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

FORMAT = "jiean sealed file 1"
FRAME_BYTES = 256 * 1024
HEADER_LIMIT = 8192
SCRYPT_COST = 2**17
"""With r = 8 and p = 1: 128 MB and about four tenths of a second a guess (RFC 7914, section 2; OWASP's advice for scrypt)."""
FIRST_COST = 2**15
"""Of files that do not say theirs: they were made before files did."""
SHORTEST_PASSPHRASE = 12
_TAG_BYTES = 16


class BadFile(ValueError):
    """The file is no sealed file, was damaged or cut, or does not open with this key; the message says which."""


@dataclass(frozen=True, slots=True)
class Opener:
    """What opens a file: the station's wrapping keys by id, or passphrases."""

    station: Mapping[str, bytes]
    current: str = ""
    passphrases: tuple[bytes, ...] = ()

    def __repr__(self) -> str:
        return f"Opener(ids={sorted(self.station)}, passphrases={len(self.passphrases)})"


def passphrase(words: bytes) -> bytes:
    """A passphrase as it is used: without the line's end. Raises BadFile for one too short to keep anybody out."""
    kept = words.strip()
    if len(kept.decode("utf-8", "replace")) < SHORTEST_PASSPHRASE:
        raise BadFile(f"a passphrase has at least {SHORTEST_PASSPHRASE} signs")
    return kept


def _wrapping_key(opener: Opener, told: Mapping[str, Any]) -> bytes:
    salt = base64.b64decode(told["salt"])
    if told["from"] == "station":
        secret = opener.station.get(str(told["id"]))
        if secret is None:
            raise BadFile(f"sealed with station key {told['id']}, which the key file does not hold")
        return HKDF(SHA256(), 32, salt, b"jiean sealed file").derive(secret)
    if told["from"] != "passphrase" or len(opener.passphrases) != told["parts"]:
        raise BadFile(f"sealed with {told.get('parts', '?')} passphrase(s), {len(opener.passphrases)} given")
    cost = told.get("cost", FIRST_COST)
    if cost not in (FIRST_COST, SCRYPT_COST):
        raise BadFile("its head is damaged")
    return Scrypt(salt, 32, cost, 8, 1).derive(b"\0".join(sorted(opener.passphrases)))


def _told(opener: Opener) -> dict[str, Any]:
    salt = base64.b64encode(secrets.token_bytes(16)).decode()
    if opener.passphrases:
        return {"from": "passphrase", "parts": len(opener.passphrases), "salt": salt, "cost": SCRYPT_COST}
    return {"from": "station", "id": opener.current, "salt": salt}


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


class Writer:
    """Seals what is written to it. Only ``close`` writes the last frame: a file without it is known to be cut short."""

    def __init__(self, out: IO[bytes], opener: Opener, about: Mapping[str, Any]) -> None:
        key = secrets.token_bytes(32)
        told = _told(opener)
        header: dict[str, Any] = {"format": FORMAT, "about": dict(about), "key": told}
        wrapping, nonce = _wrapping_key(opener, told), secrets.token_bytes(12)
        wrapped = nonce + AESGCM(wrapping).encrypt(nonce, key, _canonical(header))
        line = _canonical(header | {"wrapped": base64.b64encode(wrapped).decode()}) + b"\n"
        out.write(line)
        self._out, self._cipher, self._bound = out, AESGCM(key), hashlib.sha256(line).digest()
        self._waiting, self._number = bytearray(), 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Seal more bytes."""
        self._waiting += data
        while len(self._waiting) > FRAME_BYTES:
            self._frame(bytes(self._waiting[:FRAME_BYTES]), last=False)
            del self._waiting[:FRAME_BYTES]

    def close(self) -> None:
        """Seal what is left as the last frame."""
        self._frame(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _frame(self, plain: bytes, *, last: bool) -> None:
        sealed = self._cipher.encrypt(_nonce(self._number, last), plain, self._bound)
        self._out.write(struct.pack(">I", len(sealed)) + sealed)
        self._number += 1


class Reader:
    """Opens a sealed file frame by frame. ``read`` gives nothing that was not authenticated. Raises BadFile."""

    def __init__(self, source: IO[bytes], opener: Opener) -> None:
        line = source.readline(HEADER_LIMIT)
        key = _unwrapped(header_of(line), opener)
        self._source, self._cipher, self._bound = source, AESGCM(key), hashlib.sha256(line).digest()
        self._ready, self._number, self._ended = bytearray(), 0, False

    def read(self, size: int) -> bytes:
        """Exactly ``size`` bytes. Raises BadFile when the stream ends before."""
        while len(self._ready) < size:
            if self._ended:
                raise BadFile("it ends too early")
            self._ready += self._next()
        taken = bytes(self._ready[:size])
        del self._ready[:size]
        return taken

    def expect_end(self) -> None:
        """Raises BadFile unless everything was read and nothing follows."""
        if not self._ended:
            self._ready += self._next()
        if not self._ended or self._ready or self._source.read(1):
            raise BadFile("something follows its end")

    def _next(self) -> bytes:
        head = self._source.read(4)
        size = struct.unpack(">I", head)[0] if len(head) == 4 else 0
        if not _TAG_BYTES <= size <= FRAME_BYTES + _TAG_BYTES:
            raise BadFile("it was cut short or damaged")
        sealed = self._source.read(size)
        if len(sealed) != size:
            raise BadFile("it was cut short or damaged")
        for last in (False, True):
            try:
                plain = self._cipher.decrypt(_nonce(self._number, last), sealed, self._bound)
            except InvalidTag:
                continue
            self._number, self._ended = self._number + 1, last
            return plain
        raise BadFile(f"frame {self._number} was cut short, moved or changed")


def _unwrapped(header: dict[str, Any], opener: Opener) -> bytes:
    try:
        wrapped = base64.b64decode(header.pop("wrapped"), validate=True)
        wrapping = _wrapping_key(opener, header["key"])
        return AESGCM(wrapping).decrypt(wrapped[:12], wrapped[12:], _canonical(header))
    except InvalidTag:
        raise BadFile("it does not open with this key, or its head was changed") from None
    except (KeyError, TypeError, AttributeError) as error:
        raise BadFile("its head is damaged") from error
    except ValueError as error:
        raise error if isinstance(error, BadFile) else BadFile("its head is damaged") from error


def header_of(line: bytes) -> dict[str, Any]:
    """The head of a sealed file, not yet proven. Raises BadFile for a foreign file and for another format."""
    try:
        header = json.loads(line)
        found = header["format"]
    except (ValueError, KeyError, TypeError):
        raise BadFile("it is no backup of this program") from None
    if found != FORMAT:
        raise BadFile(f"its format is {str(found)[:40]!r}, this version reads {FORMAT!r}")
    if not {"about", "key", "wrapped"} <= set(header):
        raise BadFile("its head is damaged")
    return dict(header)


def _canonical(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def with_passphrases(files: Sequence[bytes]) -> Opener:
    """An opener of one or two passphrases, in either order. Raises BadFile."""
    return Opener({}, passphrases=tuple(passphrase(one) for one in files))
