"""Proof that this browser knows a report's code: a signed cookie with the numbers, so that codes stay out of addresses."""

from __future__ import annotations

from django.core import signing
from django.http import HttpRequest, HttpResponseBase

COOKIE = "jiean_reports"
_SALT = "jiean.intake.proof"
MOST = 10


def shown(request: HttpRequest) -> list[str]:
    """The numbers this browser has shown the code of."""
    try:
        numbers = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT)
    except signing.BadSignature:
        return []
    return [str(number) for number in numbers]


def has_shown(request: HttpRequest, number: str) -> bool:
    """Whether this browser has shown the code of the number."""
    return number in shown(request)


def show(request: HttpRequest, answer: HttpResponseBase, number: str) -> None:
    """Keep, until the browser closes, that the code was shown."""
    numbers = [number, *(one for one in shown(request) if one != number)][:MOST]
    answer.set_cookie(
        COOKIE, signing.dumps(numbers, salt=_SALT), httponly=True, samesite="Lax", secure=request.is_secure()
    )
