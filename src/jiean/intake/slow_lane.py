"""A flood from one address takes the slow lane: kept at once in the journal, entered a little at a time, never refused (TRUST, § 7).

Everybody else's reports go straight in beside it. Counted in each web process by the caller's address; what this machine itself
sends (gateways of the station, its own tools) and what staff enter is not counted.
"""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict, deque
from collections.abc import Callable

from django.http import HttpRequest

from jiean.kernel.http import actor_of

PACE = 60
"""So many reports from one address within ``SPAN_S`` go straight in: a whole office behind one address, not a machine."""
SPAN_S = 60.0
ADDRESSES = 20_000
"""So many addresses are remembered; the one not heard of for longest is forgotten first."""
TURN_S = 2.5
"""So long of every five seconds what was kept is entered; the other half is for everybody else's matters."""

_heard: OrderedDict[str, deque[float]] = OrderedDict()


def is_full(request: HttpRequest) -> bool:
    """Whether the caller's report goes into the slow lane; counts it if not."""
    address = request.META.get("REMOTE_ADDR", "")
    if request.method != "POST" or actor_of(request).is_signed_in or not _is_elsewhere(address):
        return False
    now, times = time.monotonic(), _heard.setdefault(address, deque())
    _heard.move_to_end(address)
    while len(_heard) > ADDRESSES:
        _heard.popitem(last=False)
    while times and times[0] <= now - SPAN_S:
        times.popleft()
    if len(times) >= PACE:
        return True
    times.append(now)
    return False


def turn() -> Callable[[], bool]:
    """Whether the turn that begins now still lasts: asked before each entry."""
    until = time.monotonic() + TURN_S
    return lambda: time.monotonic() < until


def _is_elsewhere(address: str) -> bool:
    try:
        return not ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
