"""The steps of loading the demo town, each by the deeds a station would use."""

from __future__ import annotations

import datetime as dt
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils import timezone

from jiean.config.demo.accounts import DEMO_PASSWORD
from jiean.config.demo.town import DATA, TOWN_NAME, read
from jiean.dispatch.commands import keep_unit, start_shift, take_command, tell_weather
from jiean.dispatch.models import Shift, Unit
from jiean.dispatch.queries import watch_now
from jiean.grid.commands import add_key_point, add_premises, import_areas
from jiean.grid.imports import read_areas
from jiean.grid.models import Cell, KeyPoint, Premises
from jiean.grid.queries import cell_ids_by_code
from jiean.kernel.actor import Actor, Role
from jiean.law.commands import bring_statutes
from jiean.law.edition import EDITION, KNOWN_ON
from jiean.law.edition import read as read_laws
from jiean.law.models import Statute
from jiean.people.commands import assign_duty, create_account, give_role, import_people
from jiean.people.imports import Line, StaffPlan
from jiean.people.models import Account, Duty
from jiean.people.queries import actor_of

SYSTEM = Actor.system()
SHIFT_STARTS = 8
DAYS_BACK, DAYS_AHEAD = 7, 8
"""Shifts of 24 hours are planned from a week ago (for the past) to a week ahead."""


def bring_law() -> str:
    """The edition of statutes that comes with the program."""
    if not Statute.objects.exists():
        bring_statutes(SYSTEM, read_laws(EDITION), known_on=KNOWN_ON)
    return f"{Statute.objects.count()} statutes"


def lay_areas() -> str:
    """Communities and cells."""
    if not Cell.objects.exists():
        plan = read_areas((DATA / "areas.geojson").read_bytes())
        import_areas(SYSTEM, plan, town_name=TOWN_NAME, gaps_are_right=True)
    return f"{Cell.objects.count()} cells"


def lay_places() -> str:
    """Premises and key points."""
    places = read("places.json")
    have = set(Premises.objects.values_list("code", flat=True))
    named = set(KeyPoint.objects.values_list("name", flat=True))
    with transaction.atomic():
        for place in places["premises"]:
            if place["code"] not in have:
                add_premises(SYSTEM, **place | {"kind": Premises.Kind(place["kind"])})
        for point in places["key_points"]:
            if point["name"] not in named:
                add_key_point(SYSTEM, **point | {"kind": KeyPoint.Kind(point["kind"])})
    return f"{Premises.objects.count()} places"


def take_staff_without_cells() -> str:
    """The same people in a station whose areas are not the demo's."""
    return _take_all([person | {"cells": []} for person in read("people.json")])


def take_staff() -> str:
    """Accounts with roles and duties. Samples and unit leaders can sign in, with the public password; others cannot yet."""
    return _take_all(read("people.json"))


def _take_all(people: list[dict[str, Any]]) -> str:
    have = set(Account.objects.values_list("username", flat=True))
    missing = [person for person in people if person["username"] not in have]
    silent = [person for person in missing if not _signs_in(person["username"])]
    with transaction.atomic():
        import_people(SYSTEM, StaffPlan(tuple(map(_line, range(len(silent)), silent))))
        cells = cell_ids_by_code()
        for person in missing:
            if _signs_in(person["username"]):
                _take(person, cells)
    return f"{Account.objects.count()} accounts"


def leaders() -> list[str]:
    """The officers who lead the units, in the units' order: the sample officer leads the first car."""
    officers = [person["username"] for person in read("people.json") if person["role"] == Role.OFFICER]
    return officers[: len(read("units.json"))]


def _signs_in(username: str) -> bool:
    return not username[-1].isdigit() or username in leaders() or username == "dsp2"


def _line(number: int, person: dict[str, Any]) -> Line:
    return Line(
        number, person["username"], person["name"], (person["role"],), person["phone"], cells=tuple(person["cells"])
    )


def _take(person: dict[str, Any], cells: dict[str, int]) -> None:
    account = create_account(SYSTEM, person["username"], person["name"], password=DEMO_PASSWORD, phone=person["phone"])
    role = Role(person["role"])
    give_role(SYSTEM, account.pk, role)
    kind = Duty.Kind.OFFICER if role == Role.OFFICER else Duty.Kind.WORKER
    for code in person["cells"]:
        assign_duty(SYSTEM, account.pk, cells[code], kind)


def take_units() -> str:
    """Patrol cars and teams."""
    have = set(Unit.objects.values_list("call_sign", flat=True))
    for unit in read("units.json"):
        if unit["call_sign"] not in have:
            keep_unit(SYSTEM, **{name: value for name, value in unit.items() if name != "crew"})
    return f"{Unit.objects.count()} units"


def plan_shifts() -> str:
    """Day after day a crew for every unit: its leader always, the others in turn."""
    known = dict(Account.objects.filter(role_holdings__role=Role.OFFICER).values_list("username", "pk"))
    lead = [known[username] for username in leaders()]
    others = sorted(set(known.values()) - set(lead))
    units = read("units.json")
    unit_ids = dict(Unit.objects.values_list("call_sign", "pk"))
    for day in range(-DAYS_BACK, DAYS_AHEAD):
        begin, turn = shift_start(day), (day * 7) % len(others)
        crews = _crews(units, lead, others[turn:] + others[:turn])
        planned = set(Shift.objects.filter(starts_at=begin).values_list("unit_id", flat=True))
        with transaction.atomic():
            for call_sign, crew in crews.items():
                if unit_ids[call_sign] not in planned:
                    _plan(unit_ids[call_sign], crew, begin)
    _take_the_watch()
    return f"{Shift.objects.count()} shifts"


def _take_the_watch() -> None:
    """The sample commander has the station, on a dry day."""
    commander = actor_of(Account.objects.get(username="zhihui").pk, Role.COMMANDER)
    if commander is not None and not watch_now(commander).commander:
        take_command(commander)
        tell_weather(commander, weather="dry")


def _crews(units: list[dict[str, Any]], lead: list[int], others: list[int]) -> dict[str, list[int]]:
    row = iter(others)
    return {
        unit["call_sign"]: [leader, *islice(row, unit["crew"] - 1)] for unit, leader in zip(units, lead, strict=True)
    }


def _plan(unit_id: int, crew: list[int], begin: dt.datetime) -> None:
    end = begin + dt.timedelta(days=1)
    start_shift(SYSTEM, unit_id, name="全天班", account_ids=crew, starts_at=begin, ends_at=end)


def shift_start(days: int) -> dt.datetime:
    """Eight in the morning on the station's clock, so many days from the shift day that runs now."""
    here = timezone.localtime()
    start = here.replace(hour=SHIFT_STARTS, minute=0, second=0, microsecond=0)
    start += dt.timedelta(days=days if here.hour >= SHIFT_STARTS else days - 1)
    return start.astimezone(dt.UTC)
