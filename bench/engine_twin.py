"""The twin: speed against SimPy on the same calls, the textbook's figures, coverage and moves, and the headline."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import simpy

from bench.engine_roads import cpu_ms
from bench.measures import Figure
from jiean.config.twin import demo_town
from jiean.engine.coverage import coverage_now, propose_moves
from jiean.engine.simulation import Scenario, Town, draw, estimate, play
from jiean.engine.simulation.erlang import mean_wait, waits
from jiean.engine.simulation.headline import ARTICLE, headline
from jiean.engine.simulation.hypercube import solve
from jiean.engine.simulation.posting import points, scenario_of
from jiean.engine.simulation.run import Calls
from jiean.engine.simulation.scenario_file import headline_plan

YEAR = 365.0


def twin_figures(data: Path) -> list[Figure]:
    """Everything of the twin. The data folder is not read: the town is the packaged one."""
    town, key_points = demo_town()
    scenario = scenario_of(town, headline_plan())
    play(town, scenario, draw(town, scenario, 1, np.random.default_rng(0)))
    return [
        *_speed(town, scenario),
        _textbook(),
        _exact_twelve(),
        *_trials(),
        *_coverage(town),
        *_headline(town, key_points),
    ]


def _speed(town: Town, scenario: Scenario) -> list[Figure]:
    calls = draw(town, scenario, YEAR, np.random.default_rng(1))
    ours = float(np.median([cpu_ms(lambda: play(town, scenario, calls)) for _ in range(5)]))
    short = Scenario(scenario.posts, urgent_share=0, handling_s=60)
    few = draw(town, short, 60, np.random.default_rng(2))
    mine = float(np.median([cpu_ms(lambda: play(town, short, few)) for _ in range(9)]))
    began = time.process_time()
    theirs = _simpy(town, short, few)
    simpy_ms = 1000 * (time.process_time() - began)
    same = float(np.mean(np.abs(play(town, short, few).arrived_s - theirs) < 1e-6))
    words = f"{calls.call_s.size} calls with rain and second cars in {ours:.0f} ms"
    reference = f"SimPy on {few.call_s.size} calls {simpy_ms:.0f} ms, ours {mine:.1f} ms; same arrival for {same:.2%}"
    return [
        Figure("a year of twelve cars", words, "", "≤ 1 s", ours <= 1000),
        Figure(
            "simulation against SimPy",
            f"{simpy_ms / mine:.0f} times as quick",
            reference,
            "≥ 30",
            simpy_ms / mine >= 30,
        ),
    ]


def _simpy(town: Town, scenario: Scenario, calls: Calls) -> np.ndarray:
    """The same pooled system as SimPy processes: nearest free car by road, way back to the post, first come first served."""
    env, arrived = simpy.Environment(), np.full(calls.call_s.size, np.inf)
    cars = [{"from": post, "to": post, "left": 0.0, "way": 0.0, "post": post, "free": True} for post in scenario.posts]
    waiting: list[int] = []

    def way_s(car: dict, place: int) -> float:
        passed = env.now - car["left"]
        if passed >= car["way"]:
            return town.travel_s[car["to"], place]
        share = passed / car["way"]
        return (1 - share) * town.travel_s[car["from"], place] + share * town.travel_s[car["to"], place]

    def job(car: dict, call: int, road_s: float):  # type: ignore[no-untyped-def]
        car["free"] = False
        arrived[call] = env.now + road_s
        yield env.timeout(road_s + calls.service_s[call])
        place = int(calls.place[call])
        car.update(free=True, left=env.now, way=town.travel_s[place, car["post"]], to=car["post"])
        car["from"] = place
        send()

    def send() -> None:
        while waiting and (free := [car for car in cars if car["free"]]):
            call = waiting.pop(0)
            road_s, _, car = min((way_s(car, int(calls.place[call])), i, car) for i, car in enumerate(free))
            env.process(job(car, call, road_s))
            car["free"] = False

    def arrivals():  # type: ignore[no-untyped-def]
        for call, at in enumerate(calls.call_s):
            yield env.timeout(at + scenario.handling_s - env.now)
            waiting.append(call)
            send()

    env.process(arrivals())
    env.run()
    return arrived


def _textbook() -> Figure:
    preference = [[0, 1, 2], [0, 1, 2], [0, 2, 1], [1, 0, 2], [2, 0, 1]]
    found = solve([0.25, 0.25, 0.25, 0.35, 0.40], preference, 1.0)
    words = f"workloads {found.workload.round(4).tolist()}, queued {found.queued:.5f}"
    good = np.abs(found.workload - [0.5574, 0.4734, 0.4693]).max() < 5e-5 and abs(found.queued - 0.23684) < 5e-6
    return Figure(
        "hypercube of the textbook", words, "Larson and Odoni: 0.5574 0.4734 0.4693, 0.23684", "4 figures", bool(good)
    )


def _exact_twelve() -> Figure:
    chance = np.random.default_rng(12)
    preference = np.array([chance.permutation(12) for _ in range(60)])
    rates = chance.random(60)
    rates *= 6.0 / rates.sum()
    began = time.process_time()
    found = solve(rates, preference, 1.0)
    words = f"queued {found.queued:.6f} in {time.process_time() - began:.1f} CPU s"
    exact = waits(12, 6.0)
    return Figure(
        "hypercube of twelve units, 60 atoms", words, f"Erlang C {exact:.6f}", "equal", abs(found.queued - exact) < 1e-6
    )


def _trials(count: int = 200) -> list[Figure]:
    """Waits of the event loop against Erlang C: how often the 95 % interval holds the exact value."""
    held, asked = 0, [(2, 1.0), (3, 1.5), (5, 4.0), (10, 8.0)]
    for trial in range(count):
        units, load = asked[trial % len(asked)]
        zero = np.zeros((1, 1))
        town = Town(
            zero, np.ones(1), np.full(24, load), np.array([0.5, 0.5]), 0, np.zeros(1, int), np.zeros(1), np.zeros(1)
        )
        scenario = Scenario((0,) * units, handling_s=0, on_scene_min=60, on_scene_shape=1, urgent_share=0)
        rows = []
        for stream in np.random.SeedSequence((12312, trial)).spawn(40):
            trace = play(town, scenario, draw(town, scenario, 100, np.random.default_rng(stream)))
            rows.append((trace.sent_s - trace.calls.call_s).mean() / 3600)
        seen = estimate(np.array(rows))
        held += seen.low <= mean_wait(units, load) <= seen.high
    return [
        Figure(
            "mean waits inside their 95 % intervals",
            f"{held} of {count}",
            "Erlang C, exact",
            "≥ 93 %",
            held >= 0.93 * count,
        )
    ]


def _coverage(town: Town) -> list[Figure]:
    posts = np.array(points(town, 12))
    times, free = town.travel_s[posts], np.arange(12) % 4 != 0
    now = coverage_now(times, town.weight, free)
    spent = float(np.median([cpu_ms(lambda: coverage_now(times, town.weight, free)) for _ in range(30)]))
    ways = town.travel_s[np.ix_(posts[free], posts)]
    moves = propose_moves(times, ways, np.flatnonzero(free), town.weight, busy_share=0.13)
    move_ms = float(np.median([cpu_ms(lambda: _moves(times, ways, free, town)) for _ in range(10)]))
    chance = np.random.default_rng(4)
    many = chance.uniform(0, 3000, (500, 2000))
    far, stand = np.zeros((500, 500)), chance.integers(0, 500, 500)
    large = cpu_ms(lambda: propose_moves(many, far, stand, np.ones(2000), busy_share=0.3))
    return [
        Figure("coverage now and loss a unit, 12 units", f"{now.share:.1%}, {spent:.2f} ms"),
        Figure("move-up decision, 12 units", f"{move_ms:.2f} ms, {len(moves)} proposed", "", "≤ 50 ms", move_ms <= 50),
        Figure("move-up decision, 500 units and posts", f"{large:.0f} ms", "", "≤ 1 s", large <= 1000),
    ]


def _moves(times: np.ndarray, ways: np.ndarray, free: np.ndarray, town: Town) -> None:
    propose_moves(times, ways, np.flatnonzero(free), town.weight, busy_share=0.13)


def _headline(town: Town, key_points: tuple[int, ...]) -> list[Figure]:
    began = time.process_time()
    found = headline(town, headline_plan(), key_points)
    words = (
        f"{found.before.share.mean:.1%} → {found.after.share.mean:.1%} (± {100 * found.after.share.half_width:.1f});"
    )
    words += f" {time.process_time() - began:.0f} CPU s"
    more = f"{found.fewest_cars} cars; best with 12 {found.best.outcome.share.mean:.1%}, bound {found.bound:.1%}"
    return [
        Figure(
            "the headline, chosen parameters",
            words,
            f"article {ARTICLE[0]:.0%} → {ARTICLE[1]:.0%}",
            "± 2 points",
            found.reached,
        ),
        Figure("fewest cars that reach 90 %", more),
    ]
