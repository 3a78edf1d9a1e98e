"""The code of one party: derived from the dispute's number and the party's own, stored nowhere; each party has another one."""

from __future__ import annotations

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
LENGTH = 8
_SALT = "jiean.disputes.tracking"


def code_of(number: str, party_id: int, *, secret: str | None = None) -> str:
    """The code of a party of a dispute, under the station's secret."""
    given = secret or settings.SECRET_KEY
    digest = salted_hmac(_SALT, f"{number}|{party_id}", secret=given, algorithm="sha256").digest()
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:LENGTH])


def fits(number: str, party_id: int, code: str) -> bool:
    """Whether the code is this party's, in whatever case or grouping it was typed."""
    typed = "".join(sign for sign in code.upper() if sign.isascii() and sign.isalnum())
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    matches = [constant_time_compare(code_of(number, party_id, secret=str(one)), typed) for one in secrets]
    return any(matches)
