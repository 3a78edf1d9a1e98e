"""Precedents: closed disputes told without their people, written by one person, checked and released by another."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from jiean.disputes.models.disputes import NOTE_LIMIT, OUTCOMES, Dispute, Kind
from jiean.disputes.models.endings import WORDS_LIMIT
from jiean.kernel.models import Record
from jiean.kernel.workflow import Workflow

COLLECTION = "disputes.precedents"
"""The texts searched, as the library of texts names them."""


class Precedent(Record):
    """What a closed dispute teaches. Only a released one is found; how often it was opened is counted, by whom is not."""

    class State(models.TextChoices):
        WRITTEN = "WRITTEN", _("案例待核对")
        RELEASED = "RELEASED", _("案例已发布")
        RETURNED = "RETURNED", _("案例已退回")
        WITHDRAWN = "WITHDRAWN", _("案例已撤下")

    WORKFLOW = Workflow({
        State.WRITTEN: {State.RELEASED, State.RETURNED, State.WITHDRAWN}, State.RELEASED: {State.WITHDRAWN},
    })  # fmt: skip
    NOW = (State.WRITTEN, State.RELEASED)

    dispute = models.ForeignKey(
        Dispute, verbose_name=_("纠纷"), null=True, on_delete=models.PROTECT, related_name="precedents"
    )
    kind = models.CharField(_("类型"), max_length=10, choices=Kind)
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.WRITTEN)
    outcome = models.CharField(_("结果"), max_length=10)
    days = models.PositiveIntegerField(_("用了几天"))
    facts = models.TextField(_("案情"), max_length=WORDS_LIMIT)
    worked = models.TextField(_("怎么调成的"), max_length=WORDS_LIMIT)
    terms = models.TextField(_("协议要点"), max_length=WORDS_LIMIT, blank=True)
    reply = models.CharField(_("退回或撤下的原因"), max_length=NOTE_LIMIT, blank=True)
    written_by_id = models.BigIntegerField(_("编写人"), null=True)
    written_at = models.DateTimeField(_("编写时间"))
    checked_by_id = models.BigIntegerField(_("核对人"), null=True)
    checked_at = models.DateTimeField(_("核对时间"), null=True)
    opened = models.PositiveIntegerField(_("打开次数"), default=0)

    class Meta:
        verbose_name = _("调解案例")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="RELEASED")
                | (Q(checked_by_id__isnull=False, written_by_id__isnull=False) & ~Q(checked_by_id=F("written_by_id"))),
                name="disputes_precedent_checked_by_another",
            ),
            models.UniqueConstraint(
                fields=["dispute"], condition=Q(state__in=("WRITTEN", "RELEASED")), name="disputes_one_precedent_now"
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "outcome", "days"], condition=Q(state="RELEASED"), name="disputes_precedents"),
            models.Index(fields=["written_at"], condition=~Q(state="RELEASED"), name="disputes_precedent_drafts"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def outcome_label(self) -> str:
        """How mediation came out, in the reader's language."""
        return str(OUTCOMES.get(self.outcome, ""))
