"""Proof that this browser knows a party's code: a signed cookie, so that codes stay out of addresses."""

from __future__ import annotations

from django.core import signing
from django.http import HttpRequest, HttpResponseBase

from jiean.disputes import tracking
from jiean.disputes.queries import Own, own_dispute
from jiean.kernel.errors import NotFound

COOKIE = "jiean_disputes"
_SALT = "jiean.disputes.proof"
MOST = 5


def _shown(request: HttpRequest) -> list[tuple[str, int]]:
    try:
        pairs = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT)
        return [(str(number), int(party_id)) for number, party_id in pairs]
    except (signing.BadSignature, ValueError, TypeError):
        return []


def proved(request: HttpRequest, number: str) -> Own:
    """The dispute as the party sees it whose code this browser has shown. Raises NotFound."""
    for shown, party_id in _shown(request):
        if shown == number:
            return own_dispute(number, tracking.code_of(number, party_id))
    raise NotFound


def show(request: HttpRequest, answer: HttpResponseBase, own: Own) -> None:
    """Keep, until the browser closes, that the code was shown."""
    number = own.dispute.number
    pairs = [(number, own.party.pk), *(one for one in _shown(request) if one[0] != number)][:MOST]
    answer.set_cookie(
        COOKIE, signing.dumps(pairs, salt=_SALT), httponly=True, samesite="Lax", secure=request.is_secure()
    )
