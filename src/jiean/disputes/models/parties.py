"""Who is at odds. Names, telephones and addresses lie sealed in the vault; here is only the standing."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jiean.disputes.models.disputes import NOTE_LIMIT, Dispute
from jiean.kernel.models import Record


class Party(Record):
    """One side of a dispute, or who speaks for one. ``record_id`` is its sealed record, gone with the dispute's key.

    ``address_id`` is the address set apart in a record of its own, once it was to be kept from others; it stays apart.
    """

    class Standing(models.TextChoices):
        APPLICANT = "applicant", _("申请人")
        RESPONDENT = "respondent", _("被申请人")
        THIRD = "third", _("第三人")
        AGENT = "agent", _("代理人")
        GUARDIAN = "guardian", _("监护人")

    class Nature(models.TextChoices):
        PERSON = "person", _("个人")
        ORGANISATION = "org", _("单位")

    class Wish(models.TextChoices):
        NONE = "", _("没有表示")
        CLOSED = "closed", _("要求不公开")
        OPEN = "open", _("可以公开")

    SIDES = (Standing.APPLICANT, Standing.RESPONDENT, Standing.THIRD)
    SPEAKERS = (Standing.AGENT, Standing.GUARDIAN)

    dispute = models.ForeignKey(Dispute, verbose_name=_("纠纷"), on_delete=models.PROTECT, related_name="parties")
    standing = models.CharField(_("身份"), max_length=10, choices=Standing)
    nature = models.CharField(_("性质"), max_length=6, choices=Nature, default=Nature.PERSON)
    record_id = models.BigIntegerField(_("密封记录"), null=True)
    address_id = models.BigIntegerField(_("单独密封的住址"), null=True)
    speaks_for = models.ForeignKey(
        "self", verbose_name=_("代表"), null=True, on_delete=models.PROTECT, related_name="speakers"
    )
    is_minor = models.BooleanField(_("未成年"), default=False)
    wish = models.CharField(_("公开意愿"), max_length=6, choices=Wish, blank=True)
    agreed_at = models.DateTimeField(_("同意调解时间"), null=True)
    refused_mediator_id = models.BigIntegerField(_("不同意的调解员"), null=True)
    chosen_mediator_id = models.BigIntegerField(_("选的调解员"), null=True)
    speech_id = models.BigIntegerField(_("密封的语言愿望"), null=True)
    satisfied = models.BooleanField(_("满意"), null=True)
    satisfaction_note = models.CharField(_("评价"), max_length=NOTE_LIMIT, blank=True)
    left_at = models.DateTimeField(_("退出时间"), null=True)

    class Meta:
        verbose_name = _("纠纷当事人")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(standing__in=("agent", "guardian"), speaks_for__isnull=False)
                | (~Q(standing__in=("agent", "guardian")) & Q(speaks_for=None)),
                name="disputes_speaker_speaks_for",
            ),
            models.CheckConstraint(condition=Q(is_minor=False) | Q(nature="person"), name="disputes_minor_is_person"),
        ]

    def __str__(self) -> str:
        return f"{self.dispute_id} {self.standing}"
