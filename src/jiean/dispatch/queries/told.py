"""Incidents by what was told: among all for who reaches all of them, among the open and unmasked ones for the rest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from jiean.dispatch.access import Can, own_tasks
from jiean.dispatch.models import OPEN, Incident
from jiean.engine.retrieval import Part, holds, pieces, snippet
from jiean.kernel.access import holds as may
from jiean.kernel.access import reaches_all, visible
from jiean.kernel.actor import Actor, Role
from jiean.vault.models import MatterKind
from jiean.vault.queries import matters_with, may_look

_ALWAYS_MASKED = (Role.VOLUNTEER, Role.GUARD, Role.INSPECTOR)
"""Roles that are not told a caller's words, or may not search them (TRUST, section 5)."""


@dataclass(frozen=True, slots=True)
class Told:
    """An incident that holds the words: its line and the words in their surroundings, hits told apart."""

    id: int
    number: int
    kind_label: str
    state_label: str
    received_at: dt.datetime
    parts: tuple[Part, ...]


def words_of(incidents: Iterable[Incident]) -> dict[int, str]:
    """What each incident can be found by: what was told, where, and what came of it."""
    return {one.pk: told(one) for one in incidents}


def told(incident: Incident) -> str:
    """The words of one incident in one text."""
    return "\n".join(part for part in (incident.summary, incident.place_words, incident.outcome) if part)


def incidents_telling(actor: Actor, words: str, *, limit: int = 10) -> list[Told]:
    """The newest incidents that hold all of the words. A masked row's words are not searched."""
    wanted = pieces(words)
    if not wanted or actor.role in _ALWAYS_MASKED or not may(Can.SEE_INCIDENT, actor):
        return []
    among = None if reaches_all(Can.SEE_INCIDENT, actor) else _own(actor)
    ids = matters_with(actor, MatterKind.INCIDENT, words, among=among)
    rows = visible(Can.SEE_INCIDENT, actor, Incident).filter(pk__in=ids).order_by("-pk")
    kept = ("number", "kind", "state", "received_at", "summary", "place_words", "outcome")
    found = (
        _told(row, wanted, shut=row.state not in OPEN and not may_look(actor))
        for row in rows.only(*kept)
        if holds(told(row), wanted)
    )
    return list(islice(found, limit))


def _own(actor: Actor) -> list[int]:
    rows = visible(Can.SEE_INCIDENT, actor, Incident).filter(state__in=sorted(OPEN))
    if actor.role == Role.OFFICER:
        rows = rows.filter(own_tasks(actor))
    return list(rows.values_list("pk", flat=True))


def _told(row: Incident, wanted: list[str], *, shut: bool) -> Told:
    labels = str(row.get_kind_display()), str(row.get_state_display())
    return Told(row.pk, row.number, *labels, row.received_at, () if shut else snippet(told(row), wanted))
