"""Our ways beside those of routino, the router Debian ships, on one extract. It is a program started anew for every question."""

from __future__ import annotations

import re
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import osmium

from bench.measures import Figure
from jiean.engine import roads as engine
from jiean.engine.roads.osm import read_osm

EXTRACT = "roads_shanghai_center/shanghai_center.osm.gz"
SHARED = Path("/usr/share/routino")
QUESTIONS = 60
_LEG = re.compile(r"\t\s*(\d+\.\d{3}) km\t")


def routino_figures(data: Path) -> list[Figure]:
    """Metres of the shortest ways and CPU of a way, ours and routino's; how to install it where it is not there."""
    if shutil.which("planetsplitter") is None or shutil.which("routino-router") is None:
        return [Figure("beside routino", "not installed: apt-get install routino", "", "", None)]
    roads = read_osm(data / EXTRACT)
    by_length = roads.reweighted(np.maximum(roads.length_m, 0.01))
    chance = np.random.default_rng(12312)
    pairs = chance.integers(0, roads.lon.size, (QUESTIONS, 2))
    with tempfile.TemporaryDirectory() as folder:
        _split(data / EXTRACT, Path(folder))
        started = _spent_ms(lambda: _run(Path(folder), "--version"))
        theirs, spent = [], []
        for pair in pairs:
            ends = [
                f"--{axis}{n + 1}={getattr(roads, axis)[j]:.7f}" for n, j in enumerate(pair) for axis in ("lon", "lat")
            ]
            spent.append(_spent_ms(lambda ends=ends: theirs.append(_metres(_run(Path(folder), "--shortest", *ends)))))
    _our_metres(by_length, 0, 1)
    ours, own = [], []
    for i, j in pairs:
        own.append(_spent_ms(lambda i=i, j=j: ours.append(_our_metres(by_length, int(i), int(j))), children=False))
    return [_compared(np.array(ours), np.array(theirs), own, spent, started)]


def _compared(ours: np.ndarray, theirs: np.ndarray, own: list[float], spent: list[float], started: float) -> Figure:
    both = (theirs > 0) & (ours > 0)
    ratio = ours[both] / theirs[both]
    alike = float((np.abs(ratio - 1) < 0.01).mean())
    words = f"{alike:.0%} of {int(both.sum())} within 1 % of its metres, median {np.median(ratio):.3f} of them, "
    words += f"{ratio.min():.2f} to {ratio.max():.2f}; {np.median(own):.2f} ms a way with snapping and geometry"
    other = f"routino {np.median(spent):.1f} ms of CPU a process, {started:.1f} of it to start: "
    other += f"{np.median(own) / np.median(spent):.2f} of it"
    return Figure("shortest ways beside routino, central Shanghai", words, other, "", None)


def _split(extract: Path, folder: Path) -> None:
    """Its reader knows no notes and wants nodes before ways: the extract is written anew for it."""
    plain = folder / "plain.osm"
    with osmium.SimpleWriter(str(plain)) as writer:
        for one in osmium.FileProcessor(str(extract)):
            writer.add(one)
    call = ["planetsplitter", f"--dir={folder}", f"--tagging={SHARED / 'tagging.xml'}", str(plain)]
    subprocess.run(call, check=True, capture_output=True)


def _run(folder: Path, *asked: str) -> str:
    files = [f"--profiles={SHARED / 'profiles.xml'}", f"--translations={SHARED / 'translations.xml'}"]
    shown = ["--profile=motorcar", "--output-text", "--output-stdout", "--quiet"]
    call = ["routino-router", f"--dir={folder}", *files, *shown, *asked]
    return subprocess.run(call, check=False, capture_output=True, text=True).stdout


def _metres(answer: str) -> float:
    """The sum of the legs; 0 where it found no way."""
    return 1000 * sum(float(km) for km in _LEG.findall(answer))


def _our_metres(roads: engine.Roads, i: int, j: int) -> float:
    ends = engine.snap_many(roads, [(roads.lon[i], roads.lat[i]), (roads.lon[j], roads.lat[j])])
    try:
        return engine.path(roads, ends[0], ends[1]).length_m
    except engine.Unreachable:
        return 0.0


def _spent_ms(work: Callable[[], object], *, children: bool = True) -> float:
    who = resource.RUSAGE_CHILDREN if children else resource.RUSAGE_SELF
    began = resource.getrusage(who)
    work()
    ended = resource.getrusage(who)
    return 1000 * (ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime)
