"""What follows within seconds of taking a report: the model's reading of its words, and the marks it is found by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jiean.intake.access import Can
from jiean.intake.events import ReportChanged
from jiean.intake.found import words_of
from jiean.intake.models import Report
from jiean.kernel.access import visible
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.events import announce
from jiean.vault.commands import keep_words
from jiean.vault.models import MatterKind


@command
def keep_study(actor: Actor, advice: Mapping[int, dict[str, Any]]) -> int:
    """Keep beside new reports what was read in their words, and make them findable; return how many.

    Their version stays: advice is nobody's edit, and whoever is deciding on a report is not told that it changed under
    their hands. Rows somebody holds just now wait for the next time; erased ones are past reading. Raises Forbidden.
    """
    waiting = visible(Can.INDEX, actor, Report).filter(pk__in=advice, unstudied=True)
    rows = list(waiting.select_for_update(skip_locked=True, no_key=True).order_by("pk"))
    for row in rows:
        if row.advice != advice[row.pk]:
            row.advice = advice[row.pk]
            announce(ReportChanged(row.pk, row.cell_id))
        row.unstudied = False
    Report.objects.bulk_update(rows, ["advice", "unstudied"])
    keep_words(MatterKind.REPORT, words_of(rows))
    return len(rows)
