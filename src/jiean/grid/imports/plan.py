"""The plan of an import: areas as the file has them, and everything found wrong with them."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

FILE_LIMIT = 20_000_000
CODE_LIMIT = 20
NAME_LIMIT = 40

COMMUNITY, CELL = "community", "cell"

_WORDS = {
    "not_text": _("文件不是 UTF-8 或 GB18030 文字，读不出来。"),
    "too_large": _("文件超过 20 MB。"),
    "not_geojson": _("文件不是 GeoJSON 的 FeatureCollection。"),
    "no_features": _("文件里没有任何区域。"),
    "too_many": _("文件里超过 5000 个区域。"),
    "not_feature": _("这一项不是 Feature。"),
    "no_code": _("没有编码。"),
    "no_name": _("没有名称。"),
    "long_text": _("编码或名称太长。"),
    "no_level": _("没有说明是村社还是网格(level)。"),
    "no_community": _("网格没有写明所属村社。"),
    "unknown_community": _("所属村社“%(other)s”不在文件里，也不在系统里。"),
    "double_code": _("编码与“%(other)s”重复。"),
    "double_name": _("名称与编码 %(other)s 的重复。"),
    "no_geometry": _("没有边界。"),
    "not_polygon": _("边界不是面（Polygon 或 MultiPolygon）。"),
    "bad_numbers": _("边界里有不是数字的坐标。"),
    "off_globe": _("坐标超出地球范围，可能经纬度写反了。"),
    "bad_shape": _("边界画得不对：%(other)s。"),
    "overlap": _("与“%(other)s”重叠 %(area)s 平方米。"),
    "gap": _("有 %(area)s 平方米不属于任何网格。"),
    "outside": _("有 %(area)s 平方米在“%(other)s”之外。"),
    "hole": _("中间有 %(area)s 平方米的空洞。"),
    "no_columns": _("表头缺少 code 和 name 两列。"),
    "many_streets": _("文件里有多个街道，请填写街道编码。"),
    "no_street": _("文件里没有这个街道编码。"),
}
WARNINGS = frozenset({"gap", "outside", "hole"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend, or to look at, named after the feature it concerns."""

    code: str
    label: str = ""
    other: str = ""
    area_m2: float = 0.0

    @property
    def is_error(self) -> bool:
        return self.code not in WARNINGS

    @property
    def words(self) -> str:
        return str(_WORDS[self.code]) % {"other": self.other, "area": f"{self.area_m2:,.0f}"}


@dataclass(frozen=True, slots=True)
class Area:
    """One community or cell as the file has it; ``community`` is the code of a cell's community."""

    level: str
    code: str
    name: str
    kind: str = ""
    community: str = ""
    boundary: dict[str, Any] | None = None
    lon: float = 0.0
    lat: float = 0.0


@dataclass(frozen=True)
class ImportPlan:
    """What an import would write, and everything found wrong with it."""

    areas: tuple[Area, ...] = ()
    findings: tuple[Finding, ...] = field(default=())

    @property
    def communities(self) -> tuple[Area, ...]:
        return tuple(area for area in self.areas if area.level == COMMUNITY)

    @property
    def cells(self) -> tuple[Area, ...]:
        return tuple(area for area in self.areas if area.level == CELL)

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.is_error)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if not finding.is_error)

    def as_json(self) -> dict[str, Any]:
        return {"areas": [asdict(area) for area in self.areas], "findings": [asdict(one) for one in self.findings]}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> ImportPlan:
        return cls(
            tuple(Area(**area) for area in kept["areas"]), tuple(Finding(**finding) for finding in kept["findings"])
        )


class Unreadable(Exception):
    """One feature or file cannot be used, for the reason in ``finding``."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


def text_fault(code: str, name: str) -> str:
    if not code:
        return "no_code"
    if not name:
        return "no_name"
    return "long_text" if len(code) > CODE_LIMIT or len(name) > NAME_LIMIT else ""


def decoded(raw: bytes) -> str:
    if len(raw) > FILE_LIMIT:
        raise Unreadable(Finding("too_large"))
    if raw[:2] == b"\x1f\x8b":
        raw = _unpacked(raw)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable(Finding("not_text"))


def _unpacked(raw: bytes) -> bytes:
    try:
        with gzip.open(io.BytesIO(raw)) as packed:
            whole = packed.read(FILE_LIMIT + 1)
    except (OSError, EOFError, zlib.error):
        raise Unreadable(Finding("not_text")) from None
    if len(whole) > FILE_LIMIT:
        raise Unreadable(Finding("too_large"))
    return whole
