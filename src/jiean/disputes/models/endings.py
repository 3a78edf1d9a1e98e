"""Meetings, agreements and what became of them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jiean.disputes.models.disputes import NOTE_LIMIT, PLACE_LIMIT, Dispute
from jiean.disputes.models.parties import Party
from jiean.kernel.models import Record

WORDS_LIMIT = 2000
NOTES_LIMIT = 20_000


class Talk(Record):
    """One meeting of mediation. Its notes are sealed under the dispute's key and read one at a time."""

    dispute = models.ForeignKey(Dispute, verbose_name=_("纠纷"), on_delete=models.PROTECT, related_name="talks")
    at = models.DateTimeField(_("时间"))
    place_words = models.CharField(_("地点"), max_length=PLACE_LIMIT, blank=True)
    account_id = models.BigIntegerField(_("记录人"), null=True)
    note_id = models.BigIntegerField(_("密封笔录"), null=True)

    class Meta:
        verbose_name = _("调解会")
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.dispute_id} {self.at:%F %T}"


class Agreement(Record):
    """What was agreed, one version; a changed agreement is a new version and the old one stays."""

    dispute = models.ForeignKey(Dispute, verbose_name=_("纠纷"), on_delete=models.PROTECT, related_name="agreements")
    edition = models.PositiveSmallIntegerField(_("第几版"))
    oral = models.BooleanField(_("口头协议"), default=False)
    facts = models.TextField(_("主要事实和争议"), max_length=WORDS_LIMIT)
    liability = models.TextField(_("责任"), max_length=WORDS_LIMIT)
    terms = models.TextField(_("协议内容"), max_length=WORDS_LIMIT)
    performance = models.CharField(_("履行方式"), max_length=NOTE_LIMIT)
    perform_by = models.DateField(_("履行期限"))
    effective_at = models.DateTimeField(_("生效时间"))

    class Meta:
        verbose_name = _("调解协议")
        ordering = ["edition"]
        constraints = [models.UniqueConstraint(fields=["dispute", "edition"], name="disputes_agreement_edition")]

    def __str__(self) -> str:
        return f"{self.dispute_id} {self.edition}"


class CallBack(Record):
    """What came of the agreement, or of its failing, when somebody asked."""

    class Kept(models.TextChoices):
        WHOLE = "whole", _("已经履行")
        PART = "part", _("部分履行")
        NOT_YET = "not_yet", _("还没到期")
        BROKEN = "broken", _("没有履行")
        NONE = "none", _("没有协议")

    dispute = models.ForeignKey(Dispute, verbose_name=_("纠纷"), on_delete=models.PROTECT, related_name="call_backs")
    party = models.ForeignKey(Party, verbose_name=_("当事人"), null=True, on_delete=models.PROTECT, related_name="+")
    kept = models.CharField(_("履行情况"), max_length=8, choices=Kept)
    satisfied = models.BooleanField(_("满意"), null=True)
    recurred = models.BooleanField(_("再起纠纷"), default=False)
    note = models.CharField(_("回访记录"), max_length=NOTE_LIMIT, blank=True)
    at = models.DateTimeField(_("时间"))
    account_id = models.BigIntegerField(_("回访人"), null=True)

    class Meta:
        verbose_name = _("回访记录")
        ordering = ["at", "id"]
        constraints = [models.CheckConstraint(condition=~Q(kept=""), name="disputes_call_back_says")]

    def __str__(self) -> str:
        return f"{self.dispute_id} {self.kept}"
