"""The engine's codes in words: why a mediator is proposed, and why one is not."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiean.engine.mediators import Bar, Finding, Reason

_BARS: dict[Bar, Promise | str] = {
    Bar.RECUSED: gettext_lazy("本人回避"),
    Bar.REFUSED: gettext_lazy("当事人不同意"),
    Bar.LAPSED: gettext_lazy("聘期已过"),
    Bar.STRUCK: gettext_lazy("已不在册"),
    Bar.AWAY: gettext_lazy("请假中"),
    Bar.FULL: gettext_lazy("在办已满"),
}


def bar_words(bar: Bar) -> str:
    """What keeps a mediator from being proposed."""
    return str(_BARS[bar])


_FINDINGS: dict[Reason, Callable[[Finding], str]] = {
    Reason.CHOSEN: lambda one: _("%(n)d 方当事人选的") % {"n": one.value},
    Reason.DIALECT: lambda one: _("会说 %(n)d 方希望的话") % {"n": one.value},
    Reason.DIALECT_MISSING: lambda one: _("不会说 %(n)d 方希望的话") % {"n": one.value},
    Reason.HOME: lambda one: _("和 %(n)d 方同省") % {"n": one.value},
    Reason.TRADE: lambda one: _("专长对口"),
    Reason.TRADE_MISSING: lambda one: _("不是专长"),
    Reason.CERTIFICATE: lambda one: "",
    Reason.CERTIFICATE_LAPSED: lambda one: _("证书过期 %(n)d 天") % {"n": one.value},
    Reason.NO_CERTIFICATE: lambda one: _("没有登记证书"),
    Reason.DISTANCE: lambda one: _("离现场 %(km).1f 公里") % {"km": one.value / 1000},
    Reason.NO_PLACE: lambda one: "",
    Reason.LOAD: lambda one: _("在办 %(n)d 件") % {"n": one.value},
    Reason.UNREGISTERED: lambda one: _("名册里没有登记"),
}


def finding_words(finding: Finding) -> str:
    """One reason; empty where there is nothing to say (what is as it should be)."""
    return _FINDINGS[finding.code](finding)
