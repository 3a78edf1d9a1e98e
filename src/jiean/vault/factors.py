"""Secrets of second factors, sealed under the station key: who reads the database cannot make another's codes."""

from __future__ import annotations

import base64

from allauth.mfa.adapter import DefaultMFAAdapter

from jiean.kernel.http import Unavailable
from jiean.vault import crypto
from jiean.vault.keys import KeyUnavailable, journal_keys

SEALED = "sealed:"
"""Before the key's id and what it seals; what begins otherwise was kept before secrets were sealed, and is read as it stands."""
_BOUND_TO = "second factor"
SECRETS = ("secret", "seed")
"""Where an authenticator's data holds one: a telephone's application, recovery codes. A passkey's are its own device's."""


class SealedFactors(DefaultMFAAdapter):  # type: ignore[misc]
    """What allauth asks to keep and to read a secret."""

    def encrypt(self, text: str) -> str:
        """Sealed under the current key. Raises Unavailable: no secret is kept in clear."""
        keys = journal_keys()
        sealed = base64.b64encode(crypto.wrap(keys, keys.current, text.encode(), _BOUND_TO)).decode()
        return f"{SEALED}{keys.current}:{sealed}"

    def decrypt(self, encrypted_text: str) -> str:
        """The secret. Raises Unavailable without its key, Tampered for one that was changed."""
        if not encrypted_text.startswith(SEALED):
            return encrypted_text
        key_id, _colon, sealed = encrypted_text.removeprefix(SEALED).partition(":")
        keys = journal_keys()
        try:
            return crypto.unwrap(keys, key_id, base64.b64decode(sealed), _BOUND_TO).decode()
        except KeyUnavailable as away:
            raise Unavailable from away


def key_of(kept: str) -> str:
    """The id of the key a kept secret is sealed under; empty where it stands in clear."""
    return kept.removeprefix(SEALED).partition(":")[0] if kept.startswith(SEALED) else ""
