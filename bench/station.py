"""A whole station for measuring: durable embedded server, demo town, web and worker, as `jiean demo` starts them."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from jiean.config import start
from jiean.config.embedded import APP, OWNER, Embedded
from jiean.config.folder import Folder
from jiean.config.supervisor import Child, Supervisor


@dataclass
class Bench:
    """The running station and what it took to start it."""

    station: start.Station
    server: Embedded
    steps_s: dict[str, float]

    @property
    def owner_url(self) -> str:
        return self.server.url(OWNER)

    @property
    def port(self) -> int:
        return self.station.port

    @property
    def url(self) -> str:
        return self.station.url.rstrip("/")

    def query(self, statement: str, *parameters: object) -> tuple[object, ...]:
        with psycopg.connect(self.owner_url, autocommit=True) as db:
            row = db.execute(statement, parameters).fetchone()
            assert row is not None
            return row

    def stop_worker(self) -> None:
        """Only the web process stays, so that what is measured is its own."""
        worker = next(child for child in self.station.supervisor.children if child.name == "worker")
        self.station.supervisor.children.remove(worker)
        worker.signal(15)
        if worker.process:
            worker.process.wait()

    def restart_web(self, processes: int) -> None:
        """Serve with so many web processes from now on."""
        web = next(child for child in self.station.supervisor.children if child.name == "web")
        web.signal(15)
        if web.process:
            web.process.wait()
        self.station.supervisor.children[self.station.supervisor.children.index(web)] = self.station.web(processes)
        self.station.wait_until_ready()

    def memory_mb(self) -> dict[str, float]:
        """Proportional memory of each process tree, MB (shared pages counted by share)."""
        found = {child.name: _tree_mb(child) for child in self.station.supervisor.children}
        postmaster = int((self.server.data / "postmaster.pid").read_text().splitlines()[0])
        return {**found, "postgres": sum(_pss_mb(pid) for pid in _descendants(postmaster))}


@contextmanager
def opened(data_dir: Path, port: int) -> Iterator[Bench]:
    """Open a station without a simulated day; the folder is kept for the next run."""
    start.raise_open_files()
    folder = Folder(data_dir)
    folder.hold("bench", port)
    start.check_port("127.0.0.1", port)
    server = Embedded(folder.path)
    supervisor = Supervisor([], print)
    station = start.Station(folder, "127.0.0.1", port, supervisor)
    steps: dict[str, float] = {}
    try:
        with _timed(steps, "postgres"):
            server.start()
        station.env = start.demo_environment(station, server) | {"JIEAN_POOL": "40", "JIEAN_THREADS": "32"}
        with _timed(steps, "migrate"):
            station.module(
                start.MANAGE, "migrate", "--no-input", "--verbosity", "0", env={"DATABASE_URL": server.url(OWNER)}
            )
            start.database.give_rights(server.url(OWNER), APP, "public")
        with _timed(steps, "town"):
            station.module("jiean.config.demo.loader")
        with _timed(steps, "web and worker"):
            supervisor.children += [station.web(), station.worker()]
            station.wait_until_ready()
        yield Bench(station, server, steps)
    finally:
        supervisor.stop()
        server.stop()


@contextmanager
def _timed(steps: dict[str, float], name: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    steps[name] = time.monotonic() - began


def cpu_s(bench: Bench) -> dict[str, float]:
    """Processor seconds used so far by the web process tree and by PostgreSQL."""
    web = next(child for child in bench.station.supervisor.children if child.name == "web")
    assert web.process is not None
    postmaster = int((bench.server.data / "postmaster.pid").read_text().splitlines()[0])
    trees = {"web": web.process.pid, "postgres": postmaster}
    return {name: sum(_ticks(pid) for pid in _descendants(pid)) for name, pid in trees.items()}


def _ticks(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12]) + int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def _tree_mb(child: Child) -> float:
    return sum(_pss_mb(pid) for pid in _descendants(child.process.pid)) if child.process else 0.0


def _descendants(root: int) -> list[int]:
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            parents.setdefault(parent, []).append(int(entry.name))
    found = [root]
    for pid in found:
        found += parents.get(pid, [])
    return found


def _pss_mb(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)
