"""The tally of disputes folded: many lines of one count into one."""

from __future__ import annotations

from django.db import connection

from jiean.disputes.access import Can
from jiean.kernel.access import allow
from jiean.kernel.actor import Actor
from jiean.kernel.command import command

_FOLD = """
WITH gone AS (DELETE FROM disputes_tally RETURNING kind, desk_id, state, outcome, number)
INSERT INTO disputes_tally (kind, desk_id, state, outcome, number)
SELECT kind, desk_id, state, outcome, sum(number) FROM gone GROUP BY kind, desk_id, state, outcome HAVING sum(number) <> 0
"""
"""Lines that come meanwhile are not seen by the deletion, and stay."""


@command
def fold_tally(actor: Actor) -> int:
    """Fold the tally; return how many lines are left. Raises Forbidden."""
    allow(Can.FORGET, actor)
    with connection.cursor() as cursor:
        cursor.execute(_FOLD)
        return int(cursor.rowcount)
