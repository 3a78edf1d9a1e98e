"""T-DEGRADE: a disk that is really full, under the database and the journal alike."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.plan import ROOT

pytestmark = [pytest.mark.trust, pytest.mark.process]
AS_OURSELVES = () if os.geteuid() == 0 else ("-U", "-c", "--keep-caps")


@pytest.fixture
def disk() -> Iterator[Path]:
    """Where the small disk is mounted, seen by its own process only; not below pytest's folder, which is closed to the database."""
    place = Path(tempfile.mkdtemp(prefix="jiean-disk-"))
    place.chmod(0o755)
    yield place
    place.rmdir()


def test_a_full_disk_refuses_in_words_and_loses_nothing_it_took(disk: Path) -> None:
    known = {
        name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")
    }
    command = ["unshare", *AS_OURSELVES, "-m", sys.executable, "-m", "tests.trust.full_disk", str(disk)]
    done = subprocess.run(command, cwd=ROOT, env=known, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen["before"] == 201
    assert seen["full"] == 503 and "没有收下" in seen["says"] and "110" in seen["says"], (
        "nothing is acknowledged that is not kept"
    )
    assert seen["little"] == [202, 202], "the journal needs little room"
    assert seen["after"] == [201, 201, 201], (
        "the one refused is taken now, the one kept is known, a new one goes straight in"
    )
    assert seen["held"] == [1, 2, 3, 4, 5] and seen["waiting"] == [0, 0]
