"""Kill -9 at random under load (TRUST, T-KILL): what was acknowledged is there once; and the harness can see a loss."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from bench.kill import Aim, run
from bench.ports import free_port

pytestmark = [pytest.mark.process, pytest.mark.trust]
KILLS = 60


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """Not below pytest's own folder: another run of pytest closes that one to the database's user."""
    outside = Path(tempfile.mkdtemp(prefix="jiean-kill-"))
    outside.chmod(0o755)
    yield outside / "data"
    shutil.rmtree(outside, ignore_errors=True)


def test_sixty_kills_lose_double_and_forget_nothing(home: Path) -> None:
    seen = run(home, free_port(), Aim(KILLS))
    assert (seen.kills, seen.lost, seen.doubled, seen.unreacted) == (KILLS, 0, 0, 0), seen
    assert seen.audit.startswith("sound"), seen
    assert seen.acknowledged >= KILLS
    assert set(seen.by_victim) >= {"backend", "postgres", "web", "worker"}


def test_with_durability_off_the_same_run_loses(home: Path) -> None:
    """The control, on the same station: a harness that finds no loss here could not find one anywhere."""
    assert run(home, free_port(), Aim(2), control=True).lost > 0
