"""Staff from a table: every row checked by itself and against the others, before anything is written."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from jiean.design.words import listed
from jiean.kernel.actor import PERSONAL_ROLES, Role
from jiean.kernel.errors import Invalid
from jiean.kernel.sheets import Sheet

COLUMNS = ("用户名", "姓名", "角色", "工作电话", "单位", "网格")
EXAMPLE = ("wangxm", "王小明", "网格民警", "13800001234", "", "SJ-001、SJ-002")
_NEEDED = ("用户名", "姓名", "角色")

ALONE = frozenset({Role.ADMIN, Role.AUDITOR})
"""Roles that stand alone: who runs the system and who checks it act in no other role (TRUST, section 4)."""

_USERNAME = re.compile(r"[A-Za-z0-9_.@+-]{2,40}")
_PHONE = re.compile(r"\+?[0-9 -]{5,20}")
_BETWEEN = re.compile(r"[、,,;;\s]+")
_ROLES = {str(role.label): role for role in PERSONAL_ROLES} | {role.value: role for role in PERSONAL_ROLES}
_SHORT_ROLES = {"民警": Role.OFFICER, "社工": Role.SOCIAL_WORKER, "网格员": Role.SOCIAL_WORKER, "指挥长": Role.COMMANDER,
                "调度员": Role.DISPATCHER, "接警员": Role.DISPATCHER, "义警": Role.VOLUNTEER, "物业": Role.GUARD,
                "管理员": Role.ADMIN}  # fmt: skip

_WORDS = {
    "no_value": _("没有填写。"),
    "bad_username": _("用户名只能用 2 到 40 个字母、数字和 _ . @ + -。"),
    "taken": _("这个用户名已经有账号了。"),
    "double": _("与第 %(value)s 行的用户名重复。"),
    "long": _("太长了。"),
    "unknown_role": _("没有“%(value)s”这个角色。"),
    "not_together": _("系统管理员和审计员不能兼任其他角色。"),
    "bad_phone": _("电话号码格式不对。"),
    "unknown_organisation": _("没有“%(value)s”这个单位。"),
    "unknown_cell": _("没有编码为“%(value)s”的网格。"),
    "no_duty_role": _("只有网格民警和社工·网格员可以负责网格。"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to mend: the row's number in the file, the column, and what is wrong."""

    number: int
    column: str
    code: str
    value: str = ""

    @property
    def words(self) -> str:
        return str(_WORDS[self.code]) % {"value": self.value}


@dataclass(frozen=True, slots=True)
class Line:
    """One person as the file has them."""

    number: int
    username: str
    name: str
    roles: tuple[str, ...]
    phone: str = ""
    organisation: str = ""
    cells: tuple[str, ...] = ()

    @property
    def role_labels(self) -> list[str]:
        return [str(Role(role).label) for role in self.roles]


@dataclass(frozen=True)
class StaffPlan:
    """What an import would write, and everything found wrong."""

    lines: tuple[Line, ...] = ()
    faults: tuple[Fault, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        return {"lines": [asdict(line) for line in self.lines], "faults": [asdict(fault) for fault in self.faults]}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> StaffPlan:
        lines = (
            Line(**line | {"roles": tuple(line["roles"]), "cells": tuple(line["cells"])}) for line in kept["lines"]
        )
        return cls(tuple(lines), tuple(Fault(**fault) for fault in kept["faults"]))


def read_staff(
    sheet: Sheet, *, cells: Collection[str], organisations: Collection[str], taken: Collection[str]
) -> StaffPlan:
    """Read a table with the columns of ``COLUMNS``. Raises Invalid when columns are missing."""
    missing = [column for column in _NEEDED if column not in sheet.header]
    if missing:
        raise Invalid(file=_("表头缺少：%(columns)s。请用模板填写。") % {"columns": listed(missing)})
    if not sheet.rows:
        raise Invalid(file=_("表格里没有人员。"))
    faults: list[Fault] = []
    lines = []
    seen: dict[str, int] = {}
    for number, row in sheet.rows:
        line = _line(number, row)
        own = [*_shape_faults(line), *_role_faults(line, row), *_known_faults(line, cells, organisations, taken)]
        if line.username in seen:
            own.append(Fault(number, "用户名", "double", str(seen[line.username])))
        seen.setdefault(line.username, number)
        faults += own
        lines.append(line)
    return StaffPlan(tuple(lines), tuple(faults))


def _line(number: int, row: Mapping[str, str]) -> Line:
    roles = [_ROLES.get(word) or _SHORT_ROLES.get(word) for word in _several(row.get("角色", ""))]
    return Line(
        number=number,
        username=row.get("用户名", ""),
        name=row.get("姓名", ""),
        roles=tuple(dict.fromkeys(role.value for role in roles if role)),
        phone=row.get("工作电话", ""),
        organisation=row.get("单位", ""),
        cells=tuple(dict.fromkeys(_several(row.get("网格", "")))),
    )


def _several(words: str) -> list[str]:
    return [word for word in _BETWEEN.split(words) if word]


def _shape_faults(line: Line) -> Iterable[Fault]:
    if not line.name:
        yield Fault(line.number, "姓名", "no_value")
    elif len(line.name) > 40 or not line.name.isprintable():
        yield Fault(line.number, "姓名", "long")
    if not _USERNAME.fullmatch(line.username):
        yield Fault(line.number, "用户名", "bad_username" if line.username else "no_value")
    if line.phone and not _PHONE.fullmatch(line.phone):
        yield Fault(line.number, "工作电话", "bad_phone")


def _role_faults(line: Line, row: Mapping[str, str]) -> Iterable[Fault]:
    words = _several(row.get("角色", ""))
    if not words:
        yield Fault(line.number, "角色", "no_value")
    for word in words:
        if word not in _ROLES and word not in _SHORT_ROLES:
            yield Fault(line.number, "角色", "unknown_role", word)
    if not stand_together(Role(role) for role in line.roles):
        yield Fault(line.number, "角色", "not_together")


def stand_together(roles: Iterable[Role]) -> bool:
    """Whether one person may hold these roles at once."""
    held = set(roles)
    return len(held) < 2 or not held & ALONE


def _known_faults(
    line: Line, cells: Collection[str], organisations: Collection[str], taken: Collection[str]
) -> Iterable[Fault]:
    if line.username in taken:
        yield Fault(line.number, "用户名", "taken")
    if line.organisation and line.organisation not in organisations:
        yield Fault(line.number, "单位", "unknown_organisation", line.organisation)
    for code in line.cells:
        if code not in cells:
            yield Fault(line.number, "网格", "unknown_cell", code)
    if line.cells and line.roles and not {Role.OFFICER.value, Role.SOCIAL_WORKER.value} & set(line.roles):
        yield Fault(line.number, "网格", "no_duty_role")
