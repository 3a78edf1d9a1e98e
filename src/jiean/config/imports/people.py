"""Staff from xlsx or csv, with the columns of the template on the staff page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from jiean.grid.queries import cell_ids_by_code
from jiean.kernel.actor import Actor
from jiean.kernel.sheets import read_sheet
from jiean.people.commands import import_people
from jiean.people.imports import read_staff
from jiean.people.queries import organisations_by_name, taken_usernames


def run(path: Path, say: Callable[[str], None]) -> int:
    """Import the table whole, or nobody: every fault is said with its row."""
    sheet = read_sheet(path.read_bytes())
    taken = taken_usernames([row.get("用户名", "") for _number, row in sheet.rows])
    plan = read_staff(sheet, cells=cell_ids_by_code(), organisations=organisations_by_name(), taken=taken)
    for fault in plan.faults:
        say(f"{fault.number}: {fault.column}: {fault.words}")
    if plan.faults:
        say(f"{len(plan.faults)} faults: nobody was imported")
        return 1
    say(f"{import_people(Actor.system(), plan)} people imported; give each a password on the staff page")
    return 0
