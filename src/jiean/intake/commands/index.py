"""Old reports made findable by their words, and those whose marks could not be made when they were taken."""

from __future__ import annotations

from jiean.intake.access import Can
from jiean.intake.found import words_of
from jiean.intake.models import Report
from jiean.kernel.access import fetch, visible
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.vault.commands import keep_words
from jiean.vault.models import MatterKind
from jiean.vault.queries import without_words


@command
def index_reports(actor: Actor, *, after: int = 0, anew: bool = False, limit: int = 500) -> tuple[int, int]:
    """Index the next reports that are not yet, or every one ``anew``; return the last id looked at (0 at the end) and how many."""
    ids = list(
        visible(Can.INDEX, actor, Report).filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:limit]
    )
    wanted = ids if anew else without_words(MatterKind.REPORT, ids)
    rows = Report.objects.filter(pk__in=wanted).only("text", "place_words", "answer")
    return (ids[-1] if ids else 0), keep_words(MatterKind.REPORT, words_of(rows))


@command
def index_report(actor: Actor, report_id: int) -> None:
    """Index one report as it stands now, with what was answered and noted. Raises NotFound."""
    keep_words(MatterKind.REPORT, words_of([fetch(Can.INDEX, actor, Report, report_id)]))
