"""The dispute itself and its life cycle."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jiean.grid.models import Cell, Premises
from jiean.kernel.models import Record
from jiean.kernel.workflow import Workflow
from jiean.people.models import Organisation

FACTS_LIMIT = 2000
PLACE_LIMIT = 120
NOTE_LIMIT = 500


class Kind(models.TextChoices):
    """What a dispute is about, as the returns of people's mediation count it."""

    NEIGHBOURS = "neighbours", _("邻里纠纷")
    FAMILY = "family", _("婚姻家庭纠纷")
    LABOUR = "labour", _("劳动争议")
    CONTRACT = "contract", _("合同纠纷")
    DEBT = "debt", _("借贷纠纷")
    INJURY = "injury", _("损害赔偿纠纷")
    PROPERTY = "property", _("物业管理纠纷")
    RENTAL = "rental", _("房屋租赁纠纷")
    CONSUMER = "consumer", _("消费纠纷")
    TRAFFIC = "traffic", _("交通事故纠纷")
    MEDICAL = "medical", _("医疗纠纷")
    LAND = "land", _("山林土地纠纷")
    POLLUTION = "pollution", _("环境污染纠纷")
    SCHOOL = "school", _("校园纠纷")
    OTHER = "other", _("其他纠纷")

    @classmethod
    def of_matter(cls, code: str) -> Kind:
        """What a report or an incident of this kind is called until somebody who mediates it says better."""
        return _OF_MATTERS.get(code, cls.OTHER)


_OF_MATTERS = {
    "housing": Kind.RENTAL, "traffic": Kind.TRAFFIC, "noise": Kind.NEIGHBOURS, "violence": Kind.INJURY,
}  # fmt: skip
"""By the kinds reports and incidents share."""


class Level(models.TextChoices):
    """How high a dispute is handled."""

    CELL = "cell", _("网格")
    POST = "post", _("站点")
    STREET = "street", _("街道")
    JOINT = "joint", _("联合")


class Channel(models.TextChoices):
    """Where the first word of it came from."""

    PHONE = "phone", _("工作人员登记")
    DESK = "desk", _("到站申请")
    REPORT = "report", _("群众上报")
    INCIDENT = "incident", _("警情转来")
    PARTNER = "partner", _("协作单位")
    SPLIT = "split", _("从另一件拆出")


class Manner(models.TextChoices):
    """Whose mediation it is. The two are never mixed: other rules, other documents, other clocks."""

    PEOPLE = "people", _("人民调解")
    POLICE = "police", _("治安调解")


class PoliceGround(models.TextChoices):
    """Conduct the police may mediate where it is slight and grew out of a quarrel among people; ``rules`` cites the source."""

    ASSAULT = "assault", _("殴打他人")
    WOUNDING = "wounding", _("故意伤害")
    INSULT = "insult", _("侮辱")
    SLANDER = "slander", _("诽谤")
    ACCUSATION = "accusation", _("诬告陷害")
    DAMAGE = "damage", _("故意损毁财物")
    DISTURBANCE = "disturbance", _("干扰他人正常生活")
    PRIVACY = "privacy", _("侵犯隐私")
    TRESPASS = "trespass", _("非法侵入住宅")


class Way(models.TextChoices):
    """Where a dispute goes that mediation does not end."""

    COURT = "court", _("人民法院")
    ARBITRATION = "arbitration", _("仲裁机构")
    OFFICE = "office", _("行政机关")
    POLICE = "police", _("公安机关依法处理")


OUTCOMES = {
    "settled": _("调解成功"), "failed": _("调解不成"), "withdrawn": _("当事人撤回"), "referred": _("已引导其他途径"),
}  # fmt: skip
"""How mediation came out, in words; ``Dispute.outcome`` is empty until it has."""


class Dispute(Record):
    """What people are at odds about. ``desk`` answers for it, always one; ``due_at`` is its next clock, ``due_code`` which."""

    class State(models.TextChoices):
        REGISTERED = "REGISTERED", _("已登记")
        DIVERTED = "DIVERTED", _("待签收")
        ACCEPTED = "ACCEPTED", _("调解受理")
        MEDIATING = "MEDIATING", _("调解中")
        SETTLED = "SETTLED", _("调解成功")
        FAILED = "FAILED", _("调解不成")
        FOLLOW_UP = "FOLLOW_UP", _("回访中")
        CLOSED = "CLOSED", _("调解办结")
        WITHDRAWN = "WITHDRAWN", _("当事人撤回")
        REFERRED = "REFERRED", _("已引导其他途径")
        REJECTED = "REJECTED", _("不予调解")
        JOINED = "JOINED", _("已并案")

    _ENDS = {State.WITHDRAWN, State.REFERRED}
    WORKFLOW = Workflow(
        {
            State.REGISTERED: {State.DIVERTED, State.ACCEPTED, State.REJECTED, State.JOINED, *_ENDS},
            State.DIVERTED: {State.REGISTERED, State.ACCEPTED, State.WITHDRAWN},
            State.ACCEPTED: {State.DIVERTED, State.MEDIATING, State.FAILED, State.JOINED, *_ENDS},
            State.MEDIATING: {State.SETTLED, State.FAILED, State.JOINED, *_ENDS},
            State.SETTLED: {State.FOLLOW_UP},
            State.FAILED: {State.FOLLOW_UP, State.REFERRED},
            State.FOLLOW_UP: {State.CLOSED, State.ACCEPTED},
            State.CLOSED: {State.ACCEPTED},
            State.WITHDRAWN: {State.REGISTERED, State.ACCEPTED},
            State.REFERRED: {State.REGISTERED, State.ACCEPTED},
            State.REJECTED: {State.REGISTERED},
            State.JOINED: {State.REGISTERED, State.ACCEPTED, State.MEDIATING},
        },
        why={
            (State.SETTLED, State.CLOSED): _("先回访，再办结。"),
            (State.FAILED, State.CLOSED): _("先回访，再办结。"),
            (State.SETTLED, State.WITHDRAWN): _("已经达成协议，不能再撤回；要改约定，请重新打开。"),
            (State.DIVERTED, State.JOINED): _("正等对方签收，先撤回再并案。"),
            (State.ACCEPTED, State.SETTLED): _("先开始调解，再记录协议。"),
            (State.REGISTERED, State.MEDIATING): _("先受理，再调解。"),
        },
    )
    LIVE = (State.REGISTERED, State.DIVERTED, State.ACCEPTED, State.MEDIATING, State.SETTLED, State.FAILED,
            State.FOLLOW_UP)  # fmt: skip
    UNACCEPTED = (State.REGISTERED, State.DIVERTED)
    FINISHED = (State.CLOSED, State.WITHDRAWN, State.REFERRED, State.REJECTED)

    number = models.CharField(_("编号"), max_length=16, unique=True)
    kind = models.CharField(_("类型"), max_length=10, choices=Kind)
    level = models.CharField(_("处理层级"), max_length=6, choices=Level, default=Level.CELL)
    manner = models.CharField(_("调解方式"), max_length=6, choices=Manner, default=Manner.PEOPLE)
    police_ground = models.CharField(_("治安调解事由"), max_length=12, choices=PoliceGround, blank=True)
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.REGISTERED)
    channel = models.CharField(_("来源"), max_length=8, choices=Channel)
    facts = models.TextField(_("纠纷经过"), max_length=FACTS_LIMIT)
    place_words = models.CharField(_("地点"), max_length=PLACE_LIMIT, blank=True)
    cell = models.ForeignKey(Cell, verbose_name=_("网格"), null=True, on_delete=models.PROTECT, related_name="+")
    premises = models.ForeignKey(
        Premises, verbose_name=_("场所"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    amount_yuan = models.PositiveBigIntegerField(_("涉及金额"), null=True)
    people_count = models.PositiveIntegerField(_("涉及人数"), null=True)
    desk = models.ForeignKey(Organisation, verbose_name=_("负责单位"), on_delete=models.PROTECT, related_name="+")
    mediator_id = models.BigIntegerField(_("调解员"), null=True)
    registered_by_id = models.BigIntegerField(_("登记人"), null=True)
    report_id = models.BigIntegerField(_("上报"), null=True)
    incident_id = models.BigIntegerField(_("警情"), null=True)
    joined_into = models.ForeignKey(
        "self", verbose_name=_("并入"), null=True, on_delete=models.PROTECT, related_name="joined"
    )
    joined_from_state = models.CharField(_("并案前状态"), max_length=10, blank=True)
    split_from = models.ForeignKey(
        "self", verbose_name=_("拆分自"), null=True, on_delete=models.PROTECT, related_name="parts"
    )
    post_id = models.BigIntegerField(_("登记的站点"), null=True)
    before_call = models.BooleanField(_("登记前没有警情"), default=False)
    is_open = models.BooleanField(_("公开调解"), default=False)
    address_hidden = models.BooleanField(_("住址保密"), default=False)
    refusals = models.PositiveSmallIntegerField(_("退回次数"), default=0)
    needs_ruling = models.BooleanField(_("待裁定"), default=False)
    outcome = models.CharField(_("结果"), max_length=10, blank=True)
    way = models.CharField(_("引导途径"), max_length=12, choices=Way, blank=True)
    reopened_count = models.PositiveSmallIntegerField(_("重开次数"), default=0)
    registered_at = models.DateTimeField(_("登记时间"))
    accepted_at = models.DateTimeField(_("受理时间"), null=True)
    contacted_at = models.DateTimeField(_("首次联系时间"), null=True)
    ended_at = models.DateTimeField(_("调解结束时间"), null=True)
    due_at = models.DateTimeField(_("到期时间"), null=True)
    due_code = models.CharField(_("时限"), max_length=24, blank=True)
    reminded = models.CharField(_("已提醒"), max_length=40, blank=True)
    erased_at = models.DateTimeField(_("内容删除时间"), null=True)
    notes_erased_at = models.DateTimeField(_("笔录删除时间"), null=True)

    class Meta:
        verbose_name = _("纠纷")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="JOINED", joined_into__isnull=False)
                | (~Q(state="JOINED") & Q(joined_into__isnull=True)),
                name="disputes_joined_into",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("ACCEPTED", "MEDIATING", "SETTLED", "FAILED", "FOLLOW_UP", "CLOSED"))
                | Q(accepted_at__isnull=False),
                name="disputes_accepted_when",
            ),
            models.CheckConstraint(
                condition=Q(manner="people", police_ground="") | (Q(manner="police") & ~Q(police_ground="")),
                name="disputes_police_ground",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=("", "settled", "failed", "withdrawn", "referred")), name="disputes_outcome"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", ended_at__isnull=True) | (~Q(outcome="") & Q(ended_at__isnull=False)),
                name="disputes_ended_when",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                condition=Q(
                    state__in=["REGISTERED", "DIVERTED", "ACCEPTED", "MEDIATING", "SETTLED", "FAILED", "FOLLOW_UP"]
                ),
                name="disputes_live",
            ),
            models.Index(fields=["mediator_id", "state", "due_at"], name="disputes_of_mediator"),
            models.Index(fields=["desk", "state", "due_at"], name="disputes_of_desk"),
            models.Index(fields=["registered_by_id", "state"], name="disputes_of_registrar"),
            models.Index(fields=["-registered_at", "-id"], name="disputes_newest"),
            models.Index(fields=["ended_at"], condition=Q(outcome="settled"), name="disputes_settled"),
            models.Index(
                fields=["outcome"], condition=Q(accepted_at=None) & ~Q(outcome=""), name="disputes_unaccepted"
            ),
            models.Index(fields=["post_id"], condition=Q(post_id__isnull=False), name="disputes_of_post"),
            models.Index(fields=["report_id"], condition=Q(report_id__isnull=False), name="disputes_of_report"),
            models.Index(fields=["incident_id"], condition=Q(incident_id__isnull=False), name="disputes_of_incident"),
            models.Index(
                fields=["updated_at"],
                condition=Q(state__in=["CLOSED", "WITHDRAWN", "REFERRED", "REJECTED"], erased_at=None),
                name="disputes_to_forget",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def kind_words(self) -> str:
        """In the reader's language; Django's own way hashes every label anew for each row, a tenth of a list's time."""
        return str(Kind(self.kind).label)

    @property
    def state_words(self) -> str:
        """In the reader's language."""
        return str(self.State(self.state).label)

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE

    @property
    def is_finished(self) -> bool:
        """Whether nothing more comes: what was told is read only for a purpose from now on."""
        return self.state in self.FINISHED


class Tally(models.Model):
    """How many disputes are alike, as the table itself keeps it: the sum over the lines is the count, folded or not."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(_("类型"), max_length=10)
    desk_id = models.BigIntegerField(_("负责单位"))
    state = models.CharField(_("状态"), max_length=10)
    outcome = models.CharField(_("结果"), max_length=10, blank=True)
    number = models.BigIntegerField(_("多少件"))

    class Meta:
        verbose_name = _("纠纷计数")

    def __str__(self) -> str:
        return f"{self.kind} {self.desk_id} {self.state} {self.number}"
