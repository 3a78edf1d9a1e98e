"""Units, who crews them and when, and where they are."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from jiean.kernel.models import Record
from jiean.people.models import Account


class Unit(Record):
    """A crew with a call sign. Its status is not stored: it follows from its shift and its open orders."""

    class Class(models.TextChoices):
        PATROL_CAR = "patrol_car", _("巡逻车")
        PTU = "ptu", _("PTU 机动队")
        ROAD_PATROL = "road_patrol", _("基础路巡")
        POST = "post", _("警务站")
        MOTORCYCLE = "motorcycle", _("摩托巡逻")
        FOOT = "foot", _("步巡")
        VOLUNTEER = "volunteer", _("义警队")

    call_sign = models.CharField(_("呼号"), max_length=12, unique=True)
    unit_class = models.CharField(_("类型"), max_length=12, choices=Class)
    base_lon = models.FloatField(_("驻点经度"))
    base_lat = models.FloatField(_("驻点纬度"))
    skills = models.JSONField(_("专长"), default=list, blank=True)
    seats = models.PositiveSmallIntegerField(_("座位"), default=4)
    active = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("警力单元")
        ordering = ["call_sign"]
        constraints = [
            models.CheckConstraint(
                condition=Q(base_lon__gte=-180, base_lon__lte=180, base_lat__gte=-90, base_lat__lte=90),
                name="dispatch_unit_on_globe",
            )
        ]

    def __str__(self) -> str:
        return self.call_sign


class Shift(Record):
    """A unit is on duty from ``starts_at`` to ``ends_at``; midnight means nothing to it."""

    unit = models.ForeignKey(Unit, verbose_name=_("警力单元"), on_delete=models.PROTECT, related_name="shifts")
    name = models.CharField(_("班次"), max_length=20)
    starts_at = models.DateTimeField(_("开始"))
    ends_at = models.DateTimeField(_("结束"))

    class Meta:
        verbose_name = _("班次")
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="dispatch_shift_dated")]
        indexes = [models.Index(fields=["unit", "-ends_at", "starts_at"], name="dispatch_shift_now")]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.name}"


class ShiftMember(models.Model):
    """One of the crew of a shift."""

    id = models.BigAutoField(primary_key=True)
    shift = models.ForeignKey(Shift, on_delete=models.CASCADE, related_name="members")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="shift_memberships")

    class Meta:
        verbose_name = _("班次成员")
        constraints = [models.UniqueConstraint(fields=["shift", "account"], name="dispatch_member_once")]
        indexes = [models.Index(fields=["account", "shift"], name="dispatch_shifts_of")]

    def __str__(self) -> str:
        return f"{self.shift_id} {self.account_id}"


class UnitPosition(models.Model):
    """Where a unit was last: one row a unit, overwritten. ``at`` is the device's time, ``received_at`` the server's."""

    unit = models.OneToOneField(Unit, primary_key=True, on_delete=models.CASCADE, related_name="position")
    lon = models.FloatField(_("经度"))
    lat = models.FloatField(_("纬度"))
    heading = models.PositiveSmallIntegerField(_("方向"), null=True)
    at = models.DateTimeField(_("定位时间"))
    received_at = models.DateTimeField(_("收到时间"))

    class Meta:
        verbose_name = _("最新位置")

    def __str__(self) -> str:
        return f"{self.unit_id}"


class PositionTrack(models.Model):
    """Where units were, for thirty days. Made by SQL: partitioned by ``slot``, the day's number modulo 32.

    A slot is emptied whole before it is used again, so old positions go without touching young ones and no table is ever
    made at run time.
    """

    pk = models.CompositePrimaryKey("slot", "unit_id", "at")
    slot = models.SmallIntegerField()
    unit_id = models.BigIntegerField(_("警力单元"))
    at = models.DateTimeField(_("定位时间"))
    lon = models.FloatField(_("经度"))
    lat = models.FloatField(_("纬度"))
    heading = models.PositiveSmallIntegerField(_("方向"), null=True)

    class Meta:
        verbose_name = _("轨迹")
        managed = False
        db_table = "dispatch_positiontrack"

    def __str__(self) -> str:
        return f"{self.unit_id} {self.at:%F %T}"
