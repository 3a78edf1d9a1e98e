"""The steps of loading the demo town, each by the deeds a station would use."""

from __future__ import annotations

import datetime as dt
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils import timezone

from jiean.config.demo.accounts import DEMO_PASSWORD, SAMPLE_ACCOUNTS
from jiean.config.demo.town import DATA, TOWN_NAME, read
from jiean.dispatch.commands import keep_unit, start_shift
from jiean.dispatch.models import Shift, Unit
from jiean.grid.commands import add_key_point, add_premises, import_areas
from jiean.grid.imports import read_areas
from jiean.grid.models import Cell, KeyPoint, Premises
from jiean.grid.queries import cell_ids_by_code
from jiean.kernel.actor import Actor, Role
from jiean.people.commands import assign_duty, create_account, give_role
from jiean.people.models import Account, Duty

SYSTEM = Actor.system()
BATCH = 25
SHIFT_STARTS = 8
DAYS_BACK, DAYS_AHEAD = 7, 14
"""Shifts of 24 hours are planned from a week ago (for the past) to two weeks ahead."""


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


def take_staff() -> str:
    """Accounts with roles and duties. Samples and officers can sign in, with the public password; the others cannot."""
    cells = cell_ids_by_code()
    have = set(Account.objects.values_list("username", flat=True))
    missing = [person for person in read("people.json") if person["username"] not in have]
    while missing:
        with transaction.atomic():
            for person in missing[:BATCH]:
                _take(person, cells)
        missing = missing[BATCH:]
    return f"{Account.objects.count()} accounts"


_SIGN_IN = {username for username, _chinese, _english in SAMPLE_ACCOUNTS}


def _take(person: dict[str, Any], cells: dict[str, int]) -> None:
    role = Role(person["role"])
    can_sign_in = person["username"] in _SIGN_IN or not person["username"][-1].isdigit() or role == Role.OFFICER
    account = create_account(
        SYSTEM,
        person["username"],
        person["name"],
        password=DEMO_PASSWORD if can_sign_in else "",
        phone=person["phone"],
    )
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
    """Day after day a crew for every unit. The sample officer rides the first car each day; the others take turns."""
    officers = list(
        Account.objects.filter(role_holdings__role=Role.OFFICER).order_by("id").values_list("pk", flat=True)
    )
    crews = {unit["call_sign"]: unit["crew"] for unit in read("units.json")}
    unit_ids = dict(Unit.objects.filter(call_sign__in=crews).values_list("call_sign", "pk"))
    for day in range(-DAYS_BACK, DAYS_AHEAD):
        begin = shift_start(day)
        if Shift.objects.filter(unit_id__in=unit_ids.values(), starts_at=begin).count() < len(unit_ids):
            with transaction.atomic():
                _plan_day(begin, day, officers, crews, unit_ids)
    return f"{Shift.objects.count()} shifts"


def _plan_day(
    begin: dt.datetime, day: int, officers: list[int], crews: dict[str, int], unit_ids: dict[str, int]
) -> None:
    planned = set(Shift.objects.filter(starts_at=begin).values_list("unit_id", flat=True))
    turn = (day * 7) % (len(officers) - 1)
    row = iter([officers[0], *officers[1:][turn:], *officers[1:][:turn]])
    for call_sign, size in crews.items():
        crew = list(islice(row, size))
        if unit_ids[call_sign] not in planned:
            end = begin + dt.timedelta(days=1)
            start_shift(SYSTEM, unit_ids[call_sign], name="全天班", account_ids=crew, starts_at=begin, ends_at=end)


def shift_start(days: int) -> dt.datetime:
    """Eight in the morning on the station's clock, so many days from the shift day that runs now."""
    here = timezone.localtime()
    start = here.replace(hour=SHIFT_STARTS, minute=0, second=0, microsecond=0)
    start += dt.timedelta(days=days if here.hour >= SHIFT_STARTS else days - 1)
    return start.astimezone(dt.UTC)
