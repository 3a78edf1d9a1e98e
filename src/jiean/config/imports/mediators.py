"""The register of mediators from xlsx or csv, with the columns of the template on its page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from jiean.disputes.commands import import_mediators
from jiean.disputes.imports import read_mediators
from jiean.disputes.queries import known_usernames
from jiean.grid.models import Premises
from jiean.kernel.actor import Actor
from jiean.kernel.sheets import read_sheet


def run(path: Path, say: Callable[[str], None]) -> int:
    """Import the table whole, or nobody: every fault is said with its row."""
    sheet = read_sheet(path.read_bytes())
    names = known_usernames([row.get("用户名", "") for _number, row in sheet.rows])
    places = set(Premises.objects.filter(active=True).values_list("code", flat=True))
    plan = read_mediators(sheet, accounts=names, places=places)
    for fault in plan.faults:
        say(f"{fault.number}: {fault.column}: {fault.words}")
    if plan.faults:
        say(f"{len(plan.faults)} faults: nobody was imported")
        return 1
    say(f"{import_mediators(Actor.system(), plan)} mediators imported")
    return 0
