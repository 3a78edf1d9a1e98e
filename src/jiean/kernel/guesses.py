"""Codes tried one after the other: whoever is wrong too often waits, and nobody else does.

Counted in the database, so in every web process alike, by a keyed mark of the caller's network address (an IPv6 caller's first 64 bits:
the rest is theirs to choose); this machine's own tools are not counted. Only looking is held up: no door that takes a report asks.
Guesses under way at the same moment are judged before they are counted: a few more than the most.
"""

from __future__ import annotations

import datetime as dt
import hmac
import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from jiean.kernel import clocks
from jiean.kernel.errors import NotFound, Refusal
from jiean.kernel.models import WrongGuesses

MOST_WRONG = 20
"""So many wrong codes from one address within ``SPAN``: a family with a smudged slip of paper, not a machine."""
SPAN = dt.timedelta(minutes=15)

ONE_MORE = """
INSERT INTO kernel_wrongguesses AS known (caller, wrong, began_at) VALUES (%(caller)s, 1, %(now)s)
ON CONFLICT (caller) DO UPDATE SET
    wrong = CASE WHEN known.began_at > %(since)s THEN known.wrong + 1 ELSE 1 END,
    began_at = CASE WHEN known.began_at > %(since)s THEN known.began_at ELSE %(now)s END
"""


class GuessedTooOften(Refusal):
    """Too many wrong codes came from this address: not even the right one is looked at until the span is over."""

    status = 429
    code = "guessed_too_often"
    default = _("查询码输错太多次，请过一刻钟再试。上报不受影响。")


@contextmanager
def one_guess(request: HttpRequest) -> Iterator[None]:
    """Round whatever judges a code: its NotFound is counted. Raises GuessedTooOften before it is asked."""
    caller = _caller(request.META.get("REMOTE_ADDR", ""))
    since = clocks.now() - SPAN
    if caller and WrongGuesses.objects.filter(caller=caller, wrong__gte=MOST_WRONG, began_at__gt=since).exists():
        raise GuessedTooOften
    try:
        yield
    except NotFound:
        _count(caller)
        raise


def _count(caller: str) -> None:
    if not caller:
        return
    now = clocks.now()
    with connection.cursor() as cursor:
        cursor.execute(ONE_MORE, {"caller": caller, "now": now, "since": now - SPAN})


def _caller(address: str) -> str:
    """The mark of an address that cannot be turned back without the station's secret; empty for this machine's own."""
    known = ipaddress.ip_address(address or "127.0.0.1")
    if known.is_loopback:
        return ""
    network = str(ipaddress.ip_network((known, 64), strict=False)) if known.version == 6 else str(known)
    return hmac.digest(settings.SECRET_KEY.encode(), f"wrong guesses|{network}".encode(), "sha256").hex()


def forget() -> int:
    """Delete counts that hold nobody up any more; how many."""
    return WrongGuesses.objects.filter(began_at__lt=clocks.now() - SPAN).delete()[0]
