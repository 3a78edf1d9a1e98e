"""A whole station as a person starts it: opens, is stopped with nothing left behind, and comes back after any kill."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from bench.client import AGENT, sign_in
from bench.ports import free_port

from jiean.config.demo.accounts import DEMO_PASSWORD
from tests.patience import eventually

pytestmark = pytest.mark.process
OPENS_WITHIN_S = 240


class Demo:
    """One `jiean demo` and what it printed."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_port()
        self.output = home.parent / f"{home.name}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def open(self) -> None:
        environment = {
            name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "JIEAN_DATA_DIR")
        }
        command = [
            sys.executable,
            "-m",
            "jiean.config.cli",
            "demo",
            "--quiet",
            "--port",
            str(self.port),
            "--data-dir",
            str(self.home),
        ]
        with self.output.open("wb") as lines:
            self.process = subprocess.Popen(command, env=environment, stdout=lines, stderr=subprocess.STDOUT)
        eventually(self._has_opened, within_s=OPENS_WITHIN_S)

    def close(self) -> None:
        """Stop it where it runs: any test may be the first of its process."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=30)

    def _has_opened(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.said()
        return "is open after" in self.said()

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def processes(self) -> dict[int, str]:
        """Every process of this station: by its data folder in the environment or the command line."""
        found = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    words = (entry / "cmdline").read_bytes()
                    mine = str(self.home).encode() in words + (entry / "environ").read_bytes()
                except OSError:
                    continue
                if mine and words:
                    found[int(entry.name)] = words.replace(b"\0", b" ").decode(errors="replace")
        return found

    def opened_board(self) -> http.client.HTTPResponse:
        """A stream as a board keeps it open, its first lines read."""
        login = sign_in(f"http://127.0.0.1:{self.port}", "diaodu", DEMO_PASSWORD)
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        asked.request("GET", "/live", headers={"Cookie": login.cookie, "User-Agent": AGENT})
        answer = asked.getresponse()
        assert answer.status == 200
        assert answer.readline()
        return answer

    def pid(self, words: str) -> int:
        return next(pid for pid, command in sorted(self.processes().items()) if words in command)


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """Not below pytest's own folder: another run of pytest closes that one to the database's user."""
    outside = Path(tempfile.mkdtemp(prefix="jiean-station-"))
    outside.chmod(0o755)
    made = Demo(outside / "data")
    made.open()
    yield made
    made.close()
    shutil.rmtree(outside, ignore_errors=True)


def test_it_opens_and_says_how_long_each_step_took(demo: Demo) -> None:
    for step in ("starting PostgreSQL", "bringing tables up to date", "loading the town", "starting web and worker"):
        assert re.search(rf"{step}.*\d+\.\d s", demo.said(), re.DOTALL)
    assert f"http://127.0.0.1:{demo.port}/" in demo.said()
    assert "diaodu" in demo.said()
    assert demo.answers()


@pytest.mark.parametrize("victim", ["jiean.config.web", "jiean.config.worker", "postgres -D"])
def test_a_killed_process_is_started_again(demo: Demo, victim: str) -> None:
    before = demo.pid(victim)
    os.kill(before, signal.SIGKILL)
    eventually(
        lambda: any(victim in command and pid != before for pid, command in demo.processes().items()), within_s=60
    )
    eventually(demo.answers, within_s=60)


def test_term_takes_everything_down_within_ten_seconds(demo: Demo) -> None:
    assert demo.process is not None
    board = demo.opened_board()
    began = time.monotonic()
    demo.process.send_signal(signal.SIGTERM)
    assert demo.process.wait(timeout=30) == 0
    assert time.monotonic() - began <= 10
    assert b"hello" in board.read(), "an open stream is brought to its end; cut off, this raises"
    assert demo.processes() == {}
    assert "stopped" in demo.said()


def test_the_second_start_reuses_the_data_and_survives_a_killed_supervisor(demo: Demo) -> None:
    demo.close()
    demo.open()
    assert demo.process is not None
    demo.process.kill()
    demo.process.wait()
    eventually(lambda: not any("jiean.config.web" in command for command in demo.processes().values()), within_s=30)
    demo.open()
    assert demo.answers()
