"""Mediators from a table: every row checked by itself and against the others, before anything is written."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db.models import TextChoices
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from jiean.disputes.models import Calling, Dialect, Kind, Province
from jiean.kernel.errors import Invalid
from jiean.kernel.sheets import Sheet

COLUMNS = ("用户名", "身份", "方言", "家乡省份", "专长", "证书", "值守日", "最多同时几件", "常驻地点", "聘期至")
EXAMPLE = ("tiaojie", "人民调解员", "四川话、闽南话", "四川", "邻里纠纷、劳动争议", "人民调解员证 2027-12-31", "一二三四五",
           "8", "HP-01", "2027-12-31")  # fmt: skip
_BETWEEN = re.compile(r"[、,，;；/]+")
_DAYS = "一二三四五六日"
_CERTIFICATE = re.compile(r"(?P<name>.{1,60}?)(?:\s+(?P<day>\d{4}-\d{1,2}-\d{1,2}))?")

_WORDS = {
    "no_value": _("没有填写。"),
    "no_account": _("没有用户名“%(value)s”的账号，请先建账号。"),
    "double": _("与第 %(value)s 行的用户名重复。"),
    "unknown": _("列表里没有“%(value)s”。"),
    "bad_day": _("“%(value)s”不是日期，请写成 2027-12-31。"),
    "bad_days": _("“%(value)s”不是星期，请写成 一二三四五。"),
    "bad_number": _("“%(value)s”不是 1 到 99 的整数。"),
    "no_place": _("没有编号为“%(value)s”的场所。"),
}


@dataclass(frozen=True, slots=True)
class MediatorFault:
    """One thing to mend: the row's number in the file, the column, and what is wrong."""

    number: int
    column: str
    code: str
    value: str = ""

    @property
    def words(self) -> str:
        return str(_WORDS[self.code]) % {"value": self.value}


@dataclass(frozen=True, slots=True)
class MediatorLine:
    """One mediator as the file has them, by codes."""

    number: int
    username: str
    calling: str = Calling.PEOPLE.value
    dialects: tuple[str, ...] = ()
    home_province: str = ""
    kinds: tuple[str, ...] = ()
    certificates: tuple[tuple[str, dt.date | None], ...] = ()
    days: tuple[int, ...] = (0, 1, 2, 3, 4)
    most_cases: int = 8
    base: str = ""
    until: dt.date | None = None

    @property
    def dialect_labels(self) -> list[str]:
        return [str(Dialect(one).label) for one in self.dialects]

    @property
    def kind_labels(self) -> list[str]:
        return [str(Kind(one).label) for one in self.kinds]


@dataclass(frozen=True)
class MediatorPlan:
    """What an import would write, and everything found wrong."""

    lines: tuple[MediatorLine, ...] = ()
    faults: tuple[MediatorFault, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        return {"lines": [_plain(line) for line in self.lines], "faults": [asdict(fault) for fault in self.faults]}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> MediatorPlan:
        return cls(tuple(map(_line_of, kept["lines"])), tuple(MediatorFault(**one) for one in kept["faults"]))


def _plain(line: MediatorLine) -> dict[str, Any]:
    papers = [(name, day.isoformat() if day else None) for name, day in line.certificates]
    return asdict(line) | {"certificates": papers, "until": line.until.isoformat() if line.until else None}


def _line_of(kept: Mapping[str, Any]) -> MediatorLine:
    lists = {name: tuple(kept[name]) for name in ("dialects", "kinds", "days")}
    papers = tuple((name, _read_day(day) if day else None) for name, day in kept["certificates"])
    until = _read_day(kept["until"]) if kept["until"] else None
    return MediatorLine(**{**kept, **lists, "certificates": papers, "until": until})


def _read_day(words: str) -> dt.date:
    year, month, day = (int(part) for part in words.split("-"))
    return dt.date(year, month, day)


def read_mediators(sheet: Sheet, *, accounts: Collection[str], places: Collection[str]) -> MediatorPlan:
    """Read a table with the columns of ``COLUMNS``. Raises Invalid when columns are missing or no row is filled."""
    if "用户名" not in sheet.header:
        raise Invalid(file=_("表头缺少：%(columns)s。请用模板填写。") % {"columns": "用户名"})
    if not sheet.rows:
        raise Invalid(file=_("表格里没有人员。"))
    faults: list[MediatorFault] = []
    lines = []
    seen: dict[str, int] = {}
    for number, row in sheet.rows:
        reader = _Reader(number, row)
        lines.append(reader.line())
        faults += [*reader.faults, *_known(lines[-1], seen, accounts, places)]
        seen.setdefault(lines[-1].username, number)
    return MediatorPlan(tuple(lines), tuple(faults))


def _known(
    line: MediatorLine, seen: Mapping[str, int], accounts: Collection[str], places: Collection[str]
) -> Iterable[MediatorFault]:
    if not line.username:
        yield MediatorFault(line.number, "用户名", "no_value")
    elif line.username in seen:
        yield MediatorFault(line.number, "用户名", "double", str(seen[line.username]))
    elif line.username not in accounts:
        yield MediatorFault(line.number, "用户名", "no_account", line.username)
    if line.base and line.base not in places:
        yield MediatorFault(line.number, "常驻地点", "no_place", line.base)


class _Reader:
    """Reads one row; what cannot be read becomes a fault and leaves its default."""

    def __init__(self, number: int, row: Mapping[str, str]) -> None:
        self.number, self.row = number, row
        self.faults: list[MediatorFault] = []

    def line(self) -> MediatorLine:
        calling = self._coded("身份", Calling)
        home = self._coded("家乡省份", Province)
        return MediatorLine(
            number=self.number, username=self._words("用户名"), calling=calling[0] if calling else "people",
            dialects=self._coded("方言", Dialect), home_province=home[0] if home else "",
            kinds=self._coded("专长", Kind), certificates=tuple(self._papers()), days=self._days(),
            most_cases=self._most(), base=self._words("常驻地点"), until=self._day("聘期至", self._words("聘期至")),
        )  # fmt: skip

    def _words(self, column: str) -> str:
        return self.row.get(column, "").strip()

    def _fault(self, column: str, code: str, value: str) -> None:
        self.faults.append(MediatorFault(self.number, column, code, value))

    def _coded(self, column: str, choices: type[TextChoices]) -> tuple[str, ...]:
        known = _codes(choices)
        words = [word.strip() for word in _BETWEEN.split(self._words(column)) if word.strip()]
        for word in words:
            if word not in known:
                self._fault(column, "unknown", word)
        return tuple(dict.fromkeys(known[word] for word in words if word in known))

    def _papers(self) -> Iterable[tuple[str, dt.date | None]]:
        for words in _BETWEEN.split(self._words("证书")):
            found = _CERTIFICATE.fullmatch(words.strip())
            if found:
                yield found["name"], self._day("证书", found["day"] or "")

    def _day(self, column: str, words: str) -> dt.date | None:
        if not words:
            return None
        try:
            return _read_day(words.split(" ")[0])
        except ValueError:
            self._fault(column, "bad_day", words)
            return None

    def _days(self) -> tuple[int, ...]:
        words = self._words("值守日").replace("周", "").replace("、", "")
        if words.strip(_DAYS):
            self._fault("值守日", "bad_days", words)
            return ()
        return tuple(sorted({_DAYS.index(sign) for sign in words})) or (0, 1, 2, 3, 4)

    def _most(self) -> int:
        words = self._words("最多同时几件") or "8"
        if words.isascii() and words.isdecimal() and 1 <= int(words[:4]) <= 99:
            return int(words)
        self._fault("最多同时几件", "bad_number", words)
        return 8


def _codes(choices: type[TextChoices]) -> dict[str, str]:
    """Codes by label in the language of the template, and by themselves."""
    with translation.override("zh-hans"):
        return {str(label): value for value, label in choices.choices} | {value: value for value in choices.values}
