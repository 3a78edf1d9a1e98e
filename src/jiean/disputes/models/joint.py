"""Joint mediation (5+1): up to five bodies help the one that leads, each with its own task, opinion and deadline."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jiean.disputes.models.disputes import NOTE_LIMIT, Dispute
from jiean.kernel.models import Record
from jiean.kernel.workflow import Workflow
from jiean.people.models import Organisation

MOST_JOINED_BODIES = 5
OPINION_LIMIT = 2000


class JoinedBody(Record):
    """A body asked to help with a dispute, and what it is to do. The lead's desk goes on answering for the dispute, it alone."""

    class State(models.TextChoices):
        ASKED = "ASKED", _("待协办签收")
        JOINED = "JOINED", _("协办中")
        ADVISED = "ADVISED", _("已出意见")
        REFUSED = "REFUSED", _("不参加协办")
        RELEASED = "RELEASED", _("协办结束")

    WORKFLOW = Workflow(
        {
            State.ASKED: {State.JOINED, State.REFUSED, State.RELEASED},
            State.JOINED: {State.ADVISED, State.RELEASED},
            State.ADVISED: {State.ADVISED, State.RELEASED},
        },
        why={
            (State.JOINED, State.REFUSED): _("已经签收；办不了的，请牵头单位解除协办。"),
            (State.ASKED, State.ADVISED): _("先签收，再出意见。"),
            (State.RELEASED, State.ADVISED): _("协办已经结束。"),
        },
    )
    OPEN = (State.ASKED, State.JOINED, State.ADVISED)
    INSIDE = (State.JOINED, State.ADVISED)

    dispute = models.ForeignKey(Dispute, verbose_name=_("纠纷"), on_delete=models.PROTECT, related_name="joined_bodies")
    organisation = models.ForeignKey(
        Organisation, verbose_name=_("协办单位"), on_delete=models.PROTECT, related_name="+"
    )
    place = models.PositiveSmallIntegerField(_("第几家"))
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.ASKED)
    task = models.CharField(_("协办任务"), max_length=NOTE_LIMIT)
    reply = models.CharField(_("回复"), max_length=NOTE_LIMIT, blank=True)
    opinion = models.TextField(_("协办意见"), max_length=OPINION_LIMIT, blank=True)
    due_at = models.DateTimeField(_("到期时间"))
    reminded = models.CharField(_("已提醒"), max_length=6, blank=True)
    asked_by_id = models.BigIntegerField(_("邀请人"), null=True)
    asked_at = models.DateTimeField(_("邀请时间"))
    answered_at = models.DateTimeField(_("签收或退回时间"), null=True)
    advised_at = models.DateTimeField(_("出意见时间"), null=True)
    advised_by_id = models.BigIntegerField(_("出意见人"), null=True)
    ended_at = models.DateTimeField(_("结束时间"), null=True)

    class Meta:
        verbose_name = _("协办")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["dispute", "organisation"],
                condition=Q(state__in=("ASKED", "JOINED", "ADVISED")),
                name="disputes_body_joins_once",
            ),
            models.UniqueConstraint(
                fields=["dispute", "place"],
                condition=Q(state__in=("ASKED", "JOINED", "ADVISED")),
                name="disputes_one_body_a_place",
            ),
            models.CheckConstraint(condition=Q(place__range=(1, MOST_JOINED_BODIES)), name="disputes_five_join"),
            models.CheckConstraint(
                condition=~Q(state="ADVISED") | ~Q(opinion=""), name="disputes_advised_with_an_opinion"
            ),
        ]
        indexes = [
            models.Index(
                fields=["organisation"],
                condition=Q(state__in=("ASKED", "JOINED", "ADVISED")),
                name="disputes_joined_now",
            ),
            models.Index(fields=["due_at"], condition=Q(state__in=("ASKED", "JOINED")), name="disputes_join_due"),
        ]

    def __str__(self) -> str:
        return f"{self.dispute_id} {self.organisation_id}"
