"""Tables of intake, and the life cycles of reports and referrals."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from jiean.grid.models import Cell, Premises
from jiean.kernel.models import Record
from jiean.kernel.workflow import Workflow
from jiean.people.models import Organisation

TEXT_LIMIT = 2000
PLACE_LIMIT = 120
NOTE_LIMIT = 500


class Kind(models.TextChoices):
    """What a report is about; the values are those of the engine's advice."""

    DISPUTE = "dispute", _("纠纷")
    TRAFFIC = "traffic", _("交通")
    NOISE = "noise", _("噪音")
    FRAUD = "fraud", _("诈骗")
    HAZARD = "hazard", _("隐患")
    MISSING = "missing", _("走失")
    THEFT = "theft", _("盗窃")
    FIRE = "fire", _("火情")
    VIOLENCE = "violence", _("打斗")
    HELP = "help", _("求助")
    HOUSING = "housing", _("租房")
    OTHER = "other", _("其他")


class Urgency(models.IntegerChoices):
    """How soon it must be looked at."""

    NOW = 1, _("一级")
    SOON = 2, _("二级")
    TODAY = 3, _("三级")
    IN_TURN = 4, _("四级")


class Channel(models.TextChoices):
    """How a report came in."""

    WEB = "web", _("网页")
    DESK_WALKIN = "desk_walkin", _("到站")
    DESK_PHONE = "desk_phone", _("电话")
    OFFICER = "officer", _("民警采集")
    PARTNER = "partner", _("协作平台")
    IMPORT = "import", _("导入")
    API = "api", _("接口")


class Outcome(models.TextChoices):
    """What came of a report, in a code; free words for the reporter stand beside it."""

    HANDLED = "handled", _("已处理")
    SETTLED = "settled", _("已调解")
    MEDIATION = "mediation", _("已转调解")
    MENDED = "mended", _("已整改")
    EXPLAINED = "explained", _("已答复说明")
    UNFOUNDED = "unfounded", _("经查无此事")
    PASSED_ON = "passed_on", _("已由其他部门办理")


class Report(Record):
    """What somebody told us. ``advice`` is what the triage proposed; kind and urgency are what holds."""

    class State(models.TextChoices):
        NEW = "NEW", _("待分流")
        ACCEPTED = "ACCEPTED", _("已受理")
        REFERRED = "REFERRED", _("已转办")
        ANSWERED = "ANSWERED", _("已答复")
        CLOSED = "CLOSED", _("已办结")
        MERGED = "MERGED", _("已合并")
        REJECTED = "REJECTED", _("不予受理")

    WORKFLOW = Workflow(
        {
            State.NEW: {State.ACCEPTED, State.REFERRED, State.ANSWERED, State.MERGED, State.REJECTED},
            State.ACCEPTED: {State.ANSWERED, State.MERGED, State.NEW},
            State.REFERRED: {State.NEW, State.ANSWERED, State.MERGED},
            State.ANSWERED: {State.CLOSED, State.NEW, State.ACCEPTED},
            State.CLOSED: {State.NEW, State.ACCEPTED},
            State.REJECTED: {State.NEW},
            State.MERGED: {State.NEW, State.ACCEPTED, State.REFERRED},
        },
        why={
            (State.CLOSED, State.ANSWERED): _("已经办结，请先重新打开。"),
            (State.ACCEPTED, State.REFERRED): _("已经受理出警，处置后再转办。"),
            (State.MERGED, State.ANSWERED): _("已经并入另一件，请在那一件上答复。"),
        },
    )
    OPEN = (State.NEW, State.ACCEPTED, State.REFERRED)
    FINISHED = (State.CLOSED, State.REJECTED)

    number = models.CharField(_("编号"), max_length=16, unique=True)
    kind = models.CharField(_("类型"), max_length=10, choices=Kind, default=Kind.OTHER)
    urgency = models.PositiveSmallIntegerField(_("紧急程度"), choices=Urgency, default=Urgency.IN_TURN)
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.NEW)
    channel = models.CharField(_("来源"), max_length=12, choices=Channel)
    text = models.TextField(_("内容"), max_length=TEXT_LIMIT)
    lon = models.FloatField(_("经度"), null=True)
    lat = models.FloatField(_("纬度"), null=True)
    hexagon = models.BigIntegerField(_("六边形"), null=True)
    place_words = models.CharField(_("地点"), max_length=PLACE_LIMIT, blank=True)
    cell = models.ForeignKey(Cell, verbose_name=_("网格"), null=True, on_delete=models.PROTECT, related_name="+")
    premises = models.ForeignKey(
        Premises, verbose_name=_("场所"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    contact_id = models.BigIntegerField(_("联系方式"), null=True)
    advice = models.JSONField(_("分流建议"), default=dict)
    red_flag = models.BooleanField(_("红色警示"), default=False)
    incident_id = models.BigIntegerField(_("警情"), null=True)
    merged_into = models.ForeignKey(
        "self", verbose_name=_("并入"), null=True, on_delete=models.PROTECT, related_name="merged"
    )
    merged_from_state = models.CharField(_("合并前状态"), max_length=10, blank=True)
    split_from = models.ForeignKey(
        "self", verbose_name=_("拆分自"), null=True, on_delete=models.PROTECT, related_name="parts"
    )
    refusals = models.PositiveSmallIntegerField(_("退回次数"), default=0)
    needs_ruling = models.BooleanField(_("待裁定"), default=False)
    outcome = models.CharField(_("结果"), max_length=12, choices=Outcome, blank=True)
    answer = models.CharField(_("答复"), max_length=NOTE_LIMIT, blank=True)
    satisfied = models.BooleanField(_("满意"), null=True)
    satisfaction_note = models.CharField(_("评价"), max_length=NOTE_LIMIT, blank=True)
    reopened_count = models.PositiveSmallIntegerField(_("重开次数"), default=0)
    device_at = models.DateTimeField(_("设备时间"), null=True)
    made_at = models.DateTimeField(_("填写时间"), null=True)
    received_at = models.DateTimeField(_("收到时间"))
    due_at = models.DateTimeField(_("到期时间"), null=True)
    erased_at = models.DateTimeField(_("内容删除时间"), null=True)
    unstudied = models.BooleanField(_("待细读"), default=True)

    class Meta:
        verbose_name = _("上报")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(lon__isnull=True, lat__isnull=True)
                | models.Q(lon__gte=-180, lon__lte=180, lat__gte=-90, lat__lte=90),
                name="intake_report_on_globe",
            ),
            models.CheckConstraint(
                condition=(models.Q(state="MERGED") & models.Q(merged_into__isnull=False))
                | (~models.Q(state="MERGED") & models.Q(merged_into__isnull=True)),
                name="intake_merged_into",
            ),
            models.CheckConstraint(condition=models.Q(urgency__gte=1, urgency__lte=4), name="intake_urgency"),
            models.CheckConstraint(
                condition=models.Q(red_flag=False) | models.Q(urgency=1), name="intake_red_flag_is_urgent"
            ),
        ]
        indexes = [
            models.Index(
                fields=["urgency", "received_at", "id"],
                include=["state", "kind", "cell", "due_at"],
                condition=models.Q(state__in=["NEW", "ACCEPTED", "REFERRED"]),
                name="intake_open",
            ),
            models.Index(
                fields=["cell", "urgency", "received_at", "id"],
                condition=models.Q(state__in=["NEW", "ACCEPTED", "REFERRED"]),
                name="intake_open_of_cell",
            ),
            models.Index(fields=["cell", "-id"], name="intake_of_cell"),
            models.Index(
                fields=["lat", "lon"],
                condition=models.Q(state__in=["NEW", "ACCEPTED", "REFERRED"]),
                name="intake_open_point",
            ),
            models.Index(fields=["-received_at", "-id"], name="intake_newest"),
            models.Index(fields=["incident_id"], condition=models.Q(incident_id__isnull=False), name="intake_incident"),
            models.Index(fields=["id"], condition=models.Q(unstudied=True), name="intake_unstudied"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def is_finished(self) -> bool:
        """Whether nothing more comes: what was told is read only for a purpose from now on."""
        return self.state in self.FINISHED


ENDED = (Report.State.CLOSED, Report.State.REJECTED, Report.State.ANSWERED)
"""States from which the year of keeping runs; an answered report that nobody closes is not kept for ever."""


class Photo(models.Model):
    """A picture kept for a report: JPEG made anew by us, so nothing of the original file is left but what can be seen."""

    id = models.BigAutoField(primary_key=True)
    report = models.ForeignKey(Report, verbose_name=_("上报"), on_delete=models.PROTECT, related_name="photos")
    name = models.CharField(_("文件"), max_length=60, unique=True)
    width = models.PositiveSmallIntegerField(_("宽"))
    height = models.PositiveSmallIntegerField(_("高"))
    created_at = models.DateTimeField(_("时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("照片")

    def __str__(self) -> str:
        return self.name


class Supplement(Record):
    """A sentence somebody added to a report, the reporter or the desk."""

    report = models.ForeignKey(Report, verbose_name=_("上报"), on_delete=models.PROTECT, related_name="supplements")
    text = models.CharField(_("补充内容"), max_length=NOTE_LIMIT)
    by_reporter = models.BooleanField(_("上报人补充"))
    account_id = models.BigIntegerField(_("账号"), null=True)

    class Meta:
        verbose_name = _("补充")

    def __str__(self) -> str:
        return f"{self.report_id} {self.pk}"


class Referral(Record):
    """One sending of a report to one body. ``ruled`` ones were decided by the commander and cannot be refused."""

    class State(models.TextChoices):
        SENT = "SENT", _("已转出")
        ACCEPTED = "ACCEPTED", _("已签收")
        REFUSED = "REFUSED", _("已退回")
        DONE = "DONE", _("已办完")
        RECALLED = "RECALLED", _("已撤回")

    WORKFLOW = Workflow(
        {State.SENT: {State.ACCEPTED, State.REFUSED, State.RECALLED}, State.ACCEPTED: {State.DONE, State.RECALLED}},
        why={(State.ACCEPTED, State.REFUSED): _("已经签收，不能再退回。")},
    )
    RUNNING = (State.SENT, State.ACCEPTED)

    report = models.ForeignKey(Report, verbose_name=_("上报"), on_delete=models.PROTECT, related_name="referrals")
    organisation = models.ForeignKey(Organisation, verbose_name=_("去向"), on_delete=models.PROTECT, related_name="+")
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.SENT)
    round = models.PositiveSmallIntegerField(_("第几次"), default=1)
    ruled = models.BooleanField(_("裁定转办"), default=False)
    reason = models.CharField(_("说明"), max_length=NOTE_LIMIT, blank=True)
    reply = models.CharField(_("回复"), max_length=NOTE_LIMIT, blank=True)
    sent_at = models.DateTimeField(_("转出时间"))
    answered_at = models.DateTimeField(_("签收或退回时间"), null=True)
    done_at = models.DateTimeField(_("办完时间"), null=True)

    class Meta:
        verbose_name = _("转办")
        constraints = [
            models.UniqueConstraint(
                fields=["report"], condition=models.Q(state__in=["SENT", "ACCEPTED"]), name="intake_one_referral_runs"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="REFUSED") | models.Q(ruled=False), name="intake_ruling_stands"
            ),
        ]
        indexes = [
            models.Index(
                fields=["organisation"], condition=models.Q(state__in=["SENT", "ACCEPTED"]), name="intake_referral_runs"
            )
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.organisation_id}"


class ToldApart(Record):
    """Two reports a person called different things, so that they are not offered for merging again; the lower id stands first."""

    first = models.ForeignKey(Report, verbose_name=_("上报"), on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(Report, verbose_name=_("另一件上报"), on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("不是同一件")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="intake_told_apart_once"),
            models.CheckConstraint(condition=models.Q(first__lt=models.F("second")), name="intake_told_apart_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} {self.second_id}"


class HotIssue(Record):
    """Reports on one thing in one place within weeks: proposed by the clock, judged by a person. Never about a person."""

    class State(models.TextChoices):
        PROPOSED = "PROPOSED", _("待确认")
        CONFIRMED = "CONFIRMED", _("已确认")
        DISMISSED = "DISMISSED", _("不是热点")

    WORKFLOW = Workflow(
        {
            State.PROPOSED: {State.CONFIRMED, State.DISMISSED},
            State.CONFIRMED: {State.DISMISSED, State.PROPOSED},
            State.DISMISSED: {State.CONFIRMED, State.PROPOSED},
        }
    )

    name = models.CharField(_("名称"), max_length=40, blank=True)
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.PROPOSED)
    kind = models.CharField(_("类型"), max_length=10, choices=Kind)
    cell = models.ForeignKey(Cell, verbose_name=_("网格"), null=True, on_delete=models.PROTECT, related_name="+")
    reports: models.ManyToManyField[Report, HotIssueReport] = models.ManyToManyField(
        Report, through="HotIssueReport", related_name="+"
    )

    class Meta:
        verbose_name = _("热点")
        indexes = [models.Index(fields=["state", "-updated_at"], name="intake_hot_newest")]

    def __str__(self) -> str:
        return self.name or f"{self.kind} {self.pk}"


class HotIssueReport(models.Model):
    """That a report belongs to a hot issue; to one at most."""

    id = models.BigAutoField(primary_key=True)
    issue = models.ForeignKey(HotIssue, verbose_name=_("热点"), on_delete=models.CASCADE, related_name="members")
    report = models.OneToOneField(Report, verbose_name=_("上报"), on_delete=models.PROTECT, related_name="hot")

    class Meta:
        verbose_name = _("热点里的上报")

    def __str__(self) -> str:
        return f"{self.issue_id} {self.report_id}"


class RightsRequest(Record):
    """What a reporter asks about their own data: to have it corrected, or no longer held. Answered within five working days."""

    class Kind(models.TextChoices):
        CORRECT = "correct", _("更正")
        OBJECT = "object", _("不同意继续保存")

    class About(models.TextChoices):
        TEXT = "text", _("内容")
        PLACE = "place", _("地点")
        CONTACT = "contact", _("联系方式")
        PHOTOS = "photos", _("照片")
        ALL = "all", _("整件上报")

    class State(models.TextChoices):
        OPEN = "OPEN", _("待答复")
        DONE = "DONE", _("已照办")
        REFUSED = "REFUSED", _("没有照办")

    class Ground(models.TextChoices):
        """Why a request is refused (PIPL, articles 18, 46, 47)."""

        LAW = "law", _("法律要求继续保存")
        HANDLING = "handling", _("事情还在办理，需要作为依据")
        UNCHANGED = "unchanged", _("核对后，原来记的没有错")
        OTHERS = "others", _("会损害别人的合法权益")

    WORKFLOW = Workflow({State.OPEN: {State.DONE, State.REFUSED}})

    report = models.ForeignKey(Report, verbose_name=_("上报"), on_delete=models.PROTECT, related_name="rights_requests")
    kind = models.CharField(_("要求"), max_length=8, choices=Kind)
    about = models.CharField(_("关于"), max_length=8, choices=About)
    state = models.CharField(_("状态"), max_length=8, choices=State, default=State.OPEN)
    words = models.CharField(_("说明"), max_length=NOTE_LIMIT, blank=True)
    new_contact_id = models.BigIntegerField(_("新的联系方式"), null=True)
    ground = models.CharField(_("理由"), max_length=10, choices=Ground, blank=True)
    answer = models.CharField(_("答复"), max_length=NOTE_LIMIT, blank=True)
    due_at = models.DateTimeField(_("到期时间"))
    answered_at = models.DateTimeField(_("答复时间"), null=True)

    class Meta:
        verbose_name = _("个人信息要求")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="REFUSED") | ~models.Q(ground=""), name="intake_refusal_has_ground"
            )
        ]
        indexes = [models.Index(fields=["due_at", "id"], condition=models.Q(state="OPEN"), name="intake_rights_open")]

    def __str__(self) -> str:
        return f"{self.report_id} {self.kind} {self.about}"
