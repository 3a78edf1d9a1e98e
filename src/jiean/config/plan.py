"""``jiean twin headline|run|sweep`` and ``jiean plan sites|cells|patrol|roster|expect``: the words of these commands."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from jiean.config.folder import default_folder

NONE, LIVE = "none", "live"


def add(todo: Any) -> None:
    """Add the commands to the parser's sub-commands."""
    twin = todo.add_parser("twin", help="simulate the demonstration town")
    deeds = twin.add_subparsers(dest="deed", required=True)
    whole = deeds.add_parser("headline", help="one base and two forces against twelve points and one")
    run = deeds.add_parser("run", help="run a scenario file (docs/engine.md)")
    run.add_argument("file", type=Path)
    many = deeds.add_parser("sweep", help="run a scenario file with every choice of some fields")
    many.add_argument("file", type=Path)
    many.add_argument("--vary", action="append", required=True, metavar="TABLE.FIELD=A,B", help="may be given again")
    for command in (run, many):
        command.add_argument("--jobs", type=int, default=1, help="processes (default 1); the numbers are the same")
        command.add_argument(
            "--on", choices=("here", "ray"), default="here", help="processes of this machine, or Ray's"
        )
        command.add_argument("--address", default="local", help="of a Ray cluster (default: one begun on this machine)")
    for command in (whole, run, many):
        command.add_argument("--reps", type=int, help="replications (default: as in the file)")
    plans = todo.add_parser("plan", help="posts, cells, patrols and shifts of the demonstration town")
    deeds = plans.add_subparsers(dest="deed", required=True)
    for command in (whole, run, many, _sites(deeds), _cells(deeds), _patrol(deeds), _roster(deeds), _expect(deeds)):
        command.add_argument("--json", action="store_true")


def _closures(command: Any) -> Any:
    command.add_argument(
        "--closures",
        default=NONE,
        metavar="none|live|FILE",
        help="roads nobody drives through: none (default), those closed now in the running demonstration, or the [[closures]] of a file",
    )
    command.add_argument(
        "--data-dir", type=Path, default=default_folder(), help="with --closures live: its data folder"
    )
    return command


def _sites(deeds: Any) -> Any:
    sites = deeds.add_parser("sites", help="posts with their proven gap")
    sites.add_argument("--p", type=int, default=12, help="how many posts (default 12)")
    sites.add_argument("--within", type=float, help="cover calls within so many seconds of driving instead of the mean")
    sites.add_argument(
        "--keep",
        type=int,
        nargs="*",
        metavar="N",
        help="the town's key points stay, all or those of 1 to 12; --p counts them",
    )
    sites.add_argument("--must", nargs="*", default=[], metavar="CELL", help="codes of cells that must have a post")
    sites.add_argument("--must-not", nargs="*", default=[], metavar="CELL", help="codes of cells where none may be")
    sites.add_argument("--budget", type=float, help="what may be spent on new posts; --p is then the most")
    sites.add_argument("--cost", type=float, default=1.0, help="what a new post costs (default 1)")
    sites.add_argument("--costs", type=Path, metavar="CSV", help="other prices: a table with cell and cost")
    sites.add_argument("--seconds", type=float, default=30.0, help="when to stop proving")
    sites.add_argument(
        "--busy", type=float, metavar="SHARE", help="with --within: units busy a share of the time, so two count"
    )
    sites.add_argument("--most", type=float, metavar="SHARE", help="no post serves more than this share of the calls")
    return _closures(sites)


def _cells(deeds: Any) -> Any:
    cells = deeds.add_parser("cells", help="balanced cells from small pieces of ground")
    cells.add_argument("--cells", type=int, default=128, help="how many (default 128)")
    cells.add_argument("--borders", choices=("kept", "preferred", "free"), default="kept", help="village borders")
    cells.add_argument("--file", type=Path, help="GeoJSON polygons with demand and village instead of the town")
    cells.add_argument("--staff", action="store_true", help="also give them to 53 officers and 102 workers, by road")
    cells.add_argument("--compare", action="store_true", help="also what each rule for village borders brings")
    cells.add_argument(
        "--stay", type=float, metavar="WEIGHT", help="move little: what leaving its cell weighs (0.25 little, 2 hardly)"
    )
    cells.add_argument("--seed", type=int, default=12312)
    return _closures(cells)


def _patrol(deeds: Any) -> Any:
    patrol = deeds.add_parser("patrol", help="routes over the key points for one shift")
    patrol.add_argument("--weather", choices=("dry", "rain"), default="dry")
    patrol.add_argument("--cars", type=int, default=12)
    patrol.add_argument("--start", type=float, default=20.0, help="hour the shift begins (default 20)")
    patrol.add_argument("--hours", type=float, default=8.0, help="length of the shift (default 8)")
    patrol.add_argument(
        "--drawn", type=int, metavar="SEED", help="draw the times by chance, so that nobody learns them"
    )
    patrol.add_argument("--good", action="store_true", help="search for longer")
    return _closures(patrol)


def _roster(deeds: Any) -> Any:
    roster = deeds.add_parser("roster", help="who works which shift")
    roster.add_argument("--hours", choices=("24", "12", "8"), default="24", help="length of a shift (default 24)")
    roster.add_argument("--days", type=int, default=28)
    roster.add_argument("--people", type=int, default=53)
    roster.add_argument("--teams", type=int, default=3)
    roster.add_argument("--seconds", type=float, default=30.0, help="when to stop proving")
    return roster


def _expect(deeds: Any) -> Any:
    expect = deeds.add_parser("expect", help="calls to be expected, from a table of past ones")
    expect.add_argument("file", type=Path, help="csv with received_at (ISO time) and cell")
    expect.add_argument("--days", type=int, default=7, help="days after the table's last (default 7)")
    return expect


def do(asked: argparse.Namespace) -> int:
    """Answer `twin` and `plan`; returns the exit code."""
    # scipy and shapely take a second to import, which `jiean doctor` and the others need not wait for
    if asked.what == "plan" and asked.deed == "expect":
        from jiean.config import expecting  # noqa: PLC0415

        return expecting.do(asked)
    if asked.what == "plan" and asked.deed == "sites":
        return _do_sites(asked)
    if asked.what == "plan":
        from jiean.config import planning  # noqa: PLC0415

        return planning.do(asked)
    from jiean.config import twin  # noqa: PLC0415

    return twin.do(asked)


def _do_sites(asked: argparse.Namespace) -> int:
    from jiean.config import posts  # noqa: PLC0415 — as above
    from jiean.engine.roads import RoadsError  # noqa: PLC0415 — as above
    from jiean.engine.simulation.errors import SimulationError  # noqa: PLC0415 — as above
    from jiean.engine.siting import SitingError  # noqa: PLC0415 — as above

    try:
        return posts.do(asked)
    except (SitingError, RoadsError, SimulationError) as error:
        print(f"jiean: {error}", file=sys.stderr)
        return 2
