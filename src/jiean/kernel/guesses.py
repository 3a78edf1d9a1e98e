"""Codes tried one after the other: whoever is wrong too often waits, and nobody else does.

Counted in each web process by the caller's address; this machine's own tools are not counted. Only looking is held up:
no door that takes a report asks.
"""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from jiean.kernel.errors import NotFound, Refusal

MOST_WRONG = 20
"""So many wrong codes from one address within ``SPAN_S``: a family with a smudged slip of paper, not a machine."""
SPAN_S = 15 * 60.0
ADDRESSES = 20_000

_wrong: OrderedDict[str, tuple[float, int]] = OrderedDict()
"""By address: when its span began (monotonic seconds) and how many were wrong in it."""


class GuessedTooOften(Refusal):
    """Too many wrong codes came from this address: not even the right one is looked at until the span is over."""

    status = 429
    code = "guessed_too_often"
    default = _("查询码输错太多次，请过一刻钟再试。上报不受影响。")


@contextmanager
def one_guess(request: HttpRequest) -> Iterator[None]:
    """Round whatever judges a code: its NotFound is counted. Raises GuessedTooOften before it is asked."""
    address = request.META.get("REMOTE_ADDR", "")
    if _count(address) >= MOST_WRONG:
        raise GuessedTooOften
    try:
        yield
    except NotFound:
        count_wrong(request)
        raise


def count_wrong(request: HttpRequest) -> None:
    """One more wrong code from the caller's address."""
    address = request.META.get("REMOTE_ADDR", "")
    if ipaddress.ip_address(address or "127.0.0.1").is_loopback:
        return
    many = _count(address)
    _wrong[address] = (_wrong[address][0] if many else time.monotonic(), many + 1)
    _wrong.move_to_end(address)
    while len(_wrong) > ADDRESSES:
        _wrong.popitem(last=False)


def _count(address: str) -> int:
    began, many = _wrong.get(address, (0.0, 0))
    return many if time.monotonic() - began < SPAN_S else 0
