"""The embedded server: one server however many start it, data sound after a kill, one clear line when it cannot be had."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from jiean.config import database, embedded
from jiean.config.embedded import OWNER, Embedded, ServerError
from tests.patience import eventually

pytestmark = pytest.mark.process
STARTER = "import sys; from pathlib import Path; from jiean.config.embedded import Embedded; print(Embedded(Path(sys.argv[1])).start())"


@pytest.fixture
def server() -> Iterator[Embedded]:
    """Not below pytest's own folder: another run of pytest closes that one to the database's user."""
    home = Path(tempfile.mkdtemp(prefix="jiean-embedded-"))
    home.chmod(0o755)
    made = Embedded(home, durable=True)
    yield made
    made.stop()
    shutil.rmtree(home, ignore_errors=True)


def postmaster(server: Embedded) -> int:
    return int((server.data / "postmaster.pid").read_text().splitlines()[0])


def test_it_starts_once_keeps_commits_and_splits_chinese(server: Embedded) -> None:
    assert server.start()
    assert not server.start()
    with psycopg.connect(server.url(OWNER), autocommit=True) as db:
        db.execute("CREATE EXTENSION pg_trgm")
    assert database.faults(server.url()) == []
    with psycopg.connect(server.url()) as db:
        assert db.execute("SELECT current_user, rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (
            "jiean_app",
            False,
        )


def test_a_killed_server_recovers_with_its_data(server: Embedded) -> None:
    server.start()
    with psycopg.connect(server.url(OWNER), autocommit=True) as db:
        db.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    assert not server.is_gone()
    os.kill(postmaster(server), signal.SIGKILL)
    eventually(server.is_gone)
    eventually(lambda: not server.running())
    assert server.start()
    with psycopg.connect(server.url(OWNER)) as db:
        assert db.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_six_starts_at_once_make_one_server(server: Embedded) -> None:
    starters = [
        subprocess.Popen([sys.executable, "-c", STARTER, str(server.home)], stdout=subprocess.PIPE, text=True)
        for _ in range(6)
    ]
    answers = sorted(starter.communicate(timeout=120)[0].strip() for starter in starters)
    assert answers == ["False"] * 5 + ["True"]


def note(server: Embedded, number: int) -> None:
    """What a server that was killed leaves behind."""
    for file in (server.data / "postmaster.pid", server.sockets / ".s.PGSQL.5432.lock"):
        file.write_text(f"{number}\n{server.data}\n0\n5432\n{server.sockets}\n\n\n")


def answers(server: Embedded) -> bool:
    with psycopg.connect(server.url(OWNER)) as db:
        return db.execute("SELECT 1").fetchone() == (1,)


@contextlib.contextmanager
def sleeper(server: Embedded) -> Iterator[subprocess.Popen[bytes]]:
    """A process of the server's own user that is no server."""
    asleep = subprocess.Popen(["sleep", "600"], user=server.who.uid if server.who.drops else None)
    yield asleep
    asleep.kill()
    asleep.wait()


def test_the_number_of_a_killed_server_given_to_another_is_no_server(server: Embedded) -> None:
    """After a power cut or a container's restart: to one of ours or, worse, to one of the database's own user."""
    server.start()
    server.stop()
    with sleeper(server) as other:
        for number in (os.getpid(), other.pid):
            note(server, number)
            assert not server.running()
            assert server.is_gone()
            assert server.start()
            assert answers(server)
            server.stop()
        assert other.poll() is None


def test_an_empty_note_as_a_power_cut_leaves_it_is_no_server(server: Embedded) -> None:
    server.start()
    server.stop()
    for file in (server.data / "postmaster.pid", server.sockets / ".s.PGSQL.5432.lock"):
        file.touch()
    assert not server.running()
    assert server.start()
    assert answers(server)


def test_a_server_somebody_started_by_hand_is_one(server: Embedded) -> None:
    """With the folder named another way: it is left alone, not cleared away."""
    server.start()
    server.stop()
    other = server.home / "by another name"
    other.symlink_to(server.data)
    options = f"-c unix_socket_directories='{server.sockets}'"
    server._run("pg_ctl", "start", "-D", str(other), "-w", "-o", options, "-l", str(server.log))
    assert server.running() and not server.is_gone()
    assert not server.start()
    assert answers(server)


def test_a_dead_server_nobody_buried_is_no_server(server: Embedded) -> None:
    """Its parent may be a container's first process that buries nobody: its number lives on, and pg_ctl takes it for a server."""
    server.start()
    server.stop()
    with sleeper(server) as other:
        other.kill()
        eventually(lambda: Path(f"/proc/{other.pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z")
        note(server, other.pid)
        assert not server.running()
        assert server.start()
        assert answers(server)


def test_a_child_of_a_killed_server_that_does_not_end_keeps_no_next_one_from_starting(server: Embedded) -> None:
    """It holds the old server's memory; stopped here, it stands for one that waits for a lock a killed process held."""
    server.start()
    with psycopg.connect(server.url(OWNER)) as db:
        child = db.info.backend_pid
        os.kill(child, signal.SIGSTOP)
        os.kill(postmaster(server), signal.SIGKILL)
        eventually(server.is_gone)
        with sleeper(server) as other:
            assert server.start()
            assert other.poll() is None
    assert answers(server)
    eventually(lambda: not Path(f"/proc/{child}/cmdline").exists() or not Path(f"/proc/{child}/cmdline").read_bytes())


def test_data_of_another_version_is_left_alone(server: Embedded) -> None:
    server.start()
    server.stop()
    (server.data / "PG_VERSION").write_text("17\n")
    with pytest.raises(ServerError, match="holds data of PostgreSQL 17"):
        server.start()
    (server.data / "PG_VERSION").write_text("18\n")
    assert server.start()


def test_a_full_disk_is_said_before_anything_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "FREE_BYTES_WANTED", 2**62)
    with pytest.raises(ServerError, match="MB free"):
        Embedded(tmp_path).start()
    assert not (tmp_path / "postgres").exists()


def test_a_long_path_gets_a_short_socket_folder(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 100)
    assert len(str(Embedded(deep).sockets)) < embedded.SOCKET_PATH_LIMIT
    assert Embedded(deep).sockets == Embedded(deep).sockets


def test_no_wheel_names_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "find_spec", lambda name: None)
    with pytest.raises(ServerError, match="DATABASE_URL"):
        embedded._wheel()


def test_an_unsafe_server_is_found_out() -> None:
    """The tests' own server runs without fsync: it must be refused."""
    found = " ".join(database.faults(os.environ["DATABASE_URL"]))
    assert "fsync is off" in found
