"""Escalation (民转刑): a flag a person raises on a dispute, the steps that protect, calls about it, and what the machine asks to look at.

Nothing here is of a person: no column scores or marks a party, and nothing leads from one dispute to another.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jiean.disputes.models.disputes import Dispute
from jiean.disputes.models.parties import Party
from jiean.kernel.models import Record
from jiean.kernel.workflow import Workflow


class Reason(models.TextChoices):
    """Why a person thinks that a dispute may turn violent. They are about what happened in it, not about who anybody is."""

    THREAT = "threat", _("扬言伤人")
    WEAPON = "weapon", _("拿出或者准备了凶器")
    FOUGHT = "fought", _("已经动过手")
    LAY_IN_WAIT = "wait", _("上门堵人、蹲守")
    DAMAGE = "damage", _("砸东西、放火、断水断电")
    HOME = "home", _("家庭成员之间的暴力")
    DESPAIR = "despair", _("说过同归于尽、不想活的话")
    FAILED = "failed", _("多次调解不成，越闹越大")
    OTHER = "other", _("其他，见说明")


class Flag(Record):
    """A dispute that may turn violent, as a person said with reasons. Its words lie sealed; they go when it does."""

    class State(models.TextChoices):
        RAISED = "RAISED", _("提示待复核")
        STANDING = "STANDING", _("提示已复核")
        LOWERED = "LOWERED", _("提示已解除")
        GONE = "GONE", _("提示已到期")

    WORKFLOW = Workflow(
        {
            State.RAISED: {State.RAISED, State.STANDING, State.LOWERED, State.GONE},
            State.STANDING: {State.RAISED, State.LOWERED, State.GONE},
        }
    )
    UP = (State.RAISED, State.STANDING)

    dispute = models.ForeignKey(Dispute, verbose_name=_("纠纷"), on_delete=models.PROTECT, related_name="flags")
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.RAISED)
    reasons = models.JSONField(_("理由"), default=list, blank=True)
    note_id = models.BigIntegerField(_("密封说明"), null=True)
    raised_by_id = models.BigIntegerField(_("提出人"), null=True)
    raised_at = models.DateTimeField(_("提示时间"))
    review_by = models.DateTimeField(_("最迟复核时间"))
    ends_at = models.DateTimeField(_("到期时间"))
    reviewed_by_id = models.BigIntegerField(_("复核人"), null=True)
    reviewed_at = models.DateTimeField(_("复核时间"), null=True)
    renewals = models.PositiveSmallIntegerField(_("续期次数"), default=0)
    reminded = models.BooleanField(_("已提醒复核"), default=False)

    class Meta:
        verbose_name = _("民转刑提示")
        constraints = [
            models.UniqueConstraint(
                fields=["dispute"], condition=Q(state__in=("RAISED", "STANDING")), name="disputes_one_flag_is_up"
            ),
            models.CheckConstraint(
                condition=~Q(state="STANDING")
                | (Q(reviewed_by_id__isnull=False) & ~Q(reviewed_by_id=models.F("raised_by_id"))),
                name="disputes_flag_reviewed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("LOWERED", "GONE"), note_id=None, reasons=[])
                | (Q(state__in=("RAISED", "STANDING")) & ~Q(reasons=[])),
                name="disputes_flag_has_reasons_while_up",
            ),
        ]
        indexes = [
            models.Index(fields=["review_by"], condition=Q(state="RAISED"), name="disputes_flag_to_review"),
            models.Index(fields=["ends_at"], condition=Q(state__in=("RAISED", "STANDING")), name="disputes_flag_up"),
        ]

    def __str__(self) -> str:
        return f"{self.dispute_id} {self.state}"

    @property
    def is_up(self) -> bool:
        return self.state in self.UP

    @property
    def reason_words(self) -> list[str]:
        """The reasons in the reader's language."""
        return [str(Reason(code).label) for code in self.reasons if code in Reason.values]


class Protection(Record):
    """One step taken so that nobody comes to harm: what, who took it and when. It outlives the flag, and ends by a person's word."""

    class Step(models.TextChoices):
        ROOMS = "rooms", _("分开房间谈")
        APART = "apart", _("分开到、分开走")
        OFFICER = "officer", _("民警在场")
        ADDRESS = "address", _("住址保密")

    dispute = models.ForeignKey(Dispute, verbose_name=_("纠纷"), on_delete=models.PROTECT, related_name="protections")
    step = models.CharField(_("保护措施"), max_length=8, choices=Step)
    party = models.ForeignKey(Party, verbose_name=_("保护谁"), null=True, on_delete=models.PROTECT, related_name="+")
    taken_by_id = models.BigIntegerField(_("采取人"), null=True)
    taken_at = models.DateTimeField(_("采取时间"))
    ended_by_id = models.BigIntegerField(_("解除人"), null=True)
    ended_at = models.DateTimeField(_("解除时间"), null=True)

    class Meta:
        verbose_name = _("保护措施")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["dispute", "step", "party"],
                condition=Q(ended_at=None),
                nulls_distinct=False,
                name="disputes_step_runs_once",
            ),
            models.CheckConstraint(
                condition=Q(step="address", party__isnull=False) | (~Q(step="address") & Q(party=None)),
                name="disputes_address_is_a_partys",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dispute_id} {self.step}"


class Call(Record):
    """Somebody called about this dispute: a report or an incident linked to it, or a call noted by hand. Who called is not kept."""

    dispute = models.ForeignKey(Dispute, verbose_name=_("纠纷"), on_delete=models.PROTECT, related_name="calls")
    report_id = models.BigIntegerField(_("上报"), null=True)
    incident_id = models.BigIntegerField(_("警情"), null=True)
    at = models.DateTimeField(_("时间"))
    noted_by_id = models.BigIntegerField(_("记录人"), null=True)

    class Meta:
        verbose_name = _("就此事的来电")
        ordering = ["at", "id"]
        constraints = [models.UniqueConstraint(fields=["dispute", "report_id"], name="disputes_report_calls_once")]

    def __str__(self) -> str:
        return f"{self.dispute_id} {self.at:%F %T}"


class PleaseLook(Record):
    """What the machine asks a person to look at: a to-do, answered by a named person with a flag or with why not. Never a state."""

    class Why(models.TextChoices):
        THREAT = "threat", _("经过里有威胁的话")
        WEAPON = "weapon", _("经过里提到凶器")
        CALLS = "calls", _("三十天内第三次来电")

    class Answer(models.TextChoices):
        FLAGGED = "flagged", _("提出了民转刑提示")
        NOT_NEEDED = "not_needed", _("看过，不需要")

    dispute = models.ForeignKey(Dispute, verbose_name=_("纠纷"), on_delete=models.PROTECT, related_name="looks")
    why = models.CharField(_("为什么"), max_length=8, choices=Why)
    asked_at = models.DateTimeField(_("提示时间"))
    answer = models.CharField(_("答复"), max_length=10, choices=Answer, blank=True)
    note_id = models.BigIntegerField(_("密封说明"), null=True)
    answered_by_id = models.BigIntegerField(_("答复人"), null=True)
    answered_at = models.DateTimeField(_("答复时间"), null=True)

    class Meta:
        verbose_name = _("请看一看")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["dispute", "why"], condition=Q(answer=""), name="disputes_one_look_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_by_id=None, answered_at=None)
                | (~Q(answer="") & Q(answered_by_id__isnull=False, answered_at__isnull=False)),
                name="disputes_look_is_answered_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["asked_at"], condition=Q(answer=""), name="disputes_look_waits")]

    def __str__(self) -> str:
        return f"{self.dispute_id} {self.why}"
