"""Appointments for meetings of mediation, the rooms they are in, and each person's feed of them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from jiean.disputes.models.disputes import PLACE_LIMIT, Dispute
from jiean.grid.models import Premises
from jiean.kernel.models import Record

ROOM_NAME_LIMIT = 30


class Room(Record):
    """A room to mediate in, at a hive post or any other place of the ground."""

    premises = models.ForeignKey(Premises, verbose_name=_("场所"), on_delete=models.PROTECT, related_name="rooms")
    name = models.CharField(_("名称"), max_length=ROOM_NAME_LIMIT)
    seats = models.PositiveSmallIntegerField(_("座位"))
    active = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("调解室")
        ordering = ["premises__code", "name"]
        constraints = [models.UniqueConstraint(fields=["premises", "name"], name="disputes_room_once")]

    def __str__(self) -> str:
        return f"{self.premises.name} {self.name}"


class Appointment(Record):
    """A meeting agreed on, for one dispute. ``people`` are the accounts at the table, ``absent`` the parties that did not come.

    One of a dispute that is talked about no more binds nobody, whatever its state says.
    """

    class State(models.TextChoices):
        PLANNED = "PLANNED", _("已约")
        HELD = "HELD", _("已开")
        NO_SHOW = "NO_SHOW", _("有人没到")
        CANCELLED = "CANCELLED", _("已取消")

    BINDS = (Dispute.State.ACCEPTED, Dispute.State.MEDIATING)

    dispute = models.ForeignKey(Dispute, verbose_name=_("纠纷"), on_delete=models.PROTECT, related_name="appointments")
    room = models.ForeignKey(Room, verbose_name=_("调解室"), null=True, on_delete=models.PROTECT, related_name="booked")
    place_words = models.CharField(_("地点"), max_length=PLACE_LIMIT, blank=True)
    starts_at = models.DateTimeField(_("自"))
    ends_at = models.DateTimeField(_("至"))
    people = ArrayField(models.BigIntegerField(), verbose_name=_("调解人员"), default=list)
    absent = ArrayField(models.BigIntegerField(), verbose_name=_("没到的当事人"), default=list)
    state = models.CharField(_("状态"), max_length=9, choices=State, default=State.PLANNED)
    reminded = models.BooleanField(_("已提醒"), default=False)

    class Meta:
        verbose_name = _("约好的调解会")
        ordering = ["starts_at", "id"]
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="disputes_meeting_dated")]
        indexes = [models.Index(fields=["ends_at", "starts_at"], name="disputes_meeting_when")]

    def __str__(self) -> str:
        return f"{self.dispute_id} {self.starts_at:%F %T}"

    @property
    def minutes(self) -> int:
        """How long it is to last."""
        return round((self.ends_at - self.starts_at).total_seconds() / 60)


class Feed(Record):
    """The key of one person's calendar feed, as a digest: the address is shown once and can be changed at any time."""

    account_id = models.BigIntegerField(_("账号"), unique=True)
    digest = models.CharField(_("密钥摘要"), max_length=64, unique=True)

    class Meta:
        verbose_name = _("日历订阅")

    def __str__(self) -> str:
        return str(self.account_id)
