"""``jiean plan sites``: posts in the demonstration town, with what stays, what must and must not be, and a budget."""

from __future__ import annotations

import argparse
import csv
import json
import time
from dataclasses import asdict
from pathlib import Path

from jiean.config.closing import closures_of
from jiean.config.demo.town import read
from jiean.config.start import say
from jiean.config.twin import POINTS_A_CELL, demo_town
from jiean.engine.siting import Aim, Covering, PMedian, SitingError, Wishes, sited


def do(asked: argparse.Namespace) -> int:
    """Answer `plan sites`; returns the exit code. Raises SitingError, RoadsError, SimulationError."""
    town, key_points = demo_town(closures=closures_of(asked))
    spots = [*town.candidates.tolist(), *key_points]
    wishes, end = wishes_of(asked, len(spots), len(key_points)), time.monotonic() + asked.seconds
    found = sited(town.travel_s[spots].T, town.weight, wishes, stop=lambda: time.monotonic() > end)
    places = [
        {"lon": round(float(town.lon[spots[i]]), 6), "lat": round(float(town.lat[spots[i]]), 6), "cell": _cell_of(i),
         "kept": i in wishes.existing}
        for i in found.sites
    ]  # fmt: skip
    if asked.json:
        say(json.dumps(asdict(found) | {"sites": places, "aim": wishes.aim}))
    else:
        lines = (
            f"{one['lon']:.6f} {one['lat']:.6f} {one['cell'] or '-'}{' kept' if one['kept'] else ''}" for one in places
        )
        say("\n".join([_told(found, wishes), *lines]))
    return 0


def _codes() -> list[str]:
    """The town's cells in the order of its places where calls happen."""
    areas = read("areas.geojson")["features"]
    return [area["properties"]["code"] for area in areas if area["properties"]["level"] == "cell"]


def _cell_of(candidate: int) -> str:
    codes = _codes()
    return codes[candidate // POINTS_A_CELL] if candidate < POINTS_A_CELL * len(codes) else ""


def wishes_of(asked: argparse.Namespace, count: int, fixed: int) -> Wishes:
    """The command's words as a question by candidate numbers. Raises SitingError, naming the word that cannot be."""
    codes = _codes()
    prices = dict.fromkeys(codes, asked.cost) | (_prices(asked.costs, codes) if asked.costs else {})
    owner = [codes[i // POINTS_A_CELL] if i < POINTS_A_CELL * len(codes) else "" for i in range(count)]
    for code in (*asked.must, *asked.must_not):
        if code not in codes:
            raise SitingError(f"There is no cell {code!r} in the town.")
    kept = [] if asked.keep is None else asked.keep or range(1, fixed + 1)
    if any(not 1 <= one <= fixed for one in kept):
        raise SitingError(f"--keep names a key point outside 1 to {fixed}.")
    aim = Aim.DRIVE if asked.within is None else Aim.COVER if asked.busy is None else Aim.EXPECT
    return Wishes(
        asked.p, aim, asked.within or 300.0, asked.busy or 0.0, existing=tuple(count - fixed + one - 1 for one in kept),
        must=tuple(owner.index(code) for code in dict.fromkeys(asked.must)),
        must_not=tuple(i for i, code in enumerate(owner) if code in set(asked.must_not)),
        site_costs=None if asked.budget is None else tuple(prices.get(code, asked.cost) for code in owner),
        budget=asked.budget, most_share=asked.most, seconds=asked.seconds,
    )  # fmt: skip


def _prices(file: Path, codes: list[str]) -> dict[str, float]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            found = {row["cell"]: float(row["cost"]) for row in csv.DictReader(lines)}
    except (OSError, ValueError, KeyError, TypeError, csv.Error) as error:
        raise SitingError(f"{file.name}: not a table with cell and cost ({error!r}).") from error
    strange = sorted(set(found) - set(codes))
    if strange:
        raise SitingError(f"{file.name}: there is no cell {strange[0]!r} in the town.")
    return found


def _told(found: PMedian | Covering, wishes: Wishes) -> str:
    proof = f"gap {found.gap:.3%}{' (proven)' if found.proven else ''}"
    money = f", {found.spent:.0%} of the budget spent" if wishes.budget else ""
    if wishes.aim is Aim.DRIVE:
        return f"mean drive {found.value:.1f} s, no choice below {found.bound:.1f} s, {proof}{money}"
    verb = "covers" if wishes.aim is Aim.COVER else "expects to cover"
    return f"{verb} {found.value:.1%} of calls, no choice above {found.bound:.1%}, {proof}{money}"
