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
from jiean.kernel.models import Transition
from jiean.kernel.workflow import kind_of
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
    """What each incident can be found by: what was told, where, what was noted in its history, and what came of it."""
    rows = list(incidents)
    history = Transition.objects.filter(kind=kind_of(Incident), subject_id__in=[one.pk for one in rows]).exclude(
        reason=""
    )
    noted: dict[int, list[str]] = {}
    for incident_id, reason in history.order_by("pk").values_list("subject_id", "reason"):
        noted.setdefault(incident_id, []).append(reason)
    return {one.pk: told(one, noted.get(one.pk, ())) for one in rows}


def is_noted(incident_id: int) -> bool:
    """Whether the incident's history holds words."""
    return Transition.objects.filter(kind=kind_of(Incident), subject_id=incident_id).exclude(reason="").exists()


def told(incident: Incident, noted: Iterable[str] = ()) -> str:
    """The words of one incident in one text."""
    return "\n".join(part for part in (incident.summary, incident.place_words, incident.outcome, *noted) if part)


def incidents_telling(actor: Actor, words: str, *, limit: int = 10) -> list[Told]:
    """The newest incidents that hold all of the words. A masked row's words are not searched."""
    wanted = pieces(words)
    if not wanted or actor.role in _ALWAYS_MASKED or not may(Can.SEE_INCIDENT, actor):
        return []
    among = None if reaches_all(Can.SEE_INCIDENT, actor) else _own(actor)
    ids = matters_with(actor, MatterKind.INCIDENT, words, among=among)
    if not ids:
        return []
    rows = visible(Can.SEE_INCIDENT, actor, Incident).filter(pk__in=ids).order_by("-pk")
    kept = ("number", "kind", "state", "received_at", "summary", "place_words", "outcome")
    known = list(rows.only(*kept))
    texts, open_too = words_of(known), may_look(actor)
    found = (
        _told(row, texts[row.pk], wanted, shut=row.state not in OPEN and not open_too)
        for row in known
        if holds(texts[row.pk], wanted)
    )
    return list(islice(found, limit))


def _own(actor: Actor) -> list[int]:
    rows = (
        Incident.objects.filter(own_tasks(actor))
        if actor.role == Role.OFFICER
        else visible(Can.SEE_INCIDENT, actor, Incident)
    )
    return list(rows.filter(state__in=sorted(OPEN)).values_list("pk", flat=True))


def _told(row: Incident, text: str, wanted: list[str], *, shut: bool) -> Told:
    labels = str(row.get_kind_display()), str(row.get_state_display())
    return Told(row.pk, row.number, *labels, row.received_at, () if shut else snippet(text, wanted))
