"""T-DR: a backup restores to the same rows, into a newer version too; what was erased since stays erased; a bad one is refused."""

from __future__ import annotations

import base64
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from jiean.config import backup, restore, sealed_file
from jiean.config.cli import main, parser
from jiean.config.embedded import OWNER, Embedded
from jiean.config.folder import StartError
from jiean.config.sealed_file import BadFile, Opener, Reader, Writer
from jiean.intake.commands import ask_rights, grant_rights, reject_report
from jiean.intake.models import Report
from jiean.intake.tracking import code_of
from jiean.kernel import audit, erasures
from jiean.kernel.pictures import redraw
from jiean.vault.keys import station_keys
from tests.intake.scenes import PUBLIC, picture, with_contact
from tests.patience import eventually
from tests.town import Town

pytestmark = pytest.mark.trust
KEY = Opener({"k1": b"k" * 32}, "k1")


def sealed(content: bytes, opener: Opener = KEY) -> bytes:
    out = io.BytesIO()
    writer = Writer(out, opener, {"made_at": "now"})
    writer.write(content)
    writer.close()
    return out.getvalue()


def opened(whole: bytes, size: int, opener: Opener = KEY) -> bytes:
    reader = Reader(io.BytesIO(whole), opener)
    content = reader.read(size)
    reader.expect_end()
    return content


@pytest.fixture
def frames(monkeypatch: pytest.MonkeyPatch) -> None:
    """Frames of a few bytes, so that a short file has many."""
    monkeypatch.setattr(sealed_file, "FRAME_BYTES", 16)


def test_what_is_sealed_opens_and_holds_no_clear_word(frames: None) -> None:
    for content in (b"", b"short", "老赵敲锣".encode() * 40):
        whole = sealed(content)
        assert opened(whole, len(content)) == content
        assert not content or content[:12] not in whole
    assert sealed(b"same") != sealed(b"same"), "a key of its own for every file"


def test_every_changed_byte_and_every_cut_is_found(frames: None) -> None:
    """The plants: each byte flipped, each shorter file, frames swapped, doubled and left out, another file's frames."""
    content = bytes(range(100))
    whole = sealed(content)
    head = whole.index(b"\n") + 1
    frame = 4 + 16 + 16
    for place in range(len(whole)):
        changed = whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
        with pytest.raises(BadFile):
            opened(changed, len(content))
    parts = [whole[at : at + frame] for at in range(head, len(whole), frame)]
    other = sealed(content)
    forged = [whole[:cut] for cut in range(len(whole))]
    forged += [whole + b"x", whole[:head] + b"".join([parts[1], parts[0], *parts[2:]])]
    forged += [whole[:head] + b"".join([parts[0], *parts]), whole[:head] + b"".join(parts[1:])]
    forged += [whole[:head] + other[head:]]
    for one in forged:
        with pytest.raises(BadFile):
            opened(one, len(content))


OLD = (
    "dm>?CZ*_DcI(s5-W+FNwVr6D;a%CcYEFxxaa&2LBB03^!X=Pz<AaiA5Y-MC1W@&6?ATc5=B5P%NB075_W^!+BB03^)VRLhEXmVk5Wg;vhaA9(E"
    "b0Ru1EFyDZY;+<zB11-NRzyQKK}}(2R4YkJGgw7<GDCMgJtBQ9B6o6OaByX0B03^3N?J`bVlYB^FGX=UQf^XrY&d0AZf;OCIY($=Z!2tOGjwTc"
    "VM1?HT0v_$Y;Z?#RYX@$PgPoWGdFWtXEZiXH)KjVFj!4$VL@tnYBe_^eF^{o02<}}#lOEqYMF%qNF}|=zGaO+XDtY|3~!<Y"
)
"""A file of the version before files said what their passphrase costs to try."""


def test_a_passphrase_costs_a_guesser_what_is_advised_and_older_files_still_open() -> None:
    key = sealed_file.with_passphrases([b"correct horse battery"])
    old = base64.b85decode(OLD)
    assert "cost" not in sealed_file.header_of(old.splitlines()[0])["key"] and opened(old, 10, key) == b"kept since"
    head = sealed_file.header_of(sealed(b"x", key).splitlines()[0])
    assert head["key"]["cost"] == 2**17, "OWASP's advice for scrypt with r = 8 and p = 1"
    for cost in (2, 2**30, "x"):
        with pytest.raises(BadFile):
            sealed_file._wrapping_key(key, head["key"] | {"cost": cost})


def test_only_its_key_opens_it(frames: None) -> None:
    two = sealed_file.with_passphrases([b"correct horse battery\n", b"staple of the night"])
    swapped = sealed_file.with_passphrases([b"staple of the night", b"correct horse battery"])
    whole = sealed(b"content", two)
    assert opened(whole, 7, swapped) == b"content"
    alone = sealed_file.with_passphrases([b"correct horse battery"])
    other = sealed_file.with_passphrases([b"correct horse battery", b"staple of the day.."])
    for wrong in (alone, other, KEY, Opener({"k2": b"k" * 32}, "k2")):
        with pytest.raises(BadFile):
            opened(whole, 7, wrong)
    for wrong in (alone, Opener({"k2": b"k" * 32}, "k2"), Opener({"k1": b"x" * 32}, "k1")):
        with pytest.raises(BadFile):
            opened(sealed(b"content"), 7, wrong)
    with pytest.raises(BadFile, match="at least 12"):
        sealed_file.with_passphrases([b"short"])


@pytest.fixture
def home() -> Iterator[Path]:
    """Not below pytest's own folder: the database's user must be able to enter it."""
    outside = Path(tempfile.mkdtemp(prefix="jiean-restore-"))
    outside.chmod(0o755)
    yield outside
    Embedded(outside / "data").stop()
    shutil.rmtree(outside, ignore_errors=True)


def jiean_backup(*given: object) -> int:
    """Run ``jiean backup …`` in this process, on its database."""
    return backup.run(parser().parse_args(["backup", *map(str, given)]))


def jiean_restore(home: Path, file: Path, settings: Any, *given: object) -> subprocess.CompletedProcess[str]:
    """Run ``jiean restore …`` as the person at the keyboard would, on another machine's empty folder."""
    env = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    env |= {"JIEAN_STATION_KEY_FILE": str(settings.STATION_KEY_FILE), "JIEAN_SECRET_KEY": settings.SECRET_KEY}
    words = [sys.executable, "-m", "jiean.config.cli", "restore", str(file), "--data-dir", str(home / "data"), "--json"]
    return subprocess.run([*words, *map(str, given)], env=env, capture_output=True, text=True, check=False)


def scene(town: Town) -> tuple[Report, Report]:
    """Two reports with everything in them; the reporter of the second will ask for it to be erased after the backup."""
    kept = with_contact(text="三号楼的老赵半夜敲锣", photos=[redraw(picture())])
    gone = with_contact(text="四号楼的老钱半夜打鼓", photos=[redraw(picture())])
    reject_report(town.dispatcher, gone.pk, reason="不在辖区")
    return kept, gone


def migrated_to(*targets: tuple[str, str]) -> None:
    MigrationExecutor(connection).migrate(list(targets))


def as_an_older_version(folder: Path) -> Path:
    """A backup made before the newest tables of the kernel were there."""
    heads = MigrationExecutor(connection).loader.graph.leaf_nodes()
    try:
        migrated_to(("kernel", "0004_library"))
        assert jiean_backup(folder) == 0
    finally:
        migrated_to(*heads)
    return next(folder.glob("jiean-*.backup"))


def asked_to_forget(town: Town, report: Report) -> None:
    asked = ask_rights(PUBLIC, report.pk, kind="object", about="all", code=code_of(report.number))
    grant_rights(town.dispatcher, asked.pk)


def one(db: psycopg.Connection[Any], statement: str, *given: object) -> Any:
    row = db.execute(statement, given).fetchone()  # type: ignore[call-overload]
    return row[0] if row else None


@pytest.mark.process
@pytest.mark.django_db(transaction=True)
def test_it_comes_back_whole_in_a_newer_version_and_what_was_erased_stays_erased(
    town: Town, home: Path, settings: Any
) -> None:
    settings.DATA_DIR = home / "before"  # holding no other test's pictures
    settings.ERASURE_LEDGER, settings.MEDIA_ROOT = home / "erasures.jsonl", settings.DATA_DIR / "media"
    kept, gone = scene(town)
    eventually(
        lambda: audit.seal() > 0, within_s=90
    )  # a neighbour's transaction in the same cluster holds the sealer back
    file = as_an_older_version(home)
    assert "老赵".encode() not in file.read_bytes() and station_keys().lookup not in file.read_bytes()
    asked_to_forget(town, gone)
    done = jiean_restore(home, file, settings, "--ledger", settings.ERASURE_LEDGER)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert (told["erased_again"], told["codes_fit"]) == (1, True)
    assert told["migrated"] > 0 and told["audit"].startswith("sound") and told["audit_link"] > 0
    photos = {name: (home / "data/media/report-photos" / name[:2] / name) for name in names_of_photos()}
    server = Embedded(home / "data")
    with psycopg.connect(server.url(OWNER)) as db:
        assert one(db, "SELECT text FROM intake_report WHERE id = %s", kept.pk) == kept.text
        assert one(db, "SELECT text FROM intake_report WHERE id = %s", gone.pk) == ""
        assert one(db, "SELECT count(*) FROM vault_sealedrecord") == 1
        assert one(db, "SELECT count(*) FROM kernel_erasure") == 1
        assert one(db, "SELECT nextval('intake_report_id_seq')") > gone.pk + 1000, "no number is given twice"
        here = [name for name, path in photos.items() if path.exists()]
        assert here == [one(db, "SELECT name FROM intake_photo")]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute("UPDATE kernel_auditentry SET action = ''")
    for more, words in (([], "holds a station"), (["--replace"], "--confirm data")):
        asked = parser().parse_args(["restore", str(file), "--data-dir", str(home / "data"), "--no-ledger", *more])
        with pytest.raises(StartError, match=words):
            restore._check_place(asked, server)


def names_of_photos() -> list[str]:
    """Every picture there is in the folder the backup was made from, and that is one picture: the erased one's file is gone."""
    from django.conf import settings  # noqa: PLC0415

    return [path.name for path in (Path(settings.MEDIA_ROOT) / "report-photos").glob("??/*.jpg")]


@pytest.mark.django_db(transaction=True)
def test_a_damaged_cut_or_foreign_backup_is_refused_before_anything_is_written(
    town: Town, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The plants, on a real backup."""
    assert jiean_backup(tmp_path / "good.backup") == 0
    assert (tmp_path / "good.backup").stat().st_mode & 0o777 == 0o600
    with pytest.raises(StartError, match="never written over"):
        jiean_backup(tmp_path / "good.backup")
    good = (tmp_path / "good.backup").read_bytes()
    middle = len(good) // 2
    plants = {
        "damaged": good[:middle] + bytes([good[middle] ^ 1]) + good[middle + 1 :],
        "cut": good[: len(good) - 100],
        "empty": b"",
        "foreign": b"PGDMP" + good,
        "older": good.replace(b"jiean sealed file 1", b"jiean sealed file 0", 1),
    }
    monkeypatch.setenv("JIEAN_STATION_KEY_FILE", str(settings.STATION_KEY_FILE))
    monkeypatch.setenv("JIEAN_DATA_DIR", str(tmp_path / "data"))
    for name, content in plants.items():
        (tmp_path / name).write_bytes(content)
        words = ["restore", str(tmp_path / name), "--data-dir", str(tmp_path / "data"), "--no-ledger"]
        assert main(words) == 1, name
        assert "is refused" in capsys.readouterr().err, name
        assert not (tmp_path / "data").exists(), name
    assert restore.proven(tmp_path / "good.backup", Opener(station_keys().wrapping))["station"]


@pytest.mark.django_db
def test_a_newer_programs_backup_is_refused_by_name() -> None:
    with pytest.raises(StartError, match=r"newer version .*kernel\.0999_future"):
        restore._check_version({"program": "9", "migrations": [["kernel", "0999_future"]]})


def test_old_backups_go_and_nothing_else_does(tmp_path: Path) -> None:
    names = ["jiean-20200101T000000Z.backup", "jiean-29990101T000000Z.backup", "jiean-old.backup", "other.backup"]
    for name in names:
        (tmp_path / name).touch()
    assert backup.forget_old(tmp_path, 35) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names[1:])


def test_a_ledger_that_was_changed_is_refused(tmp_path: Path) -> None:
    """The plants: a line changed, taken out, put in; and one that power cut short, which is written anew."""
    file = tmp_path / "erasures.jsonl"
    lines = [erasures.Erased("report", n, "all", f"2026-11-2{n}T00:00:00+00:00") for n in range(4)]
    erasures.append(file, lines[:2])
    erasures.append(file, lines[2:])
    assert list(erasures.read(file)) == lines and file.stat().st_mode & 0o777 == 0o600
    whole = file.read_bytes().splitlines(keepends=True)
    for wrong in (whole[1:], [whole[0], *whole[2:]], [whole[0], whole[0], *whole[1:]], [b"{}\n"]):
        file.write_bytes(b"".join(wrong))
        with pytest.raises(erasures.BadLedger):
            list(erasures.read(file))
    file.write_bytes(b"".join(whole[:3]) + whole[3][:20])
    erasures.append(file, [lines[3]])
    assert list(erasures.read(file)) == lines
