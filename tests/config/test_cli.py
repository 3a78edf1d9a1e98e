"""The command line: one clear line and an exit code other than 0 when something is wrong, and nothing damaged."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from jiean.config import start
from jiean.config.cli import main, parser
from jiean.config.folder import Folder, StartError


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def said(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().err.strip()


def test_a_taken_port_is_one_clear_line(tmp_path: Path, taken_port: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--port", str(taken_port), "--data-dir", str(tmp_path)]) == 1
    line = said(capsys)
    assert f"port {taken_port}" in line
    assert "--port" in line
    assert "\n" not in line
    assert not (tmp_path / "postgres").exists()


def test_the_second_start_says_who_holds_the_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = Folder(tmp_path)
    first.hold("jiean demo", 8600)
    assert main(["demo", "--data-dir", str(tmp_path)]) == 1
    assert f"in use by jiean demo (process {os.getpid()}), on port 8600" in said(capsys)


def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    assert main(["demo", "--data-dir", str(blocked / "x")]) == 1
    assert "cannot write to" in said(capsys)
    assert blocked.read_text() == "not a folder"


def test_a_folder_of_another_format_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "format").write_text("99")
    assert main(["demo", "--data-dir", str(tmp_path)]) == 1
    assert "holds data of format 99" in said(capsys)
    assert (tmp_path / "format").read_text() == "99"


def test_little_disk_is_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("jiean.config.folder.WARN_BELOW_BYTES", 2**62)
    for _again in range(2):
        assert main(["demo", "--data-dir", str(tmp_path)]) == 1
        assert "free for" in said(capsys)


def test_a_station_that_was_open_opens_on_little_disk_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Folder(tmp_path).hold("jiean demo", 1)
    monkeypatch.setattr("jiean.config.folder.WARN_BELOW_BYTES", 2**62)
    Folder(tmp_path).hold("jiean demo", 1)
    assert "make room" in said(capsys)


GOOD = {
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "JIEAN_SECRET_KEY": "k" * 40,
    "JIEAN_ALLOWED_HOSTS": "station.example",
}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"DATABASE_URL": ""}, "set DATABASE_URL"),
        ({"JIEAN_SECRET_KEY": "short"}, "JIEAN_SECRET_KEY"),
        ({"JIEAN_ALLOWED_HOSTS": ""}, "JIEAN_ALLOWED_HOSTS"),
        ({"JIEAN_DEMO": "1"}, "cannot be served"),
        ({}, "cannot reach DATABASE_URL"),
    ],
)
def test_serve_refuses_unsafe_settings(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    changed: dict[str, str],
    words: str,
) -> None:
    for name, value in (GOOD | changed).items():
        monkeypatch.setenv(name, value)
    assert main(["serve", "--data-dir", str(tmp_path), "--port", "8699"]) == 1
    line = said(capsys)
    assert words in line
    assert "\n" not in line


def test_serve_refuses_a_database_that_may_lose_a_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in (GOOD | {"DATABASE_URL": os.environ["DATABASE_URL"]}).items():
        monkeypatch.setenv(name, value)
    assert main(["serve", "--data-dir", str(tmp_path), "--port", "8699"]) == 1
    assert "fsync is off: a report we acknowledge could be lost" in said(capsys)


@pytest.mark.parametrize(
    "words", [["demo", "--speed", "0"], ["demo", "--speed", "x"], ["demo", "--port", "70000"], ["import", "x", "y"]]
)
def test_words_that_make_no_sense_are_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parser().parse_args(words)
    assert ended.value.code == 2
    assert "error:" in said(capsys)


def test_commands_on_a_folder_without_a_running_database_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DATABASE_URL")
    assert main(["audit", "verify", "--data-dir", str(tmp_path)]) == 1
    assert "no database runs in" in said(capsys)


def test_the_secret_is_made_once_and_only_we_can_read_it(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.hold("test", 1)
    secret = folder.secret("session")
    assert len(secret) >= 60
    assert Folder(tmp_path).secret("session") == secret
    assert (tmp_path / "session.secret").stat().st_mode & 0o077 == 0


def test_a_free_port_passes() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    start.check_port("127.0.0.1", port)
    with pytest.raises(StartError):
        start.check_port("256.0.0.1", 1)


def test_the_twin_runs_a_file_and_names_a_bad_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "one.toml"
    file.write_text('[run]\ndays = 5\nreplications = 3\n[cars]\nat = "base"\ncount = 4\n', "utf-8")
    assert main(["twin", "run", str(file), "--json"]) == 0
    sheet = json.loads(capsys.readouterr().out)
    assert (sheet["cars"], sheet["replications"], sheet["days"]) == (4, 3, 5)
    assert sheet["share"][1] <= sheet["share"][0] <= sheet["share"][2]
    assert "chosen, not calibrated" in sheet["note"]
    file.write_text("[cars]\ncount = -1\n", "utf-8")
    assert main(["twin", "run", str(file)]) == 2
    assert "line 2: cars.count is -1" in said(capsys)


def test_the_plan_gives_posts_with_their_gap(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "sites", "--p", "3", "--json"]) == 0
    sheet = json.loads(capsys.readouterr().out)
    assert len(sheet["sites"]) == 3
    assert 0 <= sheet["gap"] < 0.05
    assert main(["plan", "sites", "--p", "0"]) == 2
    assert main(["plan", "sites", "--p", "14", "--within", "300", "--keep", "--json"]) == 0
    kept = json.loads(capsys.readouterr().out)
    assert (len(kept["sites"]), kept["proven"]) == (14, True)
    assert main(["plan", "sites", "--p", "9", "--keep"]) == 2
    assert "12 candidates must be opened" in capsys.readouterr().err
    bought = ["--budget", "2", "--cost", "1", "--keep", "1", "2", "--must", "SJ-007", "--must-not", "SJ-008"]
    assert main(["plan", "sites", "--p", "9", *bought, "--within", "300", "--json"]) == 0
    sheet = json.loads(capsys.readouterr().out)
    assert sorted(one["kept"] for one in sheet["sites"]) == [False, False, True, True]
    cells = [one["cell"] for one in sheet["sites"]]
    assert "SJ-007" in cells and "SJ-008" not in cells
    assert (sheet["spent"], sheet["proven"]) == (1.0, True)
    assert main(["plan", "sites", "--must", "X-1"]) == 2
    assert "no cell 'X-1'" in capsys.readouterr().err
