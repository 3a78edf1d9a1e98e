"""Starting a station: the demonstration on the embedded database, and production on one named by DATABASE_URL."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import psycopg

from jiean.config import database, statics
from jiean.config.embedded import APP, OWNER, Embedded, ServerError
from jiean.config.folder import Folder, StartError
from jiean.config.supervisor import Child, Supervisor, die_with
from jiean.kernel import anchors

READY_WITHIN_S = 180
"""Not sooner: a station that comes back while hundreds wait is slow, and giving up would only begin it anew."""
OPEN_FILES = 16384
DAY_SPEED = 20.0
MANAGE = "jiean.config.manage"


class StoppedError(Exception):
    """The person pressed Ctrl-C while the station was starting."""


@dataclass
class Station:
    """One station being started in one data folder."""

    folder: Folder
    host: str
    port: int
    supervisor: Supervisor
    env: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}/"

    def module(self, name: str, *args: str, env: Mapping[str, str] | None = None) -> None:
        """Run a module to its end in a process of its own. Raises StartError when it fails, StoppedError on Ctrl-C."""
        process = subprocess.Popen(
            [sys.executable, "-m", name, *args],
            env={**self.env, **(env or {})},
            start_new_session=True,
            preexec_fn=partial(die_with, os.getpid()),
        )
        while process.poll() is None:
            if self.supervisor.is_stopping:
                process.terminate()
                process.wait()
                raise StoppedError
            time.sleep(0.05)
        if process.returncode:
            raise StartError(f"{name.rpartition('.')[2]} {' '.join(args)} failed: see the lines above")

    def wait_until_ready(self) -> None:
        """Wait for the web process to answer, starting it again if it dies."""
        deadline = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < deadline:
            if self.supervisor.is_stopping:
                raise StoppedError
            self.supervisor.look()
            try:
                with urllib.request.urlopen(f"{self.url}healthz", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise StartError(f"the web process did not answer within {READY_WITHIN_S} s")

    def web(self, workers: int = 1) -> Child:
        """The web processes."""
        options = ["--host", self.host, "--port", str(self.port), "--workers", str(workers)]
        return Child("web", [sys.executable, "-m", "jiean.config.web", *options], self.env)

    def worker(self) -> Child:
        """The worker process."""
        return Child("worker", [sys.executable, "-c", "from jiean.config.worker import main; main()"], self.env)


def say(words: str) -> None:
    """One line to the person at the keyboard."""
    print(words, flush=True)


@contextmanager
def step(words: str) -> Iterator[None]:
    """Say what is being done, and how long it took."""
    print(f"  {words} …", end="", flush=True)
    began = time.monotonic()
    try:
        yield
    except BaseException:
        print(flush=True)
        raise
    print(f" {time.monotonic() - began:.1f} s", flush=True)


def check_port(host: str, port: int) -> None:
    """Raises StartError when something listens there. The web server itself would share the port in silence."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise StartError(
                f"port {port} on {host} cannot be used ({error.strerror}): choose another with --port"
            ) from None


def demo(data_dir: Path, host: str, port: int, *, speed: float | None, reset: bool) -> int:
    """Open the demonstration station and look after it until told to stop; returns the exit code."""
    began = time.monotonic()
    folder = Folder(data_dir)
    folder.hold("jiean demo", port)
    check_port(host, port)
    server = Embedded(folder.path)
    if reset:
        with step("clearing the data folder"):
            server.stop()
            folder.reset()
    supervisor = Supervisor([], say, tend=_keep_alive(server))
    supervisor.install_signals()
    station = Station(folder, host, port, supervisor)
    try:
        _open_demo(station, server)
        _say_welcome(station, time.monotonic() - began)
        if speed:
            supervisor.children.append(_day(station, speed))
        supervisor.run()
    except StoppedError:
        pass
    finally:
        supervisor.stop()
        server.stop()
    say("stopped; your data is kept in " + str(folder.path))
    return 0


def _open_demo(station: Station, server: Embedded) -> None:
    with step("starting PostgreSQL 18"):
        server.start()
    station.env = demo_environment(station, server)
    owner = {"DATABASE_URL": server.url(OWNER)}
    with step("bringing tables up to date"):
        station.module(MANAGE, "migrate", "--no-input", "--verbosity", "0", env=owner)
        database.give_rights(server.url(OWNER), APP, "public")
        _refuse(database.faults(server.url()))
        if not (station.folder.path / "audit.key").exists():
            anchors.make_key(station.folder.path / "audit.key")
    gather_statics(station)
    with step("loading the town"):
        station.module("jiean.config.demo.loader")
    with step("starting web and worker"):
        station.supervisor.children += [station.web(), station.worker()]
        station.wait_until_ready()


def gather_statics(station: Station) -> None:
    """Static files under hashed names into the data folder, unless they lie there already."""
    folder = station.folder.path / "static"
    if statics.is_gathered(folder):
        return
    with step("gathering static files"):
        statics.make_room(folder)
        station.module(MANAGE, "collectstatic", "--no-input", "--verbosity", "0", env={"JIEAN_GATHER": "1"})
        statics.keep_stamp(folder)


def demo_environment(station: Station, server: Embedded) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": server.url(),
        "JIEAN_DATA_DIR": str(station.folder.path),
        "JIEAN_SECRET_KEY": station.folder.secret("session"),
        "JIEAN_STATION_KEY_FILE": str(station.folder.path / "station.key"),
        "JIEAN_DEMO": "1",
        "DJANGO_SETTINGS_MODULE": "jiean.config.settings",
    }


def _day(station: Station, speed: float) -> Child:
    command = [sys.executable, "-m", "jiean.config.demo.day", "--url", station.url.rstrip("/"), "--speed", str(speed)]
    return Child("simulated day", command, station.env, once=True)


def _keep_alive(server: Embedded) -> Callable[[], None]:
    """Start a dead database again: at once when its process is gone, and asked every few seconds, since asking costs a process."""
    next_look = [time.monotonic() + 5]

    def tend() -> None:
        if time.monotonic() < next_look[0] and not server.is_gone():
            return
        next_look[0] = time.monotonic() + 3
        try:
            if server.start():
                say("the database had stopped; it runs again")
        except ServerError as error:
            say(f"the database is down: {error}")

    return tend


def _say_welcome(station: Station, took_s: float) -> None:
    from jiean.config.demo.accounts import DEMO_PASSWORD, SAMPLE_ACCOUNTS  # noqa: PLC0415 — only the demonstration has it

    say(f"\n  皆安 Jiean is open after {took_s:.1f} s:  {station.url}\n")
    say(f"  accounts (password {DEMO_PASSWORD}):")
    for username, chinese, english in SAMPLE_ACCOUNTS:
        say(f"    {username:<14} {chinese}  {english}")
    say("\n  Ctrl-C stops it.\n")


def serve(data_dir: Path, host: str, port: int, *, workers: int) -> int:
    """Run a production station against DATABASE_URL; refuses unsafe settings. Returns the exit code."""
    url = _production_environment()
    folder = Folder(data_dir)
    folder.hold("jiean serve", port)
    check_port(host, port)
    _refuse(_faults(url))
    supervisor = Supervisor([], say)
    supervisor.install_signals()
    station = Station(folder, host, port, supervisor)
    station.env = {**os.environ, "JIEAN_DATA_DIR": str(folder.path), "DJANGO_SETTINGS_MODULE": "jiean.config.settings"}
    try:
        _open_production(station, workers)
        supervisor.run()
    except StoppedError:
        pass
    finally:
        supervisor.stop()
    return 0


def _faults(url: str) -> list[str]:
    try:
        return database.faults(url)
    except psycopg.OperationalError as error:
        raise StartError(f"cannot reach DATABASE_URL: {str(error).strip().splitlines()[-1]}") from None


def _say_unsigned(folder: Folder) -> None:
    if not Path(os.environ.get("JIEAN_AUDIT_KEY_FILE") or folder.path / "audit.key").exists():
        say("  heads of the audit chain are not signed yet: make a key with `jiean audit key`")


def _open_production(station: Station, workers: int) -> None:
    with step("checking that tables are up to date"):
        station.module(MANAGE, "migrate", "--check")
    gather_statics(station)
    with step("starting web and worker"):
        station.supervisor.children += [station.web(workers), station.worker()]
        station.wait_until_ready()
    _say_unsigned(station.folder)
    say(f"  Jiean serves {station.url}")


def _production_environment() -> str:
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        raise StartError("set DATABASE_URL to the PostgreSQL database (15 or newer) this station shall use")
    if len(os.environ.get("JIEAN_SECRET_KEY", "")) < 32:
        raise StartError("set JIEAN_SECRET_KEY to at least 32 random characters and keep it secret")
    if not os.environ.get("JIEAN_ALLOWED_HOSTS"):
        raise StartError("set JIEAN_ALLOWED_HOSTS to the names people will open the station by, separated by commas")
    if os.environ.get("JIEAN_DEMO") == "1":
        raise StartError("JIEAN_DEMO is set: the demonstration's accounts have a public password and cannot be served")
    return url


def _refuse(faults: list[str]) -> None:
    if faults:
        raise StartError("the database is not safe to serve from: " + "; ".join(faults))


def raise_open_files() -> None:
    """Ask the system for enough open files for thousands of streams; children inherit it."""
    try:
        import resource  # noqa: PLC0415 — not on every platform
    except ImportError:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
