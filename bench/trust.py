"""The long runs of trust: random moves against the oracle, guesses at a password, lives of a telephone's outbox.

``python bench/trust.py [--steps N] [--guesses N] [--codes N] [--histories N]``.

They are tests of ``tests/trust`` made longer; a run that fails prints what the test said and exits with 1.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
MOVES = "tests/trust/test_move.py::test_random_moves_leave_everybody_with_what_they_answer_for"
HISTORIES = "tests/browser/test_offline.py::test_random_histories_leave_each_report_at_the_station_once"
CODES = "tests/trust/test_guesses.py::test_guesses_at_a_code_stop_and_hold_up_only_the_one_who_guesses"
GUESSES = "tests/trust/test_sittings.py::test_guesses_never_get_in_and_lock_out_only_the_one_who_guesses"


def run(test: str, **longer: str) -> dict[str, Any]:
    """One test with its longer setting: whether it passed, in how many seconds, and what it said if not."""
    began = time.monotonic()
    command = [sys.executable, "-m", "pytest", "-q", "-s", "-n", "0", test]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | longer, capture_output=True, text=True, check=False)
    told: dict[str, Any] = {"passed": done.returncode == 0, "seconds": round(time.monotonic() - began, 1)}
    printed = [line for line in done.stdout.splitlines() if line.startswith("{")]
    return told | {"printed": printed} if told["passed"] else told | {"said": done.stdout[-3000:]}


def main() -> int:
    """Run what is asked for and print or write the figures."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--steps", type=int, default=0, help="random moves; 5000 is the whole run")
    asked.add_argument("--guesses", type=int, default=0, help="guesses at one password; 100000 is the whole run")
    asked.add_argument("--codes", type=int, default=0, help="guesses at a report's code; 100000 is the whole run")
    asked.add_argument(
        "--histories", type=int, default=0, help="random lives of three outboxes in Chromium; 500 is the whole run"
    )
    asked.add_argument("--json", type=Path)
    given = asked.parse_args()
    figures: dict[str, Any] = {}
    if given.steps:
        figures["moves"] = {"steps": given.steps} | run(MOVES, JIEAN_MOVE_STEPS=str(given.steps))
    if given.guesses:
        figures["guesses"] = {"guesses": given.guesses} | run(GUESSES, JIEAN_GUESSES=str(given.guesses))
    if given.codes:
        figures["codes"] = {"guesses": given.codes} | run(CODES, JIEAN_GUESSES=str(given.codes))
    if given.histories:
        figures["histories"] = {"histories": given.histories} | run(HISTORIES, JIEAN_HISTORIES=str(given.histories))
    text = json.dumps(figures, indent=2, ensure_ascii=False)
    print(text)
    if given.json:
        given.json.write_text(text + "\n", encoding="utf-8")
    return int(not all(one["passed"] for one in figures.values()))


if __name__ == "__main__":
    sys.exit(main())
