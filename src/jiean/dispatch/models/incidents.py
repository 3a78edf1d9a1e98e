"""Incidents and the advice given on them."""

from __future__ import annotations

from django.db import models
from django.db.models import Func, Q, Value
from django.utils.translation import gettext_lazy as _

from jiean.dispatch.models.units import Unit
from jiean.grid.models import Cell, Premises
from jiean.kernel.models import Record
from jiean.kernel.workflow import Workflow


class Incident(Record):
    """One matter the police must answer. ``due_at`` is when its next target runs out; ``due_code`` says which."""

    class Kind(models.TextChoices):
        DISPUTE = "dispute", _("矛盾纠纷")
        TRAFFIC = "traffic", _("交通")
        NOISE = "noise", _("噪声扰民")
        FRAUD = "fraud", _("诈骗")
        HAZARD = "hazard", _("安全隐患")
        MISSING = "missing", _("走失")
        THEFT = "theft", _("盗窃")
        FIRE = "fire", _("火情")
        VIOLENCE = "violence", _("打架伤害")
        HELP = "help", _("求助")
        HOUSING = "housing", _("房屋租赁")
        OTHER = "other", _("其他")

    class State(models.TextChoices):
        RECEIVED = "RECEIVED", _("已接警")
        GRADED = "GRADED", _("已分级")
        DISPATCHED = "DISPATCHED", _("已派警")
        HANDLED = "HANDLED", _("已处置")
        FED_BACK = "FED_BACK", _("已反馈")
        REVIEWED = "REVIEWED", _("已审核")
        ARCHIVED = "ARCHIVED", _("已归档")
        MERGED = "MERGED", _("已合并")
        REFERRED = "REFERRED", _("已移交")
        CANCELLED = "CANCELLED", _("已取消")
        UNFOUNDED = "UNFOUNDED", _("不属实")
        VOIDED = "VOIDED", _("已作废")

    class Disposition(models.TextChoices):
        SETTLED_ON_SPOT = "settled_on_spot", _("现场调解")
        MEDIATION = "mediation", _("转调解")
        WARNED = "warned", _("劝阻教育")
        CASE_OPENED = "case_opened", _("受案处理")
        TRAFFIC_HANDLED = "traffic_handled", _("交通快处")
        HAZARD_FIXED = "hazard_fixed", _("隐患排除")
        FOUND = "found", _("人员找回")
        HELPED = "helped", _("救助完成")
        FRAUD_STOPPED = "fraud_stopped", _("劝阻转账")
        REFERRED = "referred", _("移交其他部门")
        NOT_FOUND = "not_found", _("到场未发现")
        UNFOUNDED = "unfounded", _("不属实")

    WORKFLOW = Workflow(
        {
            State.RECEIVED: {State.GRADED, State.DISPATCHED, State.MERGED, State.REFERRED, State.CANCELLED, State.VOIDED},
            State.GRADED: {
                State.DISPATCHED, State.HANDLED, State.MERGED, State.REFERRED, State.CANCELLED, State.UNFOUNDED,
                State.VOIDED,
            },
            State.DISPATCHED: {
                State.GRADED, State.HANDLED, State.MERGED, State.REFERRED, State.CANCELLED, State.UNFOUNDED, State.VOIDED,
            },
            State.HANDLED: {State.DISPATCHED, State.FED_BACK, State.VOIDED},
            State.FED_BACK: {State.REVIEWED, State.GRADED},
            State.REVIEWED: {State.ARCHIVED, State.GRADED},
            State.ARCHIVED: {State.GRADED},
            State.CANCELLED: {State.GRADED},
            State.UNFOUNDED: {State.GRADED},
            State.MERGED: {State.GRADED},
            State.REFERRED: {State.GRADED},
        },
        why={
            (State.RECEIVED, State.HANDLED): _("还没有派警，不能记为已处置。"),
            (State.HANDLED, State.REVIEWED): _("先填写反馈，才能审核。"),
            (State.DISPATCHED, State.ARCHIVED): _("还在处置中，不能归档。"),
            (State.VOIDED, State.GRADED): _("作废的警情不能重开，请重新登记。"),
        },
    )  # fmt: skip

    number = models.BigIntegerField(
        _("编号"), unique=True, editable=False, db_default=Func(Value("dispatch_incident_number"), function="nextval")
    )
    kind = models.CharField(_("类别"), max_length=10, choices=Kind)
    grade = models.PositiveSmallIntegerField(_("级别"))
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.RECEIVED)
    lon = models.FloatField(_("经度"))
    lat = models.FloatField(_("纬度"))
    h3 = models.BigIntegerField(_("六边形"))
    cell = models.ForeignKey(
        Cell, verbose_name=_("网格"), null=True, on_delete=models.PROTECT, related_name="incidents"
    )
    premises = models.ForeignKey(
        Premises, verbose_name=_("场所"), null=True, on_delete=models.PROTECT, related_name="incidents"
    )
    place_words = models.CharField(_("地点"), max_length=120, blank=True)
    summary = models.CharField(_("简要情况"), max_length=1000)
    contact_id = models.BigIntegerField(_("联系人记录"), null=True)
    report_id = models.BigIntegerField(_("上报"), null=True)
    source = models.CharField(_("来源"), max_length=20, blank=True)
    received_at = models.DateTimeField(_("接警时间"))
    graded_at = models.DateTimeField(_("分级时间"), null=True)
    dispatched_at = models.DateTimeField(_("派警时间"), null=True)
    first_arrival_at = models.DateTimeField(_("首车到场时间"), null=True)
    cleared_at = models.DateTimeField(_("处置完成时间"), null=True)
    fed_back_at = models.DateTimeField(_("反馈时间"), null=True)
    due_at = models.DateTimeField(_("应完成时间"), null=True)
    due_code = models.CharField(_("时限"), max_length=12, blank=True)
    disposition = models.CharField(_("处置结果"), max_length=20, choices=Disposition, blank=True)
    outcome = models.CharField(_("处置说明"), max_length=1000, blank=True)
    reopened_count = models.PositiveSmallIntegerField(_("重开次数"), default=0)
    merged_into = models.ForeignKey(
        "self", verbose_name=_("并入"), null=True, on_delete=models.PROTECT, related_name="merged"
    )
    erased_at = models.DateTimeField(_("内容删除时间"), null=True)
    flaws = models.JSONField(_("数据疑点"), default=list, blank=True)

    class Meta:
        verbose_name = _("警情")
        constraints = [
            models.CheckConstraint(condition=Q(grade__in=(1, 2, 3, 4)), name="dispatch_incident_grade"),
            models.CheckConstraint(
                condition=Q(lon__gte=-180, lon__lte=180, lat__gte=-90, lat__lte=90), name="dispatch_incident_on_globe"
            ),
            models.CheckConstraint(
                condition=Q(state="MERGED", merged_into__isnull=False) | (~Q(state="MERGED") & Q(merged_into=None)),
                name="dispatch_incident_merged",
            ),
            models.UniqueConstraint(
                fields=["report_id"], condition=Q(report_id__isnull=False), name="dispatch_incident_of_report"
            ),
        ]
        indexes = [
            models.Index(
                fields=["grade", "received_at", "id"],
                include=["state", "kind", "cell_id", "due_at"],
                condition=Q(state__in=("RECEIVED", "GRADED", "DISPATCHED", "HANDLED", "FED_BACK")),
                name="dispatch_board",
            ),
            models.Index(
                fields=["cell", "grade", "received_at", "id"],
                condition=Q(state__in=("RECEIVED", "GRADED", "DISPATCHED", "HANDLED", "FED_BACK")),
                name="dispatch_board_of_cell",
            ),
            models.Index(
                fields=["lon", "lat"],
                include=["grade", "kind", "cell_id", "due_at", "state", "h3"],
                condition=Q(state__in=("RECEIVED", "GRADED", "DISPATCHED", "HANDLED", "FED_BACK")),
                name="dispatch_map",
            ),
            models.Index(
                fields=["state", "due_at"],
                condition=Q(state__in=("RECEIVED", "GRADED", "DISPATCHED", "HANDLED", "FED_BACK")),
                name="dispatch_counts",
            ),
            models.Index(fields=["-received_at", "-id"], name="dispatch_received"),
        ]

    def __str__(self) -> str:
        return f"{self.number}"

    @property
    def is_open(self) -> bool:
        """Whether somebody still has something to do."""
        return self.state in OPEN


OPEN = frozenset({
    Incident.State.RECEIVED, Incident.State.GRADED, Incident.State.DISPATCHED, Incident.State.HANDLED,
    Incident.State.FED_BACK,
})  # fmt: skip
CLOSED = frozenset(Incident.State) - OPEN


class Advice(models.Model):
    """What the engine proposed at a moment, and what the person chose. Kept as given; never edited but by the choice."""

    id = models.BigAutoField(primary_key=True)
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="advices")
    at = models.DateTimeField(_("时间"))
    ranked = models.JSONField(_("排序"))
    chosen_unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    chosen_rank = models.PositiveSmallIntegerField(_("所选名次"), null=True)

    class Meta:
        verbose_name = _("派警建议")
        indexes = [models.Index(fields=["incident", "-id"], name="dispatch_advice_of")]

    def __str__(self) -> str:
        return f"{self.pk}"
