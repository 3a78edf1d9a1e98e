"""Life cycles: a table of legal moves beside the states, and one history for timeline, deadlines and indicators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Model, TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from jiean.kernel import clocks
from jiean.kernel.actor import Actor
from jiean.kernel.errors import IllegalMove
from jiean.kernel.models import Transition


def kind_of(row: Model | type[Model]) -> str:
    """The name a matter's kind goes by in history, audit and deadlines: ``room.model``."""
    return row._meta.label_lower


class Workflow:
    """The legal moves of a model whose state stands in the field ``state``.

    ``why`` gives a sentence for pairs whose refusal would surprise. A state that stands in no row of the table is final.
    """

    def __init__(
        self, moves: Mapping[Any, set[Any]], *, why: Mapping[tuple[Any, Any], str | Promise] | None = None
    ) -> None:
        self.moves = {start: frozenset(ends) for start, ends in moves.items()}
        self.why = dict(why or {})

    def next_states(self, row: Any) -> frozenset[Any]:
        """The states the row may move to now."""
        return self.moves.get(row.state, frozenset())

    def can(self, row: Any, to: TextChoices | str) -> bool:
        """Whether the table holds the move."""
        return to in self.next_states(row)

    def move(
        self, row: Any, to: TextChoices | str, *, by: Actor, reason: str = "", code: str = "", **fields: Any
    ) -> None:
        """Move the row, save it with ``fields`` and add the line to its history. Raises IllegalMove."""
        if not self.can(row, to):
            raise IllegalMove(self._refusal(row, to))
        start = row.state
        change(row, state=to, **fields)
        note(row, by=by, code=code, reason=reason, from_state=start)

    def _refusal(self, row: Any, to: TextChoices | str) -> str | Promise:
        reason: str | Promise | None = self.why.get((row.state, to))
        if reason is not None:
            return reason
        state = row._meta.get_field("state")
        words = dict(state.flatchoices)
        named = {"start": words.get(row.state, row.state), "end": words.get(str(to), to)}
        return str(_("“%(start)s”不能直接变成“%(end)s”。") % named)


def change(row: Any, **fields: Any) -> None:
    """Set fields, count the version up and save just those columns."""
    for name, value in fields.items():
        setattr(row, name, value)
    columns = set(fields)
    if hasattr(row, "version"):
        row.version += 1
        columns |= {"version", "updated_at"}
    row.save(update_fields=sorted(columns))


def note(
    row: Any,
    *,
    by: Actor,
    code: str = "",
    reason: str = "",
    from_state: str = "",
    detail: Mapping[str, Any] | None = None,
) -> Transition:
    """Add a line to the row's history; without ``from_state`` nothing moved. ``detail`` holds plain values, no personal data.

    ``at`` is the receipt, by which everything is ordered; the device's own time of what came late stands beside it.
    """
    return Transition.objects.create(
        kind=kind_of(row),
        subject_id=row.pk,
        from_state=from_state,
        to_state=getattr(row, "state", ""),
        code=code,
        at=clocks.now(),
        role=by.role,
        account_id=by.account_id,
        reason=reason,
        detail=dict(detail or {}),
        device_at=by.late.device_at if by.late else None,
        made_at=by.late.made_at if by.late else None,
    )


def timeline(row: Model) -> list[Transition]:
    """The row's history, oldest first."""
    return list(Transition.objects.filter(kind=kind_of(row), subject_id=row.pk).order_by("id"))
