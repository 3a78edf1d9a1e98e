"""Load the demo town through the station's own deeds: ``python -m jiean.config.demo.loader``.

Every step looks at what is there and adds what is missing, so a second run changes nothing and an interrupted one goes on.
With ``JIEAN_DEMO_TOWN=none`` only staff is made: a station for roads, areas and calls of another town.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import django


def bring_files() -> str:
    """Roads and base map into the data folder, the station key beside them."""
    from django.conf import settings  # noqa: PLC0415 — settings load only after django.setup()

    from jiean.config.demo.town import DATA  # noqa: PLC0415

    settings.TILES_DIR.mkdir(parents=True, exist_ok=True)
    for source, target in (
        (DATA / "roads.npz", settings.ROADS_FILE),
        (DATA / "town.pmtiles", settings.TILES_DIR / "town.pmtiles"),
    ):
        if not target.exists():
            _copy_whole(source, target)
    return f"roads, base map, {make_key()}"


def make_key() -> str:
    """The station key, if there is none."""
    from django.conf import settings  # noqa: PLC0415

    from jiean.vault.keys import make_station_keys  # noqa: PLC0415

    if not settings.STATION_KEY_FILE.exists():
        make_station_keys(settings.STATION_KEY_FILE)
    return "station key"


def _copy_whole(source: Path, target: Path) -> None:
    """Copy so that a half-written file never stands under the final name."""
    partial = target.with_suffix(target.suffix + ".part")
    shutil.copyfile(source, partial)
    partial.replace(target)


def main() -> None:
    """Load what is missing and say how long each step took."""
    _set_up()
    from jiean.config.demo import disputes, mediators, meetings, past, posts, precedents, steps  # noqa: PLC0415 — models load only after django.setup()

    whole: tuple[tuple[str, Callable[[], str]], ...] = (
        ("files", bring_files),
        ("areas", steps.lay_areas),
        ("places", steps.lay_places),
        ("staff", disputes.take_staff_long_ago),
        ("mediators", mediators.register_mediators),
        ("posts", posts.open_posts),
        ("units", steps.take_units),
        ("shifts", steps.plan_shifts),
        ("law", steps.bring_law),
        ("past week", past.live_the_past),
        ("disputes", disputes.live_the_quarrels),
        ("queues", posts.fill_queues),
        ("precedents", precedents.teach),
        ("meetings", meetings.agree_on_meetings),
        ("hot issues", past.look_back),
        ("triage", past.learn_from_the_past),
    )
    bare = (("station key", make_key), ("staff", steps.take_staff_without_cells))
    for name, step in bare if os.environ.get("JIEAN_DEMO_TOWN") == "none" else whole:
        _take(name, step)


def _set_up() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jiean.config.settings")
    django.setup()
    print(flush=True)


def _take(name: str, step: Callable[[], str]) -> None:
    began = time.monotonic()
    told = step()
    print(f"    {name:<10} {told}, {time.monotonic() - began:.1f} s", flush=True)


if __name__ == "__main__":
    main()
    print("   ", end="")
