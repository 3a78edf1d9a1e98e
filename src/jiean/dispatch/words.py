"""Words for numbers: how long, how late, how far."""

from __future__ import annotations

from django.utils.translation import gettext as _


def duration_words(seconds: float) -> str:
    """A span of time as people say it: two units at most, never negative."""
    whole = max(0, round(seconds))
    if whole < 60:
        return _("%(seconds)d 秒") % {"seconds": whole}
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return _("%(minutes)d 分 %(seconds)d 秒") % {"minutes": minutes, "seconds": rest}
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return _("%(hours)d 小时 %(minutes)d 分") % {"hours": hours, "minutes": minutes}
    days, hours = divmod(hours, 24)
    return _("%(days)d 天 %(hours)d 小时") % {"days": days, "hours": hours}


def clock_words(name: str, remaining_s: float | None) -> str:
    """A running target: what is left of it, or by how much it is missed. Lateness is said, not only coloured."""
    if remaining_s is None:
        return ""
    span = duration_words(abs(remaining_s))
    if remaining_s < 0:
        return _("%(name)s已超时 %(span)s") % {"name": name, "span": span}
    return _("%(name)s还剩 %(span)s") % {"name": name, "span": span}
