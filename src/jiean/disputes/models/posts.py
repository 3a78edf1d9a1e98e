"""Hive posts: a place people walk to, who is there when, and the queue of paper numbers. A number has no name."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from jiean.disputes.models.disputes import Dispute
from jiean.disputes.models.mediators import Calling
from jiean.grid.models import Premises
from jiean.kernel.models import Record
from jiean.kernel.workflow import Workflow


class Service(models.TextChoices):
    """What a post does."""

    MEDIATION = "mediation", _("调解")
    ADVICE = "advice", _("法律咨询")
    FIRE = "fire", _("消防服务")
    PUBLICITY = "publicity", _("平安宣传")
    COLLECTION = "collection", _("意见收集")
    SELF_SERVICE = "self", _("自助办理")


class HivePost(Record):
    """What is kept of a post beside its place, which is the ground's. Days are 0 for Monday to 6, hours on the station's clock."""

    premises = models.OneToOneField(
        Premises, verbose_name=_("场所"), on_delete=models.PROTECT, related_name="hive_post"
    )
    services = ArrayField(models.CharField(max_length=10, choices=Service), verbose_name=_("服务"), default=list)
    days = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("开放日"), default=list)
    from_hour = models.PositiveSmallIntegerField(_("从几点"), default=9)
    to_hour = models.PositiveSmallIntegerField(_("到几点"), default=21)
    open_since = models.DateField(_("启用日期"))
    active = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("蜂巢站点")
        ordering = ["premises__code"]
        constraints = [
            models.CheckConstraint(condition=Q(from_hour__lt=F("to_hour"), to_hour__lte=24), name="disputes_post_hours")
        ]

    def __str__(self) -> str:
        return str(self.premises)


class PostDuty(Record):
    """Somebody at a post from a moment to another."""

    post = models.ForeignKey(HivePost, verbose_name=_("蜂巢站点"), on_delete=models.CASCADE, related_name="duties")
    account_id = models.BigIntegerField(_("账号"))
    calling = models.CharField(_("身份"), max_length=10, choices=Calling)
    starts_at = models.DateTimeField(_("自"))
    ends_at = models.DateTimeField(_("至"))

    class Meta:
        verbose_name = _("站点值守")
        ordering = ["starts_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="disputes_post_duty_dated"),
            models.UniqueConstraint(fields=["post", "account_id", "starts_at"], name="disputes_post_duty_once"),
        ]
        indexes = [models.Index(fields=["account_id", "ends_at"], name="disputes_post_duty_of")]

    def __str__(self) -> str:
        return f"{self.post_id} {self.account_id}"


class TicketSeries(models.Model):
    """The last number given out at a post on a day."""

    post = models.ForeignKey(HivePost, verbose_name=_("蜂巢站点"), on_delete=models.CASCADE, related_name="+")
    day = models.DateField(_("日期"))
    last = models.PositiveIntegerField(_("最后的号"), default=0)

    class Meta:
        verbose_name = _("排队号序")
        constraints = [models.UniqueConstraint(fields=["post", "day"], name="disputes_tickets_of_day")]

    def __str__(self) -> str:
        return f"{self.post_id} {self.day} {self.last}"


class Ticket(Record):
    """One number of a post's queue, and what came of it. Who holds it is written nowhere."""

    class State(models.TextChoices):
        WAITING = "WAITING", _("等候中")
        CALLED = "CALLED", _("已叫号")
        SERVED = "SERVED", _("已接待")
        NO_SHOW = "NO_SHOW", _("过号")

    WORKFLOW = Workflow(
        {
            State.WAITING: {State.CALLED},
            State.CALLED: {State.SERVED, State.NO_SHOW, State.WAITING},
            State.NO_SHOW: {State.WAITING},
        },
        why={(State.WAITING, State.SERVED): _("先叫号，再接待。")},
    )

    post = models.ForeignKey(HivePost, verbose_name=_("蜂巢站点"), on_delete=models.PROTECT, related_name="tickets")
    day = models.DateField(_("日期"))
    number = models.PositiveIntegerField(_("号"))
    service = models.CharField(_("服务"), max_length=10, choices=Service)
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.WAITING)
    taken_at = models.DateTimeField(_("取号时间"))
    called_at = models.DateTimeField(_("叫号时间"), null=True)
    ended_at = models.DateTimeField(_("结束时间"), null=True)
    dispute = models.ForeignKey(
        Dispute, verbose_name=_("纠纷"), null=True, on_delete=models.PROTECT, related_name="tickets"
    )
    report_id = models.BigIntegerField(_("上报"), null=True)

    class Meta:
        verbose_name = _("排队号")
        ordering = ["day", "number"]
        constraints = [
            models.UniqueConstraint(fields=["post", "day", "number"], name="disputes_ticket_once"),
            models.CheckConstraint(condition=Q(dispute=None) | Q(report_id=None), name="disputes_ticket_becomes_one"),
        ]
        indexes = [
            models.Index(fields=["post", "day", "number"], condition=Q(state="WAITING"), name="disputes_waiting")
        ]

    def __str__(self) -> str:
        return f"{self.post_id} {self.number}"
