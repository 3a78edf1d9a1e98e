"""Patrol plans: which unit goes round which key points until the end of the shift."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from jiean.dispatch.models.watches import Watch
from jiean.kernel.models import Record


class PatrolPlan(Record):
    """One plan for the rest of a shift. The newest that has not ended stands; the order of stops is advice, no order to a crew."""

    made_at = models.DateTimeField(_("制定时间"))
    ends_at = models.DateTimeField(_("结束时间"))
    weather = models.CharField(_("天气"), max_length=8, choices=Watch.Weather)
    routes = models.JSONField(_("路线"))
    left_out = models.PositiveSmallIntegerField(_("排不进的次数"))
    drive_s = models.FloatField(_("车程秒数"))

    class Meta:
        verbose_name = _("巡逻计划")
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("made_at")), name="dispatch_patrol_dated")]
        indexes = [models.Index(fields=["-made_at", "-id"], name="dispatch_patrol_now")]

    def __str__(self) -> str:
        return f"{self.made_at:%F %T}"
