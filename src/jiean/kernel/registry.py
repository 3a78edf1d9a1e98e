"""The field registry: of every column its class, what it is for, on what basis it is held, and for how long (TRUST, section 2).

Each room declares its tables in ``fields.toml`` beside its models; the kernel's file also declares the tables of the libraries we
run. One line is ``"field field …" = "class purpose basis keeping"``; a library's table may be declared whole, under ``"*"``.
A column nobody declared is an error of Django's system check, so that neither tests nor ``migrate`` pass it.
"""

from __future__ import annotations

import datetime as dt
import functools
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core import checks
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise
ROW_COLUMNS = ("id", "created_at", "updated_at", "version")
"""What ``Record`` gives every row; declared once, under ``record``."""


class DataClass(StrEnum):
    """Public, work, personal, sensitive."""

    P0 = "P0"
    P1 = "P1"
    P2 = "P2"
    P3 = "P3"


class For(StrEnum):
    """What a column is held for."""

    HANDLE = "handle"
    DISPATCH = "dispatch"
    MEDIATE = "mediate"
    PLACES = "places"
    STAFF = "staff"
    AUDIT = "audit"
    RIGHTS = "rights"
    SECURE = "secure"
    RUN = "run"


class Basis(StrEnum):
    """On what ground: Personal Information Protection Law (PIPL), article 13; ``none`` where nothing personal is held."""

    DUTY = "duty"
    CONSENT = "consent"
    WORK = "work"
    NONE = "none"


class Keeping(StrEnum):
    """Which clock ends it."""

    REPORT = "report"
    INCIDENT = "incident"
    RIGHTS = "rights"
    TRACKS = "tracks"
    STAFF = "staff"
    AUDIT = "audit"
    SECURITY = "security"
    SPENT = "spent"
    DRAFT = "draft"
    SESSION = "session"
    ROW = "row"
    REGISTER = "register"


FOR_WORDS: dict[For, Words] = {
    For.HANDLE: _("办理您的上报并给您答复"),
    For.DISPATCH: _("指挥调度和处置"),
    For.MEDIATE: _("调解矛盾纠纷"),
    For.PLACES: _("网格和场所登记"),
    For.STAFF: _("工作人员的账号、角色和排班"),
    For.AUDIT: _("审计：谁在什么时候做了什么"),
    For.RIGHTS: _("办理您对自己信息的要求"),
    For.SECURE: _("保护账号和数据安全"),
    For.RUN: _("系统运行"),
}
BASIS_WORDS: dict[Basis, Words] = {
    Basis.DUTY: _("履行法定职责（个人信息保护法第十三条第三项）"),
    Basis.CONSENT: _("您自愿提供（个人信息保护法第十三条第一项）"),
    Basis.WORK: _("人力资源管理（个人信息保护法第十三条第二项）"),
    Basis.NONE: _("不是个人信息"),
}
DAY = dt.timedelta(days=1)
PERIODS: dict[Keeping, dt.timedelta | None] = {
    Keeping.REPORT: 365 * DAY,
    Keeping.INCIDENT: 3 * 365 * DAY,
    Keeping.RIGHTS: 3 * 365 * DAY,
    Keeping.TRACKS: 30 * DAY,
    Keeping.STAFF: 365 * DAY,
    Keeping.AUDIT: 6 * 365 * DAY,
    Keeping.SECURITY: 365 * DAY,
    Keeping.SPENT: 35 * DAY,
    Keeping.DRAFT: 30 * DAY,
    Keeping.SESSION: dt.timedelta(hours=14),
    Keeping.ROW: None,
    Keeping.REGISTER: None,
}
"""How long after its start; None: as long as the row it belongs to, or as the station keeps the register."""
KEEPING_WORDS: dict[Keeping, Words] = {
    Keeping.REPORT: _("办结后一年"),
    Keeping.INCIDENT: _("结束后三年"),
    Keeping.RIGHTS: _("答复后三年"),
    Keeping.TRACKS: _("三十天"),
    Keeping.STAFF: _("离岗后一年"),
    Keeping.AUDIT: _("六年"),
    Keeping.SECURITY: _("一年"),
    Keeping.SPENT: _("三十五天"),
    Keeping.DRAFT: _("三十天"),
    Keeping.SESSION: _("退出或十四小时"),
    Keeping.ROW: _("随所属记录"),
    Keeping.REGISTER: _("登记有效期间"),
}


class BadDeclaration(ValueError):
    """A line of a room's ``fields.toml`` says nothing we know; the message names table and line."""


@dataclass(frozen=True, slots=True)
class Held:
    """What is declared of one column."""

    data_class: DataClass
    purpose: For
    basis: Basis
    keeping: Keeping

    @property
    def is_personal(self) -> bool:
        return self.data_class in (DataClass.P2, DataClass.P3)


def read(words: str, where: str) -> Held:
    """One declaration. Raises BadDeclaration."""
    try:
        data_class, purpose, basis, keeping = words.split()
        return Held(DataClass(data_class), For(purpose), Basis(basis), Keeping(keeping))
    except ValueError as error:
        raise BadDeclaration(f"{where}: {words!r} is no declaration ({error})") from None


def read_table(lines: Mapping[str, str], where: str) -> dict[str, Held]:
    """One table's declarations by field. Raises BadDeclaration, also for a field that stands twice."""
    found: dict[str, Held] = {}
    for names, words in lines.items():
        held = read(words, where)
        for name in names.split():
            if name in found:
                raise BadDeclaration(f"{where}: {name} is declared twice")
            found[name] = held
    return found


@functools.cache
def registry() -> Mapping[str, Mapping[str, Held]]:
    """Every declared table (``room.model``) with its fields. Raises BadDeclaration."""
    found: dict[str, Mapping[str, Held]] = {}
    for app in apps.get_app_configs():
        file = Path(app.path) / "fields.toml"
        if not app.name.startswith("jiean.") or not file.exists():
            continue
        for name, lines in tomllib.loads(file.read_text(encoding="utf-8")).items():
            label = name if "." in name else f"{app.label}.{name}"
            found[label] = read_table(lines, label)
    return found


def held(field: models.Field[Any, Any], known: Mapping[str, Mapping[str, Held]] | None = None) -> Held | None:
    """What is declared of a model's field; None where nothing is."""
    tables = registry() if known is None else known
    table = tables.get(field.model._meta.label_lower, {})
    own = table.get(field.name)
    if own is None and field.name in ROW_COLUMNS:
        own = tables.get("kernel.record", {}).get(field.name) if table else None
    return own or table.get("*")


def columns(of: Iterable[type[models.Model]] | None = None) -> Iterator[models.Field[Any, Any]]:
    """Every stored column of the models (by default: all there are), table by table."""
    for model in sorted(of or apps.get_models(include_auto_created=True), key=lambda one: one._meta.label_lower):
        yield from (field for field in model._meta.concrete_fields if field.column)


def undeclared(of: Iterable[type[models.Model]] | None = None) -> list[str]:
    """Columns nobody declared, as ``room.model.field``."""
    return [f"{one.model._meta.label_lower}.{one.name}" for one in columns(of) if held(one) is None]


def superfluous() -> list[str]:
    """Declarations of what does not exist, and libraries' shorthand in a room of our own."""
    real = {model._meta.label_lower: model for model in apps.get_models(include_auto_created=True)}
    wrong = []
    for label, table in registry().items():
        if label == "kernel.record":
            continue
        names = {field.name for field in real[label]._meta.concrete_fields} if label in real else set()
        ours = label in real and real[label].__module__.startswith("jiean.")
        wrong += [f"{label}.{name}" for name in table if name not in names and not (name == "*" and names and not ours)]
    return wrong


def personal(label: str, *classes: DataClass) -> list[str]:
    """The names of a table's fields of the given classes (P2 and P3 where none is given)."""
    wanted = classes or (DataClass.P2, DataClass.P3)
    return [name for name, one in registry().get(label, {}).items() if one.data_class in wanted]


@checks.register()
def every_column_is_declared(app_configs: Any = None, **_options: Any) -> list[checks.CheckMessage]:
    """No declaration, no migration."""
    hint = "declare class, purpose, basis and keeping in the room's fields.toml"
    return [checks.Error(f"{name} is not in the field registry", hint=hint, id="jiean.E001") for name in undeclared()]
