"""Words for numbers: how long, how late, how far."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import get_language
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class _Patterns:
    """How spans are said in one language; looked up once, since a page says hundreds of them."""

    seconds: str
    minutes: str
    hours: str
    days: str
    over: str
    left: str


@lru_cache
def _patterns(_language: str | None) -> _Patterns:
    """The patterns of the language now in use."""
    return _Patterns(
        seconds=_("%(seconds)d 秒"),
        minutes=_("%(minutes)d 分 %(seconds)d 秒"),
        hours=_("%(hours)d 小时 %(minutes)d 分"),
        days=_("%(days)d 天 %(hours)d 小时"),
        over=_("%(name)s已超时 %(span)s"),
        left=_("%(name)s还剩 %(span)s"),
    )


def duration_words(seconds: float) -> str:
    """A span of time as people say it: two units at most, never negative."""
    said, whole = _patterns(get_language()), max(0, round(seconds))
    if whole < 60:
        return said.seconds % {"seconds": whole}
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return said.minutes % {"minutes": minutes, "seconds": rest}
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return said.hours % {"hours": hours, "minutes": minutes}
    days, hours = divmod(hours, 24)
    return said.days % {"days": days, "hours": hours}


def clock_words(name: str, remaining_s: float | None) -> str:
    """A running target: what is left of it, or by how much it is missed. Lateness is said, not only coloured."""
    if remaining_s is None:
        return ""
    said = _patterns(get_language())
    return (said.over if remaining_s < 0 else said.left) % {"name": name, "span": duration_words(abs(remaining_s))}
