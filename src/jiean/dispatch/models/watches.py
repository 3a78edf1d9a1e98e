"""The watch: which commander has the station now, and what the weather is as a person says it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from jiean.kernel.models import Record
from jiean.people.models import Account


class Watch(Record):
    """One span of command. The newest row stands; taking over adds one. Weather is told by a person, never fetched."""

    class Weather(models.TextChoices):
        UNKNOWN = "unknown", _("未填")
        DRY = "dry", _("晴好")
        RAIN = "rain", _("有雨")

    commander = models.ForeignKey(
        Account, verbose_name=_("值班指挥长"), null=True, on_delete=models.PROTECT, related_name="watches"
    )
    since = models.DateTimeField(_("接班时间"))
    weather = models.CharField(_("天气"), max_length=8, choices=Weather, default=Weather.UNKNOWN)

    class Meta:
        verbose_name = _("值守")
        indexes = [models.Index(fields=["-since", "-id"], name="dispatch_watch_now")]

    def __str__(self) -> str:
        return f"{self.since:%F %T}"
