"""Targets of the response, each with its source; a station changes them here."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Target:
    """A time within which a step is to be done: its code, seconds, words, and where the number comes from."""

    code: str
    seconds: int
    name: str | Promise
    source: str


ASSIGN = Target(
    "assign", 60, _("派警"), "Call received to unit assigned: 60 s (anchor of station practice; configurable)"
)
ARRIVE = Target(
    "arrive",
    300,
    _("到场"),
    "Five-minute response: the article on Xinjie station, 5分钟快速处警率； clock from the order received",
)
FEED_BACK = Target("feed_back", 1800, _("反馈"), "Feedback within 30 min after the unit has cleared (station practice)")
TARGETS = MappingProxyType({target.code: target for target in (ASSIGN, ARRIVE, FEED_BACK)})

ORDER_AGAIN_S = 30
"""An order not signed for in this time is sent again, and a second unit is suggested (TRUST, section 7)."""
ORDER_ALARM_S = 60
"""An order not signed for in this time alarms the commander (TRUST, section 7)."""

POSITION_FRESH_S = 60
"""A position older than this is shown as old."""
TRACK_DAYS = 30
"""Positions are kept this long (TRUST, section 9.1)."""
SIREN_GRADE = 2
"""Units drive to incidents of this grade and graver ones with a siren, as `roads.toml` says for their class."""
