"""Three PostgreSQL servers on this machine under Patroni and etcd, as docs/availability.md recommends them: for trying, not for keeping."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.ports import free_port
from jiean.config.embedded import identity

PROGRAMS = {"patroni": "patroni", "etcd": "etcd-server"}
"""What must be on the PATH, and the Debian package it comes in."""
PASSWORDS = {"postgres": "only-for-this-run", "replicator": "only-for-this-run"}
ELECTION = {"ttl": 20, "loop_wait": 2, "retry_timeout": 5}
"""Seconds: how long a dead leader keeps its place, how often each looks, how long one tries."""
PATIENCE_S = 180.0
_DOORS = {"leader": "leader", "sync_standby": "synchronous"}
"""A role, and the page of Patroni that answers 200 for it alone."""


def missing() -> list[str]:
    """Debian packages this machine lacks for a cluster."""
    lacking = [package for program, package in PROGRAMS.items() if shutil.which(program) is None]
    return lacking + ([] if server_programs() else ["postgresql-15"])


def server_programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


@dataclass
class Member:
    """One server and the Patroni that looks after it."""

    name: str
    home: Path
    port: int = field(default_factory=free_port)
    door: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self.home / "data"

    def kill(self) -> None:
        """SIGKILL of Patroni and of every process of its server, at once: what a machine that goes dark leaves."""
        pids = [self.process.pid] if self.process else []
        with contextlib.suppress(OSError, ValueError):
            postmaster = int((self.data / "postmaster.pid").read_text(encoding="ascii").split()[0])
            pids += [postmaster, *_children(postmaster)]
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self.process:
            self.process.wait()
            self.process = None


def _children(parent: int) -> list[int]:
    words = ["ps", "-o", "pid=", "--ppid", str(parent)]
    return [int(pid) for pid in subprocess.run(words, capture_output=True, text=True, check=False).stdout.split()]


class Cluster:
    """etcd and the members; the programs run as an unprivileged user when we are root."""

    def __init__(self, home: Path, members: int = 3) -> None:
        self.home, self.who = home, identity()
        self.agreed = free_port()
        self.members = [Member(f"m{number}", home / f"m{number}") for number in range(1, members + 1)]
        self._etcd: subprocess.Popen[bytes] | None = None

    def open(self) -> None:
        """Start all of it; returns when one leads and another follows it in step. Raises TimeoutError."""
        client, peer = f"http://127.0.0.1:{self.agreed}", f"http://127.0.0.1:{free_port()}"
        self._etcd = self._run(
            self.home / "etcd", "etcd", "--name", "agreed", "--data-dir", str(self.home / "etcd" / "data"),
            "--listen-client-urls", client, "--advertise-client-urls", client, "--listen-peer-urls", peer,
            "--initial-advertise-peer-urls", peer, "--initial-cluster", f"agreed={peer}",
        )  # fmt: skip
        for member in self.members:
            self.start(member)
        self.wait(self.whole)

    def start(self, member: Member) -> None:
        """Start a member, or start it again."""
        told = member.home / "patroni.yml"
        member.home.mkdir(parents=True, exist_ok=True)
        told.write_text(json.dumps(self._settings(member), indent=1), encoding="ascii")  # JSON is YAML too
        member.process = self._run(member.home, "patroni", str(told))

    def close(self) -> None:
        """End all of it at once: nothing here is kept."""
        for member in self.members:
            member.kill()
        if self._etcd:
            self._etcd.kill()
            self._etcd.wait()

    def whole(self) -> bool:
        """Whether everybody runs, one leads and one follows in step: asked of each one itself, since others know it a little later."""
        return all(self._says(one, "health") for one in self.members) and {"leader", "sync_standby"} <= {
            role for one in self.members for role in ("leader", "sync_standby") if self._says(one, _DOORS[role])
        }

    def _says(self, member: Member, what: str) -> bool:
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{member.door}/{what}", timeout=2) as answer,
        ):
            return bool(answer.status == 200)
        return False

    def leader(self) -> Member:
        """Who says of itself that it leads. Raises TimeoutError."""
        found: list[Member] = []
        self.wait(lambda: bool(found.extend(one for one in self.members if self._says(one, "leader")) or found))
        return found[0]

    def wait(self, reached: Callable[[], bool]) -> None:
        """Raises TimeoutError."""
        until = time.monotonic() + PATIENCE_S
        while not reached():
            if time.monotonic() > until:
                raise TimeoutError("the cluster does not come together")
            time.sleep(0.2)

    def url(self, user: str, password: str, database: str) -> str:
        """All members; whoever connects finds the one that may write."""
        servers = ",".join(f"127.0.0.1:{one.port}" for one in self.members)
        words = "target_session_attrs=read-write&connect_timeout=3&tcp_user_timeout=5000"
        return f"postgresql://{user}:{password}@{servers}/{database}?{words}"

    def _run(self, home: Path, *words: str) -> subprocess.Popen[bytes]:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        drop: dict[str, Any] = {}
        if self.who.drops:
            os.chown(home, self.who.uid, self.who.gid)
            drop = {"user": self.who.uid, "group": self.who.gid, "extra_groups": []}
        with (self.home / f"{home.name}.log").open("ab") as lines:
            return subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=lines, stderr=lines, cwd="/", **drop)

    def _settings(self, member: Member) -> dict[str, Any]:
        rules = [f"host {name} all 127.0.0.1/32 scram-sha-256" for name in ("all", "replication")]
        door = {"listen": f"127.0.0.1:{member.door}", "connect_address": f"127.0.0.1:{member.door}"}
        return {
            "scope": "jiean", "name": member.name, "restapi": door, "etcd3": {"hosts": [f"127.0.0.1:{self.agreed}"]},
            "bootstrap": {"dcs": _rules(), "initdb": [{"encoding": "UTF8"}, {"locale": "C.UTF-8"}, "data-checksums"]},
            "postgresql": {
                "listen": f"127.0.0.1:{member.port}", "connect_address": f"127.0.0.1:{member.port}",
                "data_dir": str(member.data), "bin_dir": str(server_programs()), "pg_hba": rules,
                "pgpass": str(member.home / "pgpass"), "parameters": {"unix_socket_directories": str(member.home)},
                "authentication": {
                    "superuser": {"username": "postgres", "password": PASSWORDS["postgres"]},
                    "replication": {"username": "replicator", "password": PASSWORDS["replicator"]},
                },
            },
        }  # fmt: skip


def _rules() -> dict[str, Any]:
    """What the members agree on: an answer to a reporter means that two servers have the report."""
    kept = {"max_connections": 80, "recovery_init_sync_method": "syncfs", "shared_buffers": "64MB"}
    quiet = {"log_error_verbosity": "terse", "log_min_error_statement": "panic"}
    quiet |= {"log_parameter_max_length_on_error": "0"}
    steps = {"synchronous_mode": True, "synchronous_mode_strict": True, "maximum_lag_on_failover": 1048576}
    return ELECTION | steps | {"postgresql": {"use_pg_rewind": True, "parameters": kept | quiet}}
