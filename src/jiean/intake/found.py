"""Reports by what they tell, and by the end of the reporter's telephone: newest first, only those the actor may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from django.db.models import Q

from jiean.engine.retrieval import Part, holds, pieces, snippet
from jiean.intake.access import Can, to_own_body
from jiean.intake.looks import is_shut
from jiean.intake.models import Referral, Report, Supplement
from jiean.kernel.access import holds as may
from jiean.kernel.access import reaches_all, visible
from jiean.kernel.actor import Actor
from jiean.kernel.models import Transition
from jiean.kernel.text import holding
from jiean.kernel.workflow import kind_of
from jiean.vault.commands import look_up_end
from jiean.vault.models import Kind as Standing
from jiean.vault.models import MatterKind
from jiean.vault.queries import matters_with, may_look, may_look_up

A_LOOK = 20
"""Of what the marks found so many rows are read at a time: mostly the first of them fill the page."""


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
    """What each report can be found by: what was told, where, what was added, noted in its history, and answered."""
    rows = list(reports)
    ids = [row.pk for row in rows]
    said = Supplement.objects.filter(report__in=ids).values_list("report_id", "text", "pk")
    noted = Transition.objects.filter(kind=kind_of(Report), subject_id__in=ids).exclude(reason="")
    added: dict[int, list[str]] = {}
    for report_id, text, _pk in sorted(
        said.union(noted.values_list("subject_id", "reason", "pk"), all=True), key=_third
    ):
        added.setdefault(report_id, []).append(text)
    return {row.pk: told(row, (row.answer, *added.get(row.pk, ()))) for row in rows}


def _third(row: tuple[int, str, int]) -> int:
    return row[2]


def told(report: Report, added: Iterable[str] = ()) -> str:
    """The words of one report in one text."""
    return "\n".join(part for part in (report.text, report.place_words, *added) if part)


def reports_telling(actor: Actor, words: str, *, limit: int = 10) -> list[Told]:
    """The newest reports that hold all of the words."""
    wanted = pieces(words)
    if not wanted or not may(Can.SEE_REPORTS, actor):
        return []
    ids = matters_with(actor, MatterKind.REPORT, words, among=_own(actor))
    return list(islice(_shown(actor, ids, wanted), limit))


@dataclass(frozen=True, slots=True)
class Named:
    """An open report of a number or at a place of that name: its line and where it is."""

    id: int
    number: str
    kind_label: str
    place: str


def reports_named(actor: Actor, words: str, *, limit: int = 10) -> list[Named]:
    """Open reports whose number, place or premises hold every word, the most urgent and oldest first. One statement."""
    if not may(Can.SEE_REPORTS, actor):
        return []
    rows = visible(Can.SEE_REPORTS, actor, Report).filter(state__in=Report.OPEN)
    for word in words.split():
        rows = rows.filter(names(word))
    rows = rows.select_related("premises").only("number", "kind", "place_words", "premises__name")
    found = rows.order_by("urgency", "received_at", "id")[:limit]
    return [
        Named(row.pk, row.number, str(row.get_kind_display()), row.premises.name if row.premises else row.place_words)
        for row in found
    ]


def names(word: str) -> Q:
    """Number, words of the place, name or initials of the premises. The report's own words are personal and not searched."""
    spelt = Q(premises__pinyin__contains=word.lower()) if word.isascii() else Q()
    return holding(word, "number", "place_words", "premises__name") | spelt


def reports_of_telephone_end(actor: Actor, end: str) -> list[Told]:
    """At most five of the newest reports whose reporter's telephone ends so, for those who may look numbers up; else none.

    None either for who has not proved and said what for: the box also takes four digits for the number of an incident.
    """
    if not (may_look_up(actor) and may_look(actor) and may(Can.SEE_REPORTS, actor)):
        return []
    found = look_up_end(actor, MatterKind.REPORT, Standing.REPORTER, end, among=_own(actor))
    return list(_shown(actor, [one.matter_id for one in found], []))


def _own(actor: Actor) -> list[int] | None:
    """The ids of the reports the actor may see, the newest first; None where that is every one.

    By cell and by body each for itself: as one condition PostgreSQL would read every report of the station, and take as long.
    """
    if reaches_all(Can.SEE_REPORTS, actor):
        return None
    rows = visible(Can.SEE_REPORTS, actor, Report).order_by("-pk")
    lying = Referral.objects.filter(to_own_body(actor), state__in=Referral.RUNNING).values_list("report_id", flat=True)
    ways = (rows.filter(cell_id__in=actor.cell_ids), rows.filter(pk__in=list(lying)))
    return sorted({pk for way in ways for pk in way.values_list("pk", flat=True)}, reverse=True)


def _shown(actor: Actor, ids: Sequence[int], wanted: list[str]) -> Iterator[Told]:
    """The rows themselves, asked for by the actor's own scope once more, and read: marks say "perhaps", the row says "yes"."""
    newest_first = sorted(ids, reverse=True)
    for start in range(0, len(ids), A_LOOK):
        look = newest_first[start : start + A_LOOK]
        rows = visible(Can.SEE_REPORTS, actor, Report).filter(pk__in=look).order_by("-pk")
        rows = rows.only("number", "kind", "state", "received_at", "text", "place_words", "answer")
        texts = words_of(rows)
        for row in rows:
            if not wanted or holds(texts[row.pk], wanted):
                labels = str(row.get_kind_display()), str(row.get_state_display())
                parts = () if is_shut(actor, row) else snippet(texts[row.pk], wanted)
                yield Told(row.pk, row.number, *labels, row.received_at, parts)
