"""The parts every page is made of, as template tags. The list with examples stands in ``jiean.design``."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BaseForm, BoundField
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from jiean.design.timeline import Step
from jiean.design.words import listed

register = template.Library()

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86400
GRADES: dict[int, Promise | str] = {
    1: gettext_lazy("一级"),
    2: gettext_lazy("二级"),
    3: gettext_lazy("三级"),
    4: gettext_lazy("四级"),
}


@register.simple_tag
def html_lang() -> str:
    """The page's language as browsers and screen readers want it."""
    return "en" if (get_language() or "").startswith("en") else "zh-Hans"


@register.simple_tag
def server_time() -> str:
    """The server's clock, so that clocks on the page do not trust the machine they run on."""
    return timezone.now().isoformat()


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """One icon of the sprite; it is decoration, the word beside it speaks."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        extra,
        static("design/icons.svg"),
        name,
    )


@register.simple_tag
def map_words() -> SafeString:
    """MapLibre's own words in the reader's language, as data for map.js."""
    return json_script(
        {
            "Map.Title": _("地图"),
            "Marker.Title": _("位置标记"),
            "NavigationControl.ZoomIn": _("放大"),
            "NavigationControl.ZoomOut": _("缩小"),
            "AttributionControl.ToggleAttribution": _("地图来源"),
            "ScaleControl.Meters": _("米"),
            "ScaleControl.Kilometers": _("公里"),
        },
        "map-words",
    )


@register.simple_tag
def grade(value: int, short: bool = False) -> SafeString:
    """A grade's shape, word and colour; ``short`` hides the word from sight but not from screen readers."""
    return format_html(
        '<span class="grade grade-{}">{}<span class="{}">{}</span></span>',
        value,
        icon(f"grade-{value}"),
        "sr-only" if short else "",
        GRADES.get(value, ""),
    )


@register.simple_tag
def chip(word: str, tone: str = "quiet") -> SafeString:
    """A state in a word; the tone adds colour and a mark."""
    return format_html('<span class="chip chip-{}">{}</span>', tone, word)


register.filter(listed)


@register.filter
def moment(at: datetime | None) -> str:
    """A time as people say it: 12:03, 昨天 12:03, 11月20日 12:03, 2025年11月20日 12:03."""
    if at is None:
        return "—"
    local = timezone.localtime(at)
    return _said(local.date(), local.strftime("%H:%M"))


def _said(day: date, clock_words: str) -> str:
    today = timezone.localdate()
    if day == today:
        return clock_words
    if day == today - timedelta(days=1):
        return _("昨天 %(time)s") % {"time": clock_words}
    return f"{formats.date_format(day, _('n月j日') if day.year == today.year else _('Y年n月j日'))} {clock_words}"


@register.simple_tag
def when(at: datetime | None) -> SafeString:
    """The same as a <time> element that carries the full instant."""
    if at is None:
        return format_html("<span>{}</span>", "—")
    return _time(at, moment(at))


@register.simple_tag
def until(at: datetime | None) -> SafeString:
    """When something is due. The end of a day is said as that day's 24:00, not as the next day's 00:00."""
    if at is None:
        return when(None)
    local = timezone.localtime(at)
    ends_a_day = local.time() == time.min
    return _time(at, _said(local.date() - timedelta(days=1), "24:00") if ends_a_day else moment(at))


def _time(at: datetime, words: str) -> SafeString:
    exact = timezone.localtime(at).strftime("%Y-%m-%d %H:%M:%S")
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), exact, words)


@register.filter
def duration(seconds: float | timedelta | None) -> str:
    """A length of time in words: 45 秒，2 分 13 秒，1 小时 5 分，2 天 3 小时."""
    if seconds is None:
        return "—"
    total = max(0, round(seconds.total_seconds() if isinstance(seconds, timedelta) else seconds))
    if total < MINUTE_S:
        return _("%(s)d 秒") % {"s": total}
    if total < HOUR_S:
        return _("%(m)d 分 %(s)d 秒") % {"m": total // MINUTE_S, "s": total % MINUTE_S}
    if total < DAY_S:
        return _("%(h)d 小时 %(m)d 分") % {"h": total // HOUR_S, "m": total % HOUR_S // MINUTE_S}
    return _("%(d)d 天 %(h)d 小时") % {"d": total // DAY_S, "h": total % DAY_S // HOUR_S}


@register.filter
def clock(seconds: float | timedelta | None) -> str:
    """A length of time on a clock: 02:13, 1:02:13."""
    if seconds is None:
        return "—"
    total = max(0, int(seconds.total_seconds() if isinstance(seconds, timedelta) else seconds))
    hours, rest = divmod(total, HOUR_S)
    tail = f"{rest // MINUTE_S:02d}:{rest % MINUTE_S:02d}"
    return f"{hours}:{tail}" if hours else tail


@dataclass(frozen=True)
class Waiting:
    """How long something has waited against its limit, at the moment of rendering."""

    since: datetime
    limit_s: int

    @property
    def waited_s(self) -> float:
        return (timezone.now() - self.since).total_seconds()

    @property
    def late(self) -> bool:
        return self.waited_s > self.limit_s

    @property
    def level(self) -> str:
        """`ok`, `late` past the limit, `very-late` past twice the limit."""
        if not self.late:
            return "ok"
        return "late" if self.waited_s <= 2 * self.limit_s else "very-late"

    @property
    def shown_s(self) -> float:
        """Time over the limit once late, else time waited."""
        return self.waited_s - self.limit_s if self.late else self.waited_s


@register.inclusion_tag("design/_waiting.html")
def waiting(since: datetime | None, limit_s: int) -> dict[str, Any]:
    """A running clock; live.js keeps it going between two renderings."""
    return {"waiting": Waiting(since, limit_s) if since else None}


RED_AFTER_S = 60
"""How long something is late in amber before it is late in red."""


@dataclass(frozen=True)
class Deadline:
    """How far something is from when it must be done, at the moment of rendering."""

    due_at: datetime

    @property
    def left_s(self) -> float:
        return (self.due_at - timezone.now()).total_seconds()

    @property
    def level(self) -> str:
        """`ok`, `late` past the moment, `very-late` a minute after it."""
        if self.left_s >= 0:
            return "ok"
        return "late" if self.left_s >= -RED_AFTER_S else "very-late"

    @property
    def shown_s(self) -> float:
        return abs(self.left_s)


@register.inclusion_tag("design/_deadline.html")
def deadline(due_at: datetime | None) -> dict[str, Any]:
    """What is left until a moment, then how late it is; live.js keeps it going."""
    return {"deadline": Deadline(due_at) if due_at else None, "red_after_s": RED_AFTER_S}


@register.inclusion_tag("design/_field.html")
def field(bound: BoundField, counter: int = 0, hint: bool = True) -> dict[str, Any]:
    """A form field: label, hint, error, control. ``counter`` shows how many of so many characters are used."""
    return {"field": bound, "counter": counter, "hint": hint and bound.help_text}


@register.inclusion_tag("design/_errors.html")
def errors(form: BaseForm) -> dict[str, Any]:
    """The list of what must be mended, with links, when there is more than one thing."""
    wrong = [bound for bound in form if bound.errors] if form.is_bound else []
    general = form.non_field_errors() if form.is_bound else []
    return {"wrong": wrong if len(wrong) + len(general) > 1 else [], "general": general}


@register.inclusion_tag("design/_timeline.html")
def timeline(steps: Iterable[Step]) -> dict[str, Any]:
    """What happened, in the order given."""
    return {"steps": steps}


@register.inclusion_tag("design/_empty.html")
def empty(text: str, icon: str = "check", hint: str = "") -> dict[str, Any]:
    """Silence, stated."""
    return {"text": text, "icon_name": icon, "hint": hint}


@register.inclusion_tag("design/_figure.html")
def figure(
    value: Any, unit: str = "", label: str = "", href: str = "", as_of: datetime | None = None
) -> dict[str, Any]:
    """A number with its unit, its name, its time, and a link to what it counts."""
    return {"value": value, "unit": unit, "label": label, "href": href, "as_of": as_of}


@register.simple_tag
def counted(value: int, href: str, more: str = "") -> str:
    """A number in a table, opening what it counts at ``href`` with ``more`` behind it; nought opens nothing."""
    return format_html('<a href="{}{}">{}</a>', href, more, value) if value else "0"


@register.inclusion_tag("design/_chips.html", takes_context=True)
def chips(context: template.Context, filters: Mapping[str, Any]) -> dict[str, Any]:
    """The filters that are on, their words by their name in the address; each opens the same page without it."""
    request = context["request"]
    links = []
    for name, words in filters.items():
        left = request.GET.copy()
        for gone in (name, "page"):
            left.pop(gone, None)
        links.append((words, f"{request.path}?{left.urlencode()}"))
    return {"filters": links}


@register.inclusion_tag("design/_pager.html", takes_context=True)
def pager(context: template.Context, page: "Page[Any]") -> dict[str, Any]:
    """Total, position, previous and next; keeps the rest of the address."""
    return {"page": page, "request": context.get("request")}
