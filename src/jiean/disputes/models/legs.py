"""Ways from desk to desk, and the station's own rules of which desk takes what."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jiean.disputes.models.disputes import NOTE_LIMIT, Dispute, Kind
from jiean.grid.models import Community
from jiean.kernel.models import Record
from jiean.kernel.workflow import Workflow
from jiean.people.models import Organisation


class Leg(Record):
    """One sending of a dispute to one desk. Until it is signed for, the sender answers; a ruled one cannot be refused."""

    class State(models.TextChoices):
        SENT = "SENT", _("已转出")
        ACCEPTED = "ACCEPTED", _("已签收")
        REFUSED = "REFUSED", _("已退回")
        RECALLED = "RECALLED", _("已撤回")

    WORKFLOW = Workflow({State.SENT: {State.ACCEPTED, State.REFUSED, State.RECALLED}},
                        why={(State.ACCEPTED, State.REFUSED): _("已经签收，不能再退回；不归本单位办的，请转给该办的单位。")})  # fmt: skip

    dispute = models.ForeignKey(Dispute, verbose_name=_("纠纷"), on_delete=models.PROTECT, related_name="legs")
    sender = models.ForeignKey(Organisation, verbose_name=_("转出单位"), on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, verbose_name=_("去向"), on_delete=models.PROTECT, related_name="+")
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.SENT)
    back_to = models.CharField(_("退回后状态"), max_length=10)
    ruled = models.BooleanField(_("裁定转办"), default=False)
    rule_id = models.BigIntegerField(_("所依规则"), null=True)
    reason = models.CharField(_("说明"), max_length=NOTE_LIMIT, blank=True)
    reply = models.CharField(_("回复"), max_length=NOTE_LIMIT, blank=True)
    sent_at = models.DateTimeField(_("转出时间"))
    answered_at = models.DateTimeField(_("签收或退回时间"), null=True)

    class Meta:
        verbose_name = _("分流")
        constraints = [
            models.UniqueConstraint(fields=["dispute"], condition=Q(state="SENT"), name="disputes_one_leg_runs"),
            models.CheckConstraint(condition=~Q(state="REFUSED") | Q(ruled=False), name="disputes_ruling_stands"),
            models.CheckConstraint(condition=~Q(sender=models.F("organisation")), name="disputes_leg_leads_away"),
        ]
        indexes = [models.Index(fields=["organisation"], condition=Q(state="SENT"), name="disputes_leg_runs")]

    def __str__(self) -> str:
        return f"{self.dispute_id} {self.organisation_id}"


class DeskRule(Record):
    """Which desk takes what. The first rule in order that fits is proposed, with its number; empty columns fit anything."""

    class Parties(models.TextChoices):
        ANY = "", _("不限")
        PEOPLE = "people", _("都是个人")
        ORGANISATION = "org", _("有单位一方")

    place = models.PositiveSmallIntegerField(_("顺序"))
    kind = models.CharField(_("类型"), max_length=10, choices=Kind, blank=True)
    community = models.ForeignKey(
        Community, verbose_name=_("村社"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    amount_from = models.PositiveBigIntegerField(_("金额不低于"), null=True, blank=True)
    amount_below = models.PositiveBigIntegerField(_("金额低于"), null=True, blank=True)
    parties = models.CharField(_("当事人"), max_length=8, choices=Parties, blank=True)
    desk = models.ForeignKey(Organisation, verbose_name=_("去向"), on_delete=models.PROTECT, related_name="+")
    active = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("分流规则")
        ordering = ["place", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_from=None) | Q(amount_below=None) | Q(amount_from__lt=models.F("amount_below")),
                name="disputes_rule_amounts",
            )
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.desk_id}"
