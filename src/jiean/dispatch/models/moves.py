"""Moves: an idle unit told to wait somewhere else, so that the free units reach more of the town."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jiean.dispatch.models.units import Unit
from jiean.kernel.models import Record
from jiean.kernel.workflow import Workflow


class Move(Record):
    """A proposed move and what a person made of it. What it was to bring and to cost stands beside the choice."""

    class State(models.TextChoices):
        ORDERED = "ORDERED", _("移动中")
        ARRIVED = "ARRIVED", _("已到位")
        DECLINED = "DECLINED", _("去不了")
        ENDED = "ENDED", _("已取消")
        DISMISSED = "DISMISSED", _("没有采纳")

    WORKFLOW = Workflow(
        {
            State.ORDERED: {State.ARRIVED, State.DECLINED, State.ENDED},
            State.ARRIVED: {State.ENDED},
        }
    )

    unit = models.ForeignKey(Unit, verbose_name=_("警力单元"), on_delete=models.PROTECT, related_name="moves")
    state = models.CharField(_("状态"), max_length=12, choices=State, default=State.ORDERED)
    post_name = models.CharField(_("驻守点"), max_length=80)
    lon = models.FloatField(_("经度"))
    lat = models.FloatField(_("纬度"))
    gain = models.FloatField(_("预计多覆盖的份额"))
    travel_s = models.FloatField(_("车程秒数"))
    ordered_at = models.DateTimeField(_("决定时间"))
    ended_at = models.DateTimeField(_("结束时间"), null=True)

    class Meta:
        verbose_name = _("移动")
        constraints = [
            models.UniqueConstraint(
                fields=["unit"], condition=Q(state__in=("ORDERED", "ARRIVED")), name="dispatch_one_open_move"
            ),
            models.CheckConstraint(
                condition=Q(lon__gte=-180, lon__lte=180, lat__gte=-90, lat__lte=90), name="dispatch_move_on_globe"
            ),
        ]
        indexes = [models.Index(fields=["-ordered_at", "-id"], name="dispatch_moves_of_late")]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.post_name}"


STANDING = (Move.State.ORDERED, Move.State.ARRIVED)
"""The states in which a move still says where its unit is to be."""
