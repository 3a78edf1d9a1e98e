"""Words for numbers: how long, how late, how far."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import get_language
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Spans:
    """How spans of time and running targets are said in one language. A page that says hundreds asks ``spans`` once."""

    seconds: str
    minutes: str
    hours: str
    days: str
    over: str
    left: str

    def span(self, seconds: float) -> str:
        """A span of time as people say it: two units at most, never negative."""
        whole = max(0, round(seconds))
        if whole < 60:
            return self.seconds % {"seconds": whole}
        minutes, rest = divmod(whole, 60)
        if minutes < 60:
            return self.minutes % {"minutes": minutes, "seconds": rest}
        hours, minutes = divmod(minutes, 60)
        if hours < 24:
            return self.hours % {"hours": hours, "minutes": minutes}
        days, hours = divmod(hours, 24)
        return self.days % {"days": days, "hours": hours}

    def clock(self, name: str, remaining_s: float | None) -> str:
        """A running target: what is left of it, or by how much it is missed. Lateness is said, not only coloured."""
        if remaining_s is None:
            return ""
        return (self.over if remaining_s < 0 else self.left) % {"name": name, "span": self.span(abs(remaining_s))}


def spans() -> Spans:
    """In the reader's language."""
    return _spans_in(get_language())


@lru_cache
def _spans_in(_language: str | None) -> Spans:
    return Spans(
        seconds=_("%(seconds)d 秒"),
        minutes=_("%(minutes)d 分 %(seconds)d 秒"),
        hours=_("%(hours)d 小时 %(minutes)d 分"),
        days=_("%(days)d 天 %(hours)d 小时"),
        over=_("%(name)s已超时 %(span)s"),
        left=_("%(name)s还剩 %(span)s"),
    )


def duration_words(seconds: float) -> str:
    """A single span in the reader's language."""
    return spans().span(seconds)
