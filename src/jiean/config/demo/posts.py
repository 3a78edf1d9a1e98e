"""Thirty hive posts of the demo town: ten known places and twenty more, opened one after the other, with rotas and today's queues."""

from __future__ import annotations

import datetime as dt
from itertools import cycle, islice

from django.db import transaction

from jiean.config.demo.past import clock_at
from jiean.config.demo.steps import SYSTEM
from jiean.disputes import commands
from jiean.disputes.models import Calling, HivePost, PostDuty, Ticket
from jiean.grid.commands import add_premises
from jiean.grid.models import Cell, Premises
from jiean.kernel import clocks
from jiean.kernel.actor import Role
from jiean.people.models import Account

NAMES = (
    "晨光", "知安", "桂巷", "南浦", "清水", "柳湾", "石桥", "望江", "百福", "安澜", "长宁", "青禾", "东里", "映山", "双井",
    "兰亭", "春晓", "竹里", "回澜", "金柚",
)  # fmt: skip
WITHOUT = 6
"""So many communities are left without a post, to be compared with."""
SERVICES = (
    ["mediation", "advice", "publicity"],
    ["mediation", "fire", "collection", "self"],
    ["mediation", "advice", "fire", "publicity", "collection", "self"],
)
LONGEST_OPEN, APART = 75, 2
"""The first opened so many days ago, each next one so many later."""
ROTA_DAYS = 7


def open_posts() -> str:
    """Places, posts, rotas, today's numbers; what is there already stays."""
    _lay_places()
    places = Premises.objects.filter(kind=Premises.Kind.HIVE_POST, active=True).order_by("code")
    today = clocks.local_day(clocks.now())
    with transaction.atomic():
        for number, place in enumerate(places):
            if not HivePost.objects.filter(premises=place).exists():
                since = today - dt.timedelta(days=LONGEST_OPEN - APART * number)
                commands.keep_post(
                    SYSTEM, place.pk, services=SERVICES[number % 3], days=range(7), from_hour=8, to_hour=22,
                    open_since=since,
                )  # fmt: skip
        _plan_rotas(today)
    return f"{HivePost.objects.count()} hive posts"


def _lay_places() -> None:
    """Twenty more places, in communities that have none as far as they go, then a second one in some."""
    have = Premises.objects.filter(kind=Premises.Kind.HIVE_POST)
    if have.count() >= 30:
        return
    served = set(have.values_list("cell__community_id", flat=True))
    cells = list(Cell.objects.filter(active=True).order_by("community__code", "-code"))
    firsts = {cell.community_id: cell for cell in cells}
    bare = [cell for community, cell in firsts.items() if community not in served][WITHOUT:]
    seconds = [cell for cell in cells if cell.community_id in served and cell not in bare]
    with transaction.atomic():
        for number, (name, cell) in enumerate(zip(NAMES, [*bare, *seconds], strict=False)):
            add_premises(
                SYSTEM, code=f"HP-{11 + number}", name=f"{name}蜂巢站点", kind=Premises.Kind.HIVE_POST, lon=cell.lon,
                lat=cell.lat, address=f"{name}路{18 + 17 * number}号（虚构）",
            )  # fmt: skip


def _plan_rotas(today: dt.date) -> None:
    """A mediator every day at every post, an officer every other one."""
    if PostDuty.objects.exists():
        return
    roles = {Calling.PEOPLE: Role.MEDIATOR, Calling.OFFICER: Role.OFFICER}
    people = {
        calling: cycle(Account.objects.filter(role_holdings__role=role).order_by("pk").values_list("pk", flat=True))
        for calling, role in roles.items()
    }
    zone = clocks.local(clocks.now()).tzinfo
    for number, post in enumerate(HivePost.objects.order_by("pk")):
        for calling in islice(people, 1 + number % 2):
            who = next(people[calling])
            for day in range(ROTA_DAYS):
                start = dt.datetime.combine(today + dt.timedelta(days=day), dt.time(8), zone)
                end = start + dt.timedelta(hours=14)
                commands.put_on_duty(SYSTEM, post.pk, who, calling=calling, starts_at=start, ends_at=end)


def fill_queues() -> str:
    """Some numbers of today at the first posts: served, called, waiting."""
    today = clocks.local_day(clocks.now())
    opened = clocks.now() - dt.timedelta(minutes=90)
    for number, post in enumerate(HivePost.objects.order_by("pk")[:6]):
        if clocks.local_day(opened) != today or post.tickets.filter(day=today).exists():
            continue
        for turn in range(3 + number % 3):
            with clock_at(opened + dt.timedelta(minutes=9 * turn)):
                commands.take_ticket(SYSTEM, post.pk, post.services[turn % len(post.services)])
        with clock_at(opened + dt.timedelta(minutes=60)):
            first = commands.call_next(SYSTEM, post.pk)
            commands.end_ticket(SYSTEM, first.pk, Ticket.State.SERVED)
            commands.call_next(SYSTEM, post.pk)
    return f"{Ticket.objects.count()} numbers"
