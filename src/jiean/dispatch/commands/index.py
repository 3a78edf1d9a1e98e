"""Old incidents made findable by their words, and closed ones by what came of them."""

from __future__ import annotations

from jiean.dispatch.access import Can
from jiean.dispatch.models import Incident
from jiean.dispatch.queries.told import words_of
from jiean.kernel.access import fetch, visible
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.vault.commands import keep_words
from jiean.vault.models import MatterKind
from jiean.vault.queries import without_words


@command
def index_incidents(actor: Actor, *, after: int = 0, anew: bool = False, limit: int = 500) -> tuple[int, int]:
    """Index the next incidents that are not yet, or every one ``anew``; return the last id looked at (0 at the end) and how many."""
    rows = visible(Can.INDEX, actor, Incident)
    ids = list(rows.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:limit])
    wanted = ids if anew else without_words(MatterKind.INCIDENT, ids)
    found = Incident.objects.filter(pk__in=wanted).only("summary", "place_words", "outcome")
    return (ids[-1] if ids else 0), keep_words(MatterKind.INCIDENT, words_of(found))


@command
def index_incident(actor: Actor, incident_id: int) -> None:
    """Index one incident as it stands now. Raises NotFound."""
    keep_words(MatterKind.INCIDENT, words_of([fetch(Can.INDEX, actor, Incident, incident_id)]))
