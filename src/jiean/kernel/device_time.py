"""What a device's own time is worth: when, by its clock, something was done that reached the station late.

A telephone without a network keeps what was done on it and says at sending when that was (``made``) and what the same clock shows
now (``sent``). The difference is an age, which a clock that is wrong by a day tells as well as one that is right; taken from the
moment of receipt it gives the time on the station's clock. Order, states and figures go by the receipt; see docs/adr/0019.
Nothing here asks a clock or a database.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

OLDEST = dt.timedelta(hours=72)
"""No older: an outbox keeps nothing for longer (``LASTS_MS`` in design/outbox.js; TRUST, section 7)."""
SLACK = dt.timedelta(seconds=1)
"""Devices tell whole seconds, so that the drift of a clock marks no telephone (TRUST, section 3)."""
_DIGITS, _LAST = 10, dt.datetime(2200, 1, 1, tzinfo=dt.UTC)
_FIRST = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Doubt(StrEnum):
    """Why a device's time is kept as it was said and not believed."""

    UNCHECKED = "unchecked"
    FUTURE = "future"
    OLD = "old"
    BEFORE = "before"


DOUBT_WORDS: MappingProxyType[Doubt, Promise | str] = MappingProxyType({
    Doubt.UNCHECKED: _("没有说明当时设备的钟点"),
    Doubt.FUTURE: _("在收到之后"),
    Doubt.OLD: _("超过 72 小时"),
    Doubt.BEFORE: _("早于这件事本身"),
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class DeviceTime:
    """When something was done. ``device_at`` as the device's clock said; ``made_at`` on the station's clock, None where the device
    did not say what its own clock showed at sending."""

    device_at: dt.datetime
    made_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Late:
    """What came late, for people and programs: both times, and whether the device's is believed."""

    device_at: dt.datetime
    made_at: dt.datetime | None
    received_at: dt.datetime
    doubt: Doubt | None

    @property
    def at(self) -> dt.datetime:
        """The time to show: on the station's clock where it is believed, else as the device said."""
        return self.made_at if self.made_at is not None and self.doubt is None else self.device_at

    @property
    def doubt_words(self) -> str:
        return str(DOUBT_WORDS[self.doubt]) if self.doubt else ""


class Kept(Protocol):
    """A row that keeps what a device said."""

    device_at: dt.datetime | None
    made_at: dt.datetime | None


def heard(made: str, sent: str, received_at: dt.datetime) -> DeviceTime | None:
    """What a device told in whole seconds since 1970 by its own clock, heard at ``received_at``; None for what is no time."""
    made_on, sent_on = _moment(made), _moment(sent)
    if made_on is None:
        return None
    return DeviceTime(made_on, None if sent_on is None else received_at - (sent_on - made_on))


def sayable(at: dt.datetime) -> bool:
    """Whether a time can be kept at all: with a zone, between 1970 and 2200."""
    return at.tzinfo is not None and _FIRST <= at < _LAST


def doubt_of(made_at: dt.datetime | None, received_at: dt.datetime, since: dt.datetime | None = None) -> Doubt | None:
    """Why it is not believed that something received then was done at ``made_at``; ``since``: when the thing it belongs to began."""
    if made_at is None:
        return Doubt.UNCHECKED
    if made_at > received_at:
        return Doubt.FUTURE
    if received_at - made_at > OLDEST:
        return Doubt.OLD
    return Doubt.BEFORE if since is not None and made_at < since - SLACK else None


def late(kept: Kept, received_at: dt.datetime, since: dt.datetime | None = None) -> Late | None:
    """What a row tells of its device's time; None for what was done with a network."""
    if kept.device_at is None:
        return None
    return Late(kept.device_at, kept.made_at, received_at, doubt_of(kept.made_at, received_at, since))


def _moment(seconds: str) -> dt.datetime | None:
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= _DIGITS):
        return None
    at = dt.datetime.fromtimestamp(int(seconds), dt.UTC)
    return at if sayable(at) else None
