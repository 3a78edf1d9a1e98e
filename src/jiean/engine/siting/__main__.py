"""``python -m jiean.engine.siting pmedian --matrix D.npz --p P``, ``… mclp`` and ``… mexclp``: sites with their proven gap.

The matrix is the array `d` of an .npz file, demand in rows and candidates in columns; weights are the array `w` (or
`weights`) of another or the same file, opening costs `c` and capacities `capacity` likewise. Exit code 0, or 2 for a
question that cannot be answered.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import zipfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from jiean.engine.siting.covering import Covering, mclp, mexclp
from jiean.engine.siting.errors import SitingError
from jiean.engine.siting.pmedian import PMedian, pmedian

WEIGHTS = ("w", "weights", "weight", "demand")
COSTS, CAPACITIES = ("c", "costs", "cost"), ("capacity", "capacities")


def main(words: Sequence[str] | None = None) -> int:
    """Do what the command line says; returns the exit code."""
    asked = _parser().parse_args(words)
    try:
        began = time.monotonic()
        found = _answer(asked)
    except SitingError as error:
        print(f"siting: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    sheet = asdict(found) | {"sites": list(found.sites), "seconds": round(time.monotonic() - began, 3)}
    if asked.json:
        print(json.dumps(sheet))
    else:
        print("\n".join(f"{name:<8} {value}" for name, value in sheet.items()))
    return 0


def _answer(asked: argparse.Namespace) -> PMedian | Covering:
    matrix = _array(asked.matrix, ("d",))
    weights = _array(asked.weights, WEIGHTS) if asked.weights else None
    rules: dict[str, Any] = {
        "must": asked.must, "must_not": asked.must_not, "existing": asked.existing, "budget": asked.budget,
        "site_costs": _array(asked.site_costs, COSTS) if asked.site_costs else None, "seconds": asked.seconds,
    }  # fmt: skip
    if asked.question == "mexclp":
        return mexclp(matrix, weights, asked.radius, asked.p, asked.busy, most_a_site=asked.most, **rules)
    rules["capacities"] = _array(asked.capacities, CAPACITIES) if asked.capacities else None
    if asked.question == "mclp":
        return mclp(matrix, weights, asked.radius, asked.p, **rules)
    end = time.monotonic() + asked.seconds
    return pmedian(matrix, asked.p, weights=weights, seed=asked.seed, stop=lambda: time.monotonic() > end, **rules)


def _array(path: Path, names: tuple[str, ...]) -> npt.NDArray[np.float64]:
    """The named array of a file, or its only one. Raises SitingError."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            if not hasattr(stored, "files"):
                raise SitingError(f"{path.name} is a single array; an .npz file is needed.")
            held = [name for name in names if name in stored.files] or list(stored.files)
            if held[0] not in names and len(stored.files) != 1:
                raise SitingError(
                    f"{path.name} holds no array {names[0]!r}, but {', '.join(stored.files) or 'nothing'}."
                )
            return np.asarray(stored[held[0]], np.float64)
    except (OSError, EOFError, ValueError, TypeError, IndexError, zipfile.BadZipFile) as error:
        if isinstance(error, SitingError):
            raise
        raise SitingError(f"{path.name} cannot be read as an .npz file of numbers ({error}).") from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m jiean.engine.siting", description=__doc__)
    questions = parser.add_subparsers(dest="question", required=True)
    pmedian_, mclp_, mexclp_ = (questions.add_parser(name) for name in ("pmedian", "mclp", "mexclp"))
    for question in (pmedian_, mclp_, mexclp_):
        _add_rules(question)
    for question in (pmedian_, mclp_):
        question.add_argument("--capacities", type=Path, help="an .npz file with the demand each candidate can serve")
    for question in (mclp_, mexclp_):
        question.add_argument("--radius", type=float, required=True)
    pmedian_.add_argument("--seed", type=int, default=12312)
    mexclp_.add_argument("--busy", type=float, required=True, help="share of the time a unit is busy")
    mexclp_.add_argument("--most", type=int, default=1, help="units that may stand on one candidate")
    return parser


def _add_rules(question: argparse.ArgumentParser) -> None:
    question.add_argument("--matrix", type=Path, required=True)
    question.add_argument("--weights", type=Path)
    question.add_argument("--p", type=int, required=True, help="how many sites, or units for mexclp")
    question.add_argument("--seconds", type=float, default=30.0, help="when to stop proving")
    question.add_argument("--must", type=int, nargs="*", default=[], help="candidates that have to be opened")
    question.add_argument("--must-not", type=int, nargs="*", default=[])
    question.add_argument("--existing", type=int, nargs="*", default=[], help="candidates that stay and cost nothing")
    question.add_argument("--site-costs", type=Path, help="an .npz file with what opening each candidate costs")
    question.add_argument("--budget", type=float, help="what may be spent; --p is then the most")
    question.add_argument("--json", action="store_true")


if __name__ == "__main__":
    sys.exit(main())
