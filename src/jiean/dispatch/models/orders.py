"""Orders: one unit sent to one incident, with the unit's own stamps."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jiean.dispatch.models.incidents import Incident
from jiean.dispatch.models.units import Unit
from jiean.kernel.models import Record
from jiean.kernel.workflow import Workflow


def open_orders(prefix: str = "") -> Q:
    """Orders that still bind their unit."""
    ends = ("cleared_at", "declined_at", "recalled_at")
    return Q(**{f"{prefix}{name}__isnull": True for name in ends})


class Assignment(Record):
    """An order. The state follows the stamps; a unit holds at most one open order, which the table itself guards."""

    class State(models.TextChoices):
        ASSIGNED = "ASSIGNED", _("已派出")
        ACKNOWLEDGED = "ACKNOWLEDGED", _("已签收")
        EN_ROUTE = "EN_ROUTE", _("赶赴中")
        ON_SCENE = "ON_SCENE", _("已到场")
        CLEARED = "CLEARED", _("已结束")
        DECLINED = "DECLINED", _("已拒绝")
        RECALLED = "RECALLED", _("已撤回")

    WORKFLOW = Workflow(
        {
            State.ASSIGNED: {State.ACKNOWLEDGED, State.EN_ROUTE, State.ON_SCENE, State.DECLINED, State.RECALLED},
            State.ACKNOWLEDGED: {State.EN_ROUTE, State.ON_SCENE, State.DECLINED, State.RECALLED},
            State.EN_ROUTE: {State.ON_SCENE, State.DECLINED, State.RECALLED},
            State.ON_SCENE: {State.CLEARED, State.RECALLED},
        },
        why={
            (State.EN_ROUTE, State.CLEARED): _("到场以后才能结束；去不了请拒绝或由调度撤回。"),
            (State.ON_SCENE, State.DECLINED): _("已经到场，不能再拒绝。"),
        },
    )

    incident = models.ForeignKey(Incident, verbose_name=_("警情"), on_delete=models.PROTECT, related_name="orders")
    unit = models.ForeignKey(Unit, verbose_name=_("警力单元"), on_delete=models.PROTECT, related_name="orders")
    state = models.CharField(_("状态"), max_length=12, choices=State, default=State.ASSIGNED)
    assigned_at = models.DateTimeField(_("派出时间"))
    acknowledged_at = models.DateTimeField(_("签收时间"), null=True)
    en_route_at = models.DateTimeField(_("出发时间"), null=True)
    on_scene_at = models.DateTimeField(_("到场时间"), null=True)
    cleared_at = models.DateTimeField(_("结束时间"), null=True)
    declined_at = models.DateTimeField(_("拒绝时间"), null=True)
    recalled_at = models.DateTimeField(_("撤回时间"), null=True)
    reason_given = models.CharField(_("原因"), max_length=200, blank=True)
    escalation_level = models.PositiveSmallIntegerField(_("催办级别"), default=0)
    suggested_unit = models.ForeignKey(Unit, null=True, on_delete=models.SET_NULL, related_name="+")
    advice_id = models.BigIntegerField(_("派警建议"), null=True)

    class Meta:
        verbose_name = _("派警单")
        constraints = [
            models.UniqueConstraint(
                fields=["unit"],
                condition=Q(cleared_at=None, declined_at=None, recalled_at=None),
                name="dispatch_one_open_order",
            ),
            models.CheckConstraint(condition=Q(escalation_level__lte=2), name="dispatch_order_escalation"),
        ]
        indexes = [
            models.Index(fields=["incident", "id"], name="dispatch_orders_of"),
            models.Index(fields=["unit", "-cleared_at"], name="dispatch_last_cleared"),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.unit_id}"

    @property
    def is_open(self) -> bool:
        """Whether the order still binds its unit."""
        return self.cleared_at is None and self.declined_at is None and self.recalled_at is None
