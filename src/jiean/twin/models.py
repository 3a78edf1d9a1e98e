"""Trials: a scenario as it was asked, how far it is, and what it showed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jiean.kernel.models import Record
from jiean.kernel.workflow import Workflow


class Trial(Record):
    """One scenario played on the station's ground. ``asked`` are the engine's own fields, ``shown`` numbers alone."""

    class State(models.TextChoices):
        WAITING = "WAITING", _("排队中")
        RUNNING = "RUNNING", _("正在推演")
        DONE = "DONE", _("已推演")
        STOPPED = "STOPPED", _("已停止")
        FAILED = "FAILED", _("没有算成")

    WORKFLOW = Workflow(
        {
            State.WAITING: {State.RUNNING, State.STOPPED, State.FAILED},
            State.RUNNING: {State.DONE, State.STOPPED, State.FAILED},
        }
    )

    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.WAITING)
    asked = models.JSONField(_("情景"))
    asked_at = models.DateTimeField(_("提出时间"))
    done_share = models.FloatField(_("进度"), default=0.0)
    shown = models.JSONField(_("结果"), null=True)
    ended_at = models.DateTimeField(_("结束时间"), null=True)

    class Meta:
        verbose_name = _("推演")
        constraints = [
            models.CheckConstraint(condition=Q(done_share__gte=0, done_share__lte=1), name="twin_trial_share")
        ]
        indexes = [models.Index(fields=["-asked_at", "-id"], name="twin_trials_of_late")]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"
