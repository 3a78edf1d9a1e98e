"""What the board and the wall show, made from the rows of dispatch: groups of the queue, groups of units, alarms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from jiean.dispatch.models import Assignment, Incident, Unit
from jiean.dispatch.queries import BoardFilter, IncidentRow, UnitRow
from jiean.grid.queries import town

Words = str | Promise
ON_BOARD = tuple(
    str(state)
    for state in (
        Incident.State.RECEIVED,
        Incident.State.GRADED,
        Incident.State.DISPATCHED,
        Incident.State.HANDLED,
    )
)
"""States that still ask something of the dispatcher; what is fed back waits for its review on a list of its own."""
TO_REVIEW = str(Incident.State.FED_BACK)

MOST_ROWS = 200

UNSENT, TRAVEL, SCENE, FEEDBACK, REVIEW = "unsent", "travel", "scene", "feedback", "review"
STAGES: tuple[tuple[str, Words, Words], ...] = (
    (UNSENT, _("未派"), _("没有未派警情")),
    (TRAVEL, _("途中"), _("没有途中的单元")),
    (SCENE, _("现场"), _("没有单元在现场")),
    (FEEDBACK, _("待反馈"), _("没有待反馈的警情")),
)
REVIEW_STAGE: tuple[str, Words, Words] = (REVIEW, _("待审核"), _("没有待审核的警情"))
STAGE_WORDS = {key: title for key, title, _silence in (*STAGES, REVIEW_STAGE)}
STAGE_TONES = {UNSENT: "alarm", TRAVEL: "busy", SCENE: "busy", FEEDBACK: "warn", REVIEW: "quiet"}

GLYPHS = {
    Unit.Class.PATROL_CAR: ("car", "car"),
    Unit.Class.PTU: ("ptu", "shield"),
    Unit.Class.ROAD_PATROL: ("road", "route"),
    Unit.Class.POST: ("post", "building"),
    Unit.Class.MOTORCYCLE: ("motorcycle", "motorbike"),
    Unit.Class.FOOT: ("foot", "walk"),
    Unit.Class.VOLUNTEER: ("team", "users"),
}
"""How a class of units is drawn: on the map, and among words."""

UNIT_STATES: tuple[tuple[str, Words, tuple[str, ...]], ...] = (
    ("free", _("空闲"), ("FREE",)),
    ("sent", _("待签收"), (Assignment.State.ASSIGNED,)),
    ("travel", _("途中"), (Assignment.State.ACKNOWLEDGED, Assignment.State.EN_ROUTE)),
    ("scene", _("现场"), (Assignment.State.ON_SCENE,)),
    ("off", _("不在岗"), ("OFF_DUTY",)),
)
_UNIT_KEYS = {str(status): key for key, _title, statuses in UNIT_STATES for status in statuses}


def on_board(wanted: BoardFilter) -> BoardFilter:
    """The filter of the page, kept to what the board shows; what waits for its review stands by itself."""
    if wanted.states == (TO_REVIEW,):
        return wanted
    return replace(wanted, states=tuple(state for state in wanted.states if state in ON_BOARD) or ON_BOARD)


def stage_of(row: IncidentRow) -> str:
    """How far an incident has come: the furthest of its units decides."""
    if row.state == Incident.State.HANDLED:
        return FEEDBACK
    if row.state == TO_REVIEW:
        return REVIEW
    if any(order.state == Assignment.State.ON_SCENE for order in row.orders):
        return SCENE
    return TRAVEL if row.orders else UNSENT


def place_of(row: IncidentRow) -> str:
    """Where, in words: the premises and what was said, else the cell."""
    said = dict.fromkeys(word for word in (row.premises_name, row.place_words) if word)
    return " · ".join(said) or row.cell_name or row.cell_code


@dataclass(frozen=True)
class QueueRow:
    """One line of the queue."""

    incident: IncidentRow
    place: str
    stage: str

    @property
    def units(self) -> list[str]:
        return [order.call_sign for order in self.incident.orders]

    @property
    def stage_words(self) -> Words:
        return STAGE_WORDS[self.stage]


@dataclass(frozen=True)
class QueueGroup:
    """Incidents at one stage; ``silence`` is what is said when there is none."""

    key: str
    title: Words
    silence: Words
    rows: list[QueueRow]


def queue_rows(rows: Iterable[IncidentRow]) -> list[QueueRow]:
    return [QueueRow(row, place_of(row), stage_of(row)) for row in rows]


def queue_groups(rows: Iterable[IncidentRow], *, review: bool = False) -> list[QueueGroup]:
    """The rows by stage, in the order they came; ``review`` for the list of what waits for its review."""
    lines = queue_rows(rows)
    stages = (REVIEW_STAGE,) if review else STAGES
    return [
        QueueGroup(key, title, silence, [line for line in lines if line.stage == key]) for key, title, silence in stages
    ]


@dataclass(frozen=True)
class UnitMark:
    """A unit as the strip and the map show it."""

    unit: UnitRow
    key: str
    glyph: str
    icon: str

    @property
    def map_status(self) -> str:
        return "free" if self.key == "free" else "busy"


@dataclass(frozen=True)
class UnitGroup:
    """How many units are at one thing."""

    key: str
    title: Words
    count: int


def unit_marks(rows: Iterable[UnitRow]) -> list[UnitMark]:
    """Units with their glyphs, those on duty first."""
    marks = [UnitMark(row, _UNIT_KEYS[row.status], *GLYPHS[Unit.Class(row.unit_class)]) for row in rows]
    return sorted(marks, key=lambda mark: mark.key == "off")


def unit_groups(marks: Sequence[UnitMark]) -> list[UnitGroup]:
    counts = Counter(mark.key for mark in marks)
    return [UnitGroup(key, title, counts[key]) for key, title, _statuses in UNIT_STATES]


@dataclass(frozen=True)
class Alarm:
    """Something that may not wait: it rings until somebody takes it up or mutes it."""

    key: str
    word: Words
    place: str
    since: datetime
    url: str
    incident_id: int | None = None


def map_bounds() -> str:
    """Where the map opens: the town, else the whole country."""
    here = town()
    box = (here.west, here.south, here.east, here.north) if here else (73.0, 18.0, 135.0, 54.0)
    return ",".join(f"{value:.6f}" for value in box)
