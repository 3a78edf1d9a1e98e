"""Closed roads: what a person of the desk says about a street, and until when it is believed."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from jiean.kernel.models import Record
from jiean.kernel.workflow import Workflow
from jiean.people.models import Account


class RoadClosure(Record):
    """Stretches of street nobody drives through from `starts_at` to `ends_at`; the clock alone ends it.

    Kept is what was drawn or named, not the stretches themselves: those are found again in whatever road network is in use.
    """

    class Reason(models.TextChoices):
        CRASH = "crash", _("交通事故")
        WORKS = "works", _("道路施工")
        FLOOD = "flood", _("路面积水")
        FIRE = "fire", _("火灾救援")
        DAMAGE = "damage", _("路面损坏")
        EVENT = "event", _("活动管制")
        OTHER = "other", _("其他原因")

    class Heading(models.TextChoices):
        BOTH = "", _("双向都封")
        EAST = "east", _("只封往东")
        SOUTH = "south", _("只封往南")
        WEST = "west", _("只封往西")
        NORTH = "north", _("只封往北")

    class State(models.TextChoices):
        CLOSED = "CLOSED", _("封闭")
        REOPENED = "REOPENED", _("已开通")

    WORKFLOW = Workflow({State.CLOSED: {State.REOPENED}, State.REOPENED: {State.CLOSED}})

    reason = models.CharField(_("原因"), max_length=8, choices=Reason)
    words = models.CharField(_("说明"), max_length=120, blank=True, default="")
    line = models.JSONField(_("画的线"), default=list)
    street = models.CharField(_("路名"), max_length=80, blank=True, default="")
    heading = models.CharField(_("方向"), max_length=5, choices=Heading, blank=True, default="")
    named = models.CharField(_("路段"), max_length=120)
    starts_at = models.DateTimeField(_("开始时间"))
    ends_at = models.DateTimeField(_("结束时间"))
    state = models.CharField(_("状态"), max_length=8, choices=State, default=State.CLOSED)
    closed_by = models.ForeignKey(
        Account, verbose_name=_("封路的人"), null=True, on_delete=models.PROTECT, related_name="road_closures"
    )

    class Meta:
        verbose_name = _("封路")
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="dispatch_closure_dated"),
            models.CheckConstraint(condition=~Q(street="") | ~Q(line=[]), name="dispatch_closure_somewhere"),
        ]
        indexes = [models.Index(fields=["-ends_at", "-id"], name="dispatch_closures_now")]

    def __str__(self) -> str:
        return f"{self.named} {self.ends_at:%F %T}"
