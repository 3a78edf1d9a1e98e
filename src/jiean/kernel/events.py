"""News: facts told upstairs, in the deed's own transaction, and read in the order they became true."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar, TypeVar

import orjson
from django.db import connection, transaction

from jiean.kernel import jobs
from jiean.kernel.actor import Actor, Role
from jiean.kernel.rows import Change, listed, together

HORIZON_BATCH = 500


class Reach(Enum):
    """Which actors of a role hear an event on the live stream."""

    ALL = "all"
    CELL = "cell"
    NAMED = "named"


ALL, CELL, NAMED = Reach.ALL, Reach.CELL, Reach.NAMED
Audience = Mapping[Role, Reach]


@dataclass(frozen=True)
class Event:
    """A fact in the past tense. The first field is the subject's id; ``cell_id`` and ``account_ids`` are known to the stream."""

    AUDIENCE: ClassVar[Audience] = {}

    def __init_subclass__(cls) -> None:
        _EVENTS[name_of(cls)] = cls


E = TypeVar("E", bound=Event)
Reaction = Callable[[Any], None]
_EVENTS: dict[str, type[Event]] = {}
_REACTIONS: dict[str, dict[str, Reaction]] = {}


def name_of(event: type[Event]) -> str:
    """``room.EventName``."""
    return f"{event.__module__.split('.')[1]}.{event.__name__}"


def known_events() -> Mapping[str, type[Event]]:
    """Every event class by name."""
    return _EVENTS


def reactions_to(name: str) -> Mapping[str, Reaction]:
    """The reactions registered for an event, by ``room.function``."""
    return _REACTIONS.get(name, {})


def reaction(event: type[E]) -> Callable[[Callable[[E], None]], Callable[[E], None]]:
    """Register a function to be run, once and as a job of its own, for each event of the class."""

    def register(function: Callable[[E], None]) -> Callable[[E], None]:
        name = f"{function.__module__.split('.')[1]}.{function.__name__}"
        _REACTIONS.setdefault(name_of(event), {})[name] = function
        return function

    return register


@dataclass(frozen=True, slots=True)
class Told:
    """An event as its row will hold it."""

    name: str
    subject_id: int
    cell_id: int | None
    account_ids: Sequence[int]
    data: Mapping[str, Any]


gathering: ContextVar[list[Told] | None] = ContextVar("gathering", default=None)
"""News of the deed that is running: it writes them with its last statement."""


def announce(event: Event) -> None:
    """Tell upstairs: one row in the outbox and one job for each reaction, in the deed's transaction, at its end."""
    data = {field.name: getattr(event, field.name) for field in dataclasses.fields(event)}
    subject_id = next(iter(data.values()))
    told = Told(name_of(type(event)), subject_id, data.get("cell_id"), data.get("account_ids", ()), data)
    deed = gathering.get()
    if deed is not None:
        deed.append(told)
    else:
        call_reactions([told], together({"news": telling([told])})["news"])


_COLUMNS = {"name": "text", "subject_id": "bigint", "cell_id": "bigint", "account_ids": "jsonb", "data": "jsonb"}


def telling(news: Sequence[Told]) -> Change:
    """The statement that puts news in the outbox, in the order they were told."""
    return listed("kernel_event", _COLUMNS, news)


def call_reactions(news: Sequence[Told], ids: Sequence[int]) -> None:
    """One job for each reaction to news just written, in the transaction that is open."""
    waiting: list[dict[str, Any]] = [
        {"event_id": event_id, "name": one.name, "reaction": who}
        for one, event_id in zip(news, sorted(ids), strict=True)
        for who in reactions_to(one.name)
    ]
    if waiting:
        react.batch_defer(*waiting)


@jobs.job("kernel.react")
def react(event_id: int, name: str, reaction: str) -> None:
    """Run one reaction to one event; a second run of the same pair changes nothing."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_eventreaction (event_id, reaction) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            [event_id, reaction],
        )
        if cursor.rowcount:
            cursor.execute("SELECT data::text FROM kernel_event WHERE id = %s", [event_id])
            data = orjson.loads(cursor.fetchone()[0])
            reactions_to(name)[reaction](_rebuilt(_EVENTS[name], data))


def _rebuilt(event: type[Event], data: dict[str, Any]) -> Event:
    known = {field.name for field in dataclasses.fields(event)}
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in data.items() if key in known}
    return event(**values)


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """A place in the order of events: the transaction and the row. Either half alone would lose rows."""

    txid: int
    id: int

    def __str__(self) -> str:
        return f"{self.txid}.{self.id}"

    @classmethod
    def parse(cls, words: str) -> Cursor | None:
        """Read ``txid.id``; None for anything else."""
        txid, dot, row = words.partition(".")
        if not dot or not (txid.isascii() and txid.isdigit() and row.isascii() and row.isdigit()):
            return None
        cursor = cls(int(txid), int(row))
        return cursor if cursor.txid < 2**63 and cursor.id < 2**63 else None


@dataclass(frozen=True, slots=True)
class News:
    """One event as the stream carries it: no words, no personal data."""

    cursor: Cursor
    name: str
    subject_id: int
    cell_id: int | None
    account_ids: frozenset[int]

    def reaches(self, actor: Actor) -> bool:
        """Whether the event's audience holds the actor."""
        event = _EVENTS.get(self.name)
        reach = event.AUDIENCE.get(actor.role) if event else None
        if reach is CELL:
            return self.cell_id in actor.cell_ids
        if reach is NAMED:
            return actor.account_id in self.account_ids
        return reach is ALL


AFTER = """
SELECT e.txid::text, e.id, e.name, e.subject_id, e.cell_id, e.account_ids::text FROM kernel_event e
WHERE (e.txid, e.id) > (%s::text::xid8, %s) AND e.txid < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY e.txid, e.id LIMIT %s
"""
"""Events after a cursor, up to the oldest transaction still running: nothing can appear before what was read."""

LATEST = """
SELECT e.txid::text, e.id FROM kernel_event e WHERE e.txid < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY e.txid DESC, e.id DESC LIMIT 1
"""
# Both orders name the column with its table: a bare "txid" would mean the text in the answer, and 999 would follow 1000.

HELD_BACK = "SELECT EXISTS (SELECT FROM kernel_event WHERE (txid, id) > (%s::text::xid8, %s))"
"""Whether committed events wait behind a transaction that is still running."""


def news(row: tuple[Any, ...]) -> News:
    """A row of ``AFTER`` as a value."""
    txid, row_id, name, subject_id, cell_id, account_ids = row
    return News(Cursor(int(txid), row_id), name, subject_id, cell_id, frozenset(orjson.loads(account_ids)))


def read_after(cursor: Cursor, limit: int = HORIZON_BATCH) -> list[News]:
    """Events after the cursor, oldest first, at most ``limit``."""
    with connection.cursor() as db:
        db.execute(AFTER, [str(cursor.txid), cursor.id, limit])
        return [news(row) for row in db.fetchall()]
