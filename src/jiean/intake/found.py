"""Reports by what they tell, and by the end of the reporter's telephone: newest first, only those the actor may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from jiean.engine.retrieval import Part, holds, pieces, snippet
from jiean.intake.access import Can, to_own_body
from jiean.intake.looks import is_shut
from jiean.intake.models import Referral, Report, Supplement
from jiean.kernel.access import holds as may
from jiean.kernel.access import reaches_all, visible
from jiean.kernel.actor import Actor
from jiean.vault.models import Kind as Standing
from jiean.vault.models import MatterKind
from jiean.vault.queries import find_by_end, matters_with, may_look, may_look_up


@dataclass(frozen=True, slots=True)
class Told:
    """A report that holds the words: its line and the words in their surroundings, hits told apart."""

    id: int
    number: str
    kind_label: str
    state_label: str
    received_at: dt.datetime
    parts: tuple[Part, ...]


def unstudied(after: int, limit: int = 50) -> list[Report]:
    """The next reports whose words still wait to be read by the model and marked for the search; for the worker only."""
    return list(Report.objects.filter(unstudied=True, pk__gt=after).only("text", "advice").order_by("pk")[:limit])


def words_of(reports: Iterable[Report]) -> dict[int, str]:
    """What each report can be found by: what was told, where, and what was added."""
    rows = list(reports)
    added: dict[int, list[str]] = {}
    for report_id, text in Supplement.objects.filter(report__in=rows).order_by("pk").values_list("report_id", "text"):
        added.setdefault(report_id, []).append(text)
    return {row.pk: told(row, added.get(row.pk, ())) for row in rows}


def told(report: Report, added: Iterable[str] = ()) -> str:
    """The words of one report in one text."""
    return "\n".join(part for part in (report.text, report.place_words, *added) if part)


def reports_telling(actor: Actor, words: str, *, limit: int = 10) -> list[Told]:
    """The newest reports that hold all of the words."""
    wanted = pieces(words)
    if not wanted or not may(Can.SEE_REPORTS, actor):
        return []
    found = _shown(actor, matters_with(actor, MatterKind.REPORT, words, among=_own(actor)), wanted)
    return list(islice(found, limit))


def reports_of_telephone_end(actor: Actor, end: str) -> list[Told]:
    """At most five of the newest reports whose reporter's telephone ends so, for those who may look numbers up; else none.

    None either for who has not proved and said what for: the box also takes four digits for the number of an incident.
    """
    if not (may_look_up(actor) and may_look(actor) and may(Can.SEE_REPORTS, actor)):
        return []
    found = find_by_end(actor, MatterKind.REPORT, Standing.REPORTER, end, among=_own(actor))
    return list(_shown(actor, [one.matter_id for one in found], []))


def _own(actor: Actor) -> list[int] | None:
    """The ids of the reports the actor may see; None where that is every one.

    By cell and by body each for itself: as one condition PostgreSQL would read every report of the station, and take as long.
    """
    if reaches_all(Can.SEE_REPORTS, actor):
        return None
    rows = visible(Can.SEE_REPORTS, actor, Report)
    lying = Referral.objects.filter(to_own_body(actor), state__in=Referral.RUNNING).values_list("report_id", flat=True)
    ways = (rows.filter(cell_id__in=actor.cell_ids), rows.filter(pk__in=list(lying)))
    return sorted({pk for way in ways for pk in way.values_list("pk", flat=True)})


def _shown(actor: Actor, ids: list[int], wanted: list[str]) -> Iterator[Told]:
    """The rows themselves, asked for by the actor's own scope once more, and read: marks say "perhaps", the row says "yes"."""
    rows = visible(Can.SEE_REPORTS, actor, Report).filter(pk__in=ids).order_by("-pk")
    rows = rows.only("number", "kind", "state", "received_at", "text", "place_words")
    texts = words_of(rows)
    for row in rows:
        if not wanted or holds(texts[row.pk], wanted):
            labels = str(row.get_kind_display()), str(row.get_state_display())
            parts = () if is_shut(actor, row) else snippet(texts[row.pk], wanted)
            yield Told(row.pk, row.number, *labels, row.received_at, parts)
