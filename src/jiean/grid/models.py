"""Tables of the ground: areas as GeoJSON read once into shapely, points as two doubles."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from jiean.kernel.drafts import Draft
from jiean.kernel.models import Record

TOKEN_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
TOKEN_LENGTH = 10


def new_token() -> str:
    """The secret-free but unguessable part of a place's QR address, without letters that read alike."""
    return get_random_string(TOKEN_LENGTH, TOKEN_ALPHABET)


def _on_globe(prefix: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=models.Q(lon__gte=-180, lon__lte=180, lat__gte=-90, lat__lte=90), name=f"{prefix}_on_globe"
    )


class Town(Record):
    """The station's jurisdiction. ``areas_stamp`` changes with every change of the map, so that caches know."""

    name = models.CharField(_("名称"), max_length=40)
    lon = models.FloatField(_("经度"))
    lat = models.FloatField(_("纬度"))
    south = models.FloatField(_("南"))
    west = models.FloatField(_("西"))
    north = models.FloatField(_("北"))
    east = models.FloatField(_("东"))
    areas_stamp = models.UUIDField(default=uuid.uuid4, editable=False)
    only = models.BooleanField(default=True, editable=False, unique=True)

    class Meta:
        verbose_name = _("辖区")
        constraints = [
            _on_globe("grid_town"),
            models.CheckConstraint(
                condition=models.Q(south__lte=models.F("north"), west__lte=models.F("east")), name="grid_town_box"
            ),
            models.CheckConstraint(condition=models.Q(only=True), name="grid_town_only"),
        ]

    def __str__(self) -> str:
        return self.name


class Community(Record):
    """A village or a neighbourhood community; its outline may still be unknown."""

    class Kind(models.TextChoices):
        VILLAGE = "village", _("村")
        COMMUNITY = "community", _("社区")

    code = models.CharField(_("编码"), max_length=20, unique=True)
    name = models.CharField(_("名称"), max_length=40)
    kind = models.CharField(_("类型"), max_length=10, choices=Kind, default=Kind.COMMUNITY)
    boundary = models.JSONField(_("边界"), null=True)
    active = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("村社")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Cell(Record):
    """The smallest area somebody answers for; ``lon`` and ``lat`` are a point inside it. Its code numbers its matters."""

    code = models.CharField(_("编码"), max_length=20, unique=True)
    name = models.CharField(_("名称"), max_length=40)
    community = models.ForeignKey(Community, verbose_name=_("村社"), on_delete=models.PROTECT, related_name="cells")
    boundary = models.JSONField(_("边界"))
    lon = models.FloatField(_("经度"))
    lat = models.FloatField(_("纬度"))
    active = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("网格")
        ordering = ["code"]
        constraints = [_on_globe("grid_cell")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Premises(Record):
    """A place with a name. ``token`` stands in its QR code; a new token makes old posters useless."""

    class Kind(models.TextChoices):
        MARKET = "market", _("市场")
        SCHOOL = "school", _("学校")
        RENTAL = "rental", _("出租房")
        SHOP = "shop", _("商铺")
        FACTORY = "factory", _("厂企")
        HOTEL = "hotel", _("旅馆")
        ESTATE = "estate", _("小区")
        SITE = "site", _("工地")
        HIVE_POST = "hive_post", _("蜂巢站点")
        POLICE_POST = "police_post", _("警务站")
        GOVERNANCE_POST = "governance_post", _("综治站")
        STATION = "station", _("派出所")
        OTHER = "other", _("其他场所")

    code = models.CharField(_("编号"), max_length=20, unique=True)
    name = models.CharField(_("名称"), max_length=60)
    pinyin = models.CharField(_("拼音"), max_length=240, blank=True)
    kind = models.CharField(_("类型"), max_length=20, choices=Kind)
    lon = models.FloatField(_("经度"))
    lat = models.FloatField(_("纬度"))
    address = models.CharField(_("地址"), max_length=120, blank=True)
    cell = models.ForeignKey(Cell, verbose_name=_("网格"), null=True, on_delete=models.PROTECT, related_name="premises")
    token = models.CharField(_("二维码"), max_length=TOKEN_LENGTH, unique=True, default=new_token)
    active = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("场所")
        ordering = ["code"]
        constraints = [_on_globe("grid_premises")]
        indexes = [models.Index(fields=["lat", "lon"], name="grid_premises_point")]

    def __str__(self) -> str:
        return self.name


class KeyPoint(Record):
    """A spot patrols visit: on dry days the main roads, in rain the low-lying stretches, culverts and ramps."""

    class Kind(models.TextChoices):
        MAIN_ROAD = "main_road", _("主干道")
        LOW_LYING = "low_lying", _("低洼路段")
        CULVERT = "culvert", _("涵洞")
        RAMP = "ramp", _("高架匝道")
        HOTSPOT = "hotspot", _("警情高发点")

    name = models.CharField(_("名称"), max_length=60, unique=True)
    kind = models.CharField(_("类型"), max_length=20, choices=Kind)
    lon = models.FloatField(_("经度"))
    lat = models.FloatField(_("纬度"))
    cell = models.ForeignKey(
        Cell, verbose_name=_("网格"), null=True, on_delete=models.PROTECT, related_name="key_points"
    )
    dwell_min = models.PositiveSmallIntegerField(_("停留分钟"), default=10)
    visits_per_shift = models.PositiveSmallIntegerField(_("每班次数"), default=2)
    active = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("重点点位")
        ordering = ["name"]
        constraints = [_on_globe("grid_key_point")]

    def __str__(self) -> str:
        return self.name


class AreaDraft(Draft):
    """A map read from a file, shown to the one who brought it, and adopted whole or not at all."""

    class Meta:
        verbose_name = _("网格导入稿")
