"""Keeps the station's processes up, and takes all of them down within ten seconds."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import FrameType

TERM_S = 4.0
RESTART_PAUSES_S = (0.0, 0.5, 1, 2, 5, 10)
STEADY_S = 30.0
"""Who ran so long before it ended had started well: the next pause is the shortest again."""
LOOK_EVERY_S = 0.2
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36


def _prctl(option: int, value: int) -> None:
    """Linux only; elsewhere the process groups alone must do."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def die_with(parent: int) -> None:
    """Said by a child before it becomes its program: TERM when the parent dies, at once where it is dead by now."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)


@dataclass
class Child:
    """One process and the group it leads. ``once`` is not started again when it ends."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    once: bool = False
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    started_at: float = 0.0
    next_start: float = 0.0

    def start(self) -> None:
        """Start it in a process group of its own, bound to our life."""
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            env=dict(self.env),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=partial(die_with, os.getpid()),
        )

    def put_off(self, ended_at: float) -> float:
        """Choose when to start again after an end, later each time it ends soon; returns the pause in seconds."""
        self.failures = 0 if ended_at - self.started_at >= STEADY_S else self.failures
        pause = RESTART_PAUSES_S[min(self.failures, len(RESTART_PAUSES_S) - 1)]
        self.failures, self.next_start = self.failures + 1, ended_at + pause
        return pause

    def signal(self, number: int) -> None:
        """Signal the whole group, and so the workers of a master that was killed."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    @property
    def is_up(self) -> bool:
        return self.process is not None and self.process.poll() is None


@dataclass
class Supervisor:
    """Starts the children, starts them again when they die, and stops them. ``tend`` is called at each look."""

    children: list[Child]
    say: Callable[[str], None]
    tend: Callable[[], None] = lambda: None
    _stopping: bool = field(default=False, init=False)

    def install_signals(self) -> None:
        """TERM, INT and HUP end the run; orphans of killed children come to us and are reaped."""
        _prctl(_PR_SET_CHILD_SUBREAPER, 1)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def run(self) -> None:
        """Look after the children until a signal comes."""
        while not self._stopping:
            self.look()
            time.sleep(LOOK_EVERY_S)

    def look(self) -> None:
        """Reap what died, tend, and start what is not up."""
        self._reap_orphans()
        self.tend()
        for child in list(self.children):
            self._look_after(child)

    def stop(self) -> None:
        """TERM, wait, KILL: last started, first stopped."""
        for child in reversed(self.children):
            child.signal(signal.SIGTERM)
        deadline = time.monotonic() + TERM_S
        while time.monotonic() < deadline and any(child.is_up for child in self.children):
            time.sleep(0.05)
        for child in self.children:
            child.signal(signal.SIGKILL)
            if child.process is not None:
                child.process.wait()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._stopping = True

    @property
    def is_stopping(self) -> bool:
        return self._stopping

    def _look_after(self, child: Child) -> None:
        if child.is_up or self._stopping:
            return
        if child.process is not None:
            child.signal(signal.SIGKILL)  # what a dead master left behind
            status, child.process = child.process.returncode, None
            if child.once:
                self.children.remove(child)
                return
            pause = child.put_off(time.monotonic())
            self.say(f"{child.name} ended ({status}); starting it again in {pause} s")
        if time.monotonic() >= child.next_start:
            child.start()

    def _reap_orphans(self) -> None:
        """Collect processes that died after being handed to us: the database daemon among them."""
        ours = {child.process.pid for child in self.children if child.process is not None}
        for pid in _zombies(ours):
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)


def _zombies(ours: set[int]) -> list[int]:
    """Our dead children that no Popen object waits for."""
    if sys.platform != "linux":
        return []
    me, found = os.getpid(), []
    for entry in os.scandir("/proc"):
        if entry.name.isdigit() and int(entry.name) not in ours:
            with contextlib.suppress(OSError, IndexError), open(f"/proc/{entry.name}/stat", encoding="utf-8") as stat:  # noqa: PTH123
                state, parent = stat.read().rpartition(")")[2].split()[:2]
                if state == "Z" and int(parent) == me:
                    found.append(int(entry.name))
    return found
