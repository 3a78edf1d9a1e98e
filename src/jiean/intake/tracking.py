"""The tracking code: shown once to the reporter, derived from the number, stored nowhere."""

from __future__ import annotations

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Thirty-two signs none of which reads as another; eight of them are a trillion codes."""

LENGTH = 8
_SALT = "jiean.intake.tracking"


def code_of(number: str, *, secret: str | None = None) -> str:
    """The code of a report's number, under the station's secret."""
    digest = salted_hmac(_SALT, number, secret=secret or settings.SECRET_KEY, algorithm="sha256").digest()
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:LENGTH])


def fits(number: str, code: str) -> bool:
    """Whether the code is the number's, in whatever case or grouping it was typed."""
    typed = "".join(sign for sign in code.upper() if sign.isascii() and sign.isalnum())
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    matches = [constant_time_compare(code_of(number, secret=secret), typed) for secret in map(str, secrets)]
    return any(matches)
