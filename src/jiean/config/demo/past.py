"""A believable past week: closed matters, made by the same deeds with the clock set back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from django.db import transaction

from jiean.config.demo.places import Places
from jiean.config.demo.scripts import disposition_for, outcome_for
from jiean.config.demo.steps import DAYS_BACK, SYSTEM
from jiean.config.demo.town import Sample, rates, samples
from jiean.dispatch import commands as do
from jiean.dispatch.advice import town_roads
from jiean.dispatch.models import Assignment, Incident, Unit, open_orders
from jiean.engine import roads as engine_roads
from jiean.grid.models import Premises
from jiean.intake import lessons
from jiean.intake.advice import group_reports
from jiean.intake.commands import (
    accept_as_incident,
    answer_report,
    close_report,
    follow_incident,
    propose_issues,
    submit_report,
)
from jiean.intake.issues import to_group
from jiean.intake.models import Channel, HotIssue, Outcome
from jiean.intake.reactions import learn_first
from jiean.kernel import clocks
from jiean.kernel.jobs import defer

MATTERS_A_DAY = 18
"""Fewer than come in a real day: enough to see a week, and loaded in seconds."""
SEED = 8600
BATCH = 10


@dataclass(frozen=True)
class Matter:
    """One past matter: when, what, where."""

    at: dt.datetime
    sample: Sample
    lon: float
    lat: float
    place_words: str
    premises_id: int | None


def live_the_past() -> str:
    """Play the past week, unless it has been played; an interrupted one goes on where it stopped."""
    matters = list(_matters(np.random.default_rng(SEED)))
    lived = Incident.objects.filter(source="import").count()
    for start in range(lived, len(matters), BATCH):
        with transaction.atomic():
            for number, matter in enumerate(matters[start : start + BATCH], start=start):
                _live(matter, np.random.default_rng([SEED, number]))
    return f"{Incident.objects.filter(source='import').count()} closed matters"


LEARN_AFTER_S = 45
"""The page is open by then, and whoever came to look is not kept waiting by the fitting."""


def learn_from_the_past() -> str:
    """Let the worker fit a model on the starting set and the week and put it in use, as the sample commander would."""
    if not lessons.in_use():
        defer(learn_first, in_seconds=LEARN_AFTER_S)
        return f"a model is fitted {LEARN_AFTER_S} s from now"
    return f"model {lessons.in_use()['version']}"


LAMPS = (
    "菜场东门的路灯坏了，晚上一片漆黑，买菜的老人差点摔倒",
    "菜场东门路灯不亮好几天了，晚上漆黑看不清路",
    "菜场东门那排路灯还是坏的，晚上一片漆黑不敢走",
    "菜场东门的路灯坏了没人修，晚上漆黑，有人骑车摔了",
    "再反映一次，菜场东门的路灯坏了，晚上一片漆黑",
)
"""One thing told again and again, so that the page of hot issues has something to judge."""


def look_back() -> str:
    """Let the week be grouped to hot issues, as the clock would within the hour; something hot is told first."""
    if not HotIssue.objects.exists():
        with transaction.atomic():
            _tell_of_lamps(Premises.objects.get(code="MK-01"))
        propose_issues(SYSTEM, group_reports(to_group(clocks.now())))
    return f"{HotIssue.objects.count()} hot issues"


def _tell_of_lamps(market: Premises) -> None:
    for number, text in enumerate(LAMPS):
        at = clocks.now() - dt.timedelta(days=5 - number, hours=3 + number)
        with clock_at(at):
            report = submit_report(
                SYSTEM, text=text, lon=market.lon, lat=market.lat, premises_id=market.pk, channel=Channel.IMPORT
            )
            answer_report(SYSTEM, report.pk, outcome=Outcome.PASSED_ON, answer="已报路灯所检修。")
            close_report(SYSTEM, report.pk)


def _matters(chance: np.random.Generator) -> Iterator[Matter]:
    """The week's matters in order of time, at the hours and of the kinds the rates say."""
    usual, places = rates(), Places()
    kinds = list(usual.per_day)
    weights = np.array([usual.per_day[kind] for kind in kinds])
    end = clocks.now().replace(minute=0, second=0, microsecond=0) - dt.timedelta(hours=3)
    hours = np.array(usual.by_hour) / sum(usual.by_hour)
    moments = []
    for day in range(1, DAYS_BACK):
        for hour in chance.choice(24, MATTERS_A_DAY, p=hours):
            offset = dt.timedelta(days=day, hours=float(24 - hour), minutes=float(chance.uniform(0, 59)))
            moments.append(clocks.local(end).replace(hour=0).astimezone(dt.UTC) + dt.timedelta(days=1) - offset)
    for at in sorted(moment for moment in moments if moment < end):
        kind = kinds[chance.choice(len(kinds), p=weights / weights.sum())]
        sample = samples()[kind][chance.integers(len(samples()[kind]))]
        yield Matter(at, sample, *places.pick(sample.at, chance))


@contextmanager
def clock_at(moment: dt.datetime) -> Iterator[None]:
    """Let every deed within take this for the present."""
    usual = clocks.now
    clocks.now = lambda: moment
    try:
        yield
    finally:
        clocks.now = usual


def _live(matter: Matter, chance: np.random.Generator) -> None:
    """One matter from report to archive, by its clock."""
    at = matter.at
    with clock_at(at):
        report = submit_report(
            SYSTEM, text=matter.sample.text, lon=matter.lon, lat=matter.lat, place_words=matter.place_words,
            premises_id=matter.premises_id, channel=Channel.IMPORT,
        )  # fmt: skip
    at += dt.timedelta(seconds=float(chance.lognormal(3.4, 0.5)))
    with clock_at(at):
        accept_as_incident(SYSTEM, report.pk)
    incident = Incident.objects.get(report_id=report.pk)
    unit, travel_s = _nearest_free_unit(incident)
    at += dt.timedelta(seconds=float(chance.lognormal(3.3, 0.5)))
    with clock_at(at):
        order = do.assign_unit(SYSTEM, incident.pk, unit)
    for deed, seconds in (
        (do.acknowledge_assignment, chance.lognormal(2.5, 0.5)),
        (do.en_route_assignment, chance.lognormal(2.5, 0.6)),
        (do.arrive_assignment, travel_s * chance.lognormal(0.1, 0.25)),
    ):
        at += dt.timedelta(seconds=float(seconds))
        with clock_at(at):
            deed(SYSTEM, order.pk)
    _finish(matter, incident, order, at, chance)


def _finish(
    matter: Matter, incident: Incident, order: Assignment, at: dt.datetime, chance: np.random.Generator
) -> None:
    kind = matter.sample.kind
    at += dt.timedelta(minutes=float(chance.lognormal(2.9, 0.5)))
    with clock_at(at):
        do.clear_assignment(SYSTEM, order.pk, disposition=disposition_for(kind, chance))
    at += dt.timedelta(minutes=float(chance.lognormal(2.3, 0.5)))
    with clock_at(at):
        do.feed_back(SYSTEM, incident.pk, outcome=outcome_for(kind, chance))
        follow_incident(SYSTEM, incident.pk)
    at += dt.timedelta(hours=float(chance.uniform(0.2, 2)))
    with clock_at(at):
        do.review_incident(SYSTEM, incident.pk)
        do.archive_incident(SYSTEM, incident.pk)
        close_report(SYSTEM, incident.report_id or 0)


def _nearest_free_unit(incident: Incident) -> tuple[int, float]:
    """The unit whose base is nearest by road and which holds no order, with its travel time."""
    busy = Assignment.objects.filter(open_orders()).values("unit_id")
    units = list(Unit.objects.filter(active=True).exclude(pk__in=busy).order_by("pk"))
    roads = town_roads()
    if roads is None:
        raise RuntimeError("the roads have not been brought yet")
    bases = engine_roads.snap_many(roads, np.array([(unit.base_lon, unit.base_lat) for unit in units]))
    target = engine_roads.snap(roads, incident.lon, incident.lat)
    best = engine_roads.nearest(roads, bases, target, 1)[0]
    return units[best.origin].pk, best.travel_s
