"""Bodies that help with a dispute: on its page, and each body's own list."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from jiean.disputes.access import Can
from jiean.disputes.models import JoinedBody
from jiean.kernel import clocks
from jiean.kernel.access import fetch, visible
from jiean.kernel.actor import Actor

MOST = 100


@dataclass(frozen=True, slots=True)
class JoinedLine:
    """A body's part: its row, and whether it missed its deadline."""

    row: JoinedBody
    is_late: bool


def joined_lines(rows: list[JoinedBody]) -> list[JoinedLine]:
    """The bodies that were asked to help with a dispute the caller may read."""
    return _lines(rows, clocks.now())


def own_joinings(actor: Actor) -> list[JoinedLine]:
    """What the actor's body helps with or is asked to, the first due first."""
    rows = visible(Can.ASSIST, actor, JoinedBody).filter(state__in=JoinedBody.OPEN)
    return _lines(
        list(rows.select_related("organisation", "dispute__desk").order_by("due_at", "pk")[:MOST]), clocks.now()
    )


def own_joining(actor: Actor, joined_id: int) -> JoinedLine:
    """One part of the actor's own body; of the dispute itself only number, kind and lead until it has signed. Raises NotFound."""
    row = fetch(Can.ASSIST, actor, JoinedBody, joined_id, lock=False)
    return _lines([row], clocks.now())[0]


def _lines(rows: list[JoinedBody], at: dt.datetime) -> list[JoinedLine]:
    waiting = (JoinedBody.State.ASKED, JoinedBody.State.JOINED)
    return [JoinedLine(row, row.state in waiting and row.due_at <= at) for row in rows]
