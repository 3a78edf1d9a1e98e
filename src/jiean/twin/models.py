"""Errands: trials and calculations as they were asked, how far they are, and what they showed; plans of cells."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jiean.kernel.models import Record
from jiean.kernel.workflow import Workflow


class Errand(Record):
    """Work somebody asked for and a job carries out. ``asked`` are the engine's own fields, ``shown`` numbers alone."""

    class State(models.TextChoices):
        WAITING = "WAITING", _("排队中")
        RUNNING = "RUNNING", _("正在算")
        DONE = "DONE", _("已算好")
        STOPPED = "STOPPED", _("已停止")
        FAILED = "FAILED", _("没有算成")

    OPEN = (State.WAITING, State.RUNNING)
    WORKFLOW = Workflow(
        {
            State.WAITING: {State.RUNNING, State.STOPPED, State.FAILED},
            State.RUNNING: {State.DONE, State.STOPPED, State.FAILED},
        }
    )

    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.WAITING)
    asked = models.JSONField(_("要求"))
    asked_at = models.DateTimeField(_("提出时间"))
    done_share = models.FloatField(_("进度"), default=0.0)
    shown = models.JSONField(_("结果"), null=True)
    ended_at = models.DateTimeField(_("结束时间"), null=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(condition=Q(done_share__gte=0, done_share__lte=1), name="twin_%(class)s_share")
        ]


State = Errand.State
PLAYED = dict(State.choices) | {State.RUNNING: _("正在推演"), State.DONE: _("已推演")}
"""A trial's states in a trial's words."""


class Trial(Errand):
    """One scenario played on the station's ground."""

    state = models.CharField(_("状态"), max_length=10, choices=list(PLAYED.items()), default=State.WAITING)
    asked = models.JSONField(_("情景"))

    class Meta(Errand.Meta):
        verbose_name = _("推演")
        indexes = [models.Index(fields=["-asked_at", "-id"], name="twin_trials_of_late")]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"


class Calculation(Errand):
    """A plan being worked out: posts, cells, or the calls to come."""

    class Kind(models.TextChoices):
        SITES = "SITES", _("点位")
        CELLS = "CELLS", _("网格")
        CALLS = "CALLS", _("警情预计")

    kind = models.CharField(_("算什么"), max_length=8, choices=Kind)

    class Meta(Errand.Meta):
        verbose_name = _("测算")
        indexes = [models.Index(fields=["kind", "-asked_at", "-id"], name="twin_calculations_of_late")]

    def __str__(self) -> str:
        return f"{self.pk} {self.kind} {self.state}"


class CellPlan(Record):
    """Another division of the town into cells, kept until somebody accepts it for a day, or drops it.

    ``ground`` holds the pieces of ground and the division that stands (``cell_plans.Ground``), ``cell`` the number of each
    piece's cell, ``cells`` what each number is called.
    """

    class State(models.TextChoices):
        DRAFT = "DRAFT", _("草案")
        ACCEPTED = "ACCEPTED", _("已采用")
        HANDED_OVER = "HANDED_OVER", _("已交网格导入")
        DROPPED = "DROPPED", _("已放弃")

    WORKFLOW = Workflow(
        {State.DRAFT: {State.ACCEPTED, State.DROPPED}, State.ACCEPTED: {State.HANDED_OVER, State.DROPPED}}
    )

    state = models.CharField(_("状态"), max_length=12, choices=State, default=State.DRAFT)
    asked = models.JSONField(_("要求"))
    made_at = models.DateTimeField(_("提出时间"))
    ground = models.JSONField(_("小块"))
    cell = models.JSONField(_("划分"))
    cells = models.JSONField(_("网格"))
    starts_on = models.DateField(_("自哪天起"), null=True)
    area_draft_id = models.BigIntegerField(_("网格导入稿"), null=True)

    class Meta:
        verbose_name = _("网格方案")
        indexes = [models.Index(fields=["-made_at", "-id"], name="twin_cell_plans_of_late")]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"
