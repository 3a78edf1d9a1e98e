"""Sealing: AES-256-GCM for records and for wrapping their keys, HMAC-SHA-256 for look-ups (TRUST, section 9.3)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from jiean.vault.keys import KeyUnavailable, StationKeys

NONCE_BYTES = 12
"""NIST SP 800-38D, section 8.2: 96-bit nonces. Each data key seals a handful of records, each wrapping key far fewer than 2**32."""


class Tampered(RuntimeError):
    """A record does not fit its matter or was changed: it is not opened."""


def new_data_key(keys: StationKeys, bound_to: str) -> tuple[bytes, bytes]:
    """A fresh data key and its wrapped form, bound to its matter."""
    data_key = secrets.token_bytes(32)
    return data_key, wrap(keys, keys.current, data_key, bound_to)


def wrap(keys: StationKeys, key_id: str, data_key: bytes, bound_to: str) -> bytes:
    """Nonce and ciphertext of a data key under a wrapping key."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(keys.wrapping[key_id]).encrypt(nonce, data_key, f"{key_id}|{bound_to}".encode())


def unwrap(keys: StationKeys, key_id: str, wrapped: bytes, bound_to: str) -> bytes:
    """The data key. Raises KeyUnavailable for an id the file does not hold, Tampered for another matter's key."""
    if key_id not in keys.wrapping:
        raise KeyUnavailable(f"station key {key_id} is not in the key file")
    try:
        return AESGCM(keys.wrapping[key_id]).decrypt(
            wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], f"{key_id}|{bound_to}".encode()
        )
    except InvalidTag:
        raise Tampered("matter key") from None


def seal(data_key: bytes, fields: dict[str, str], bound_to: str) -> tuple[bytes, bytes]:
    """Nonce and ciphertext of a record's fields, bound to its kind and matter."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce, AESGCM(data_key).encrypt(nonce, orjson.dumps(fields), bound_to.encode())


def open_sealed(data_key: bytes, nonce: bytes, ciphertext: bytes, bound_to: str) -> dict[str, str]:
    """The fields of a record. Raises Tampered."""
    try:
        fields: dict[str, str] = orjson.loads(AESGCM(data_key).decrypt(nonce, ciphertext, bound_to.encode()))
    except InvalidTag:
        raise Tampered("record") from None
    return fields


def digest(keys: StationKeys, kind: str, field: str, value: str) -> str:
    """A keyed digest that is equal only for the same value of the same field of the same kind of record."""
    words = f"{kind}|{field}|{_normal(value)}".encode()
    made = hmac.new(keys.lookup, words, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def _normal(value: str) -> str:
    """A number as its signs alone, so that 138-0000 1234 and 13800001234 are one."""
    return "".join(value.split()).replace("-", "").upper()
