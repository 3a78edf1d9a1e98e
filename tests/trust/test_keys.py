"""Keys: rotated with old records readable, split for two people and joined again, lost and brought back."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp

from jiean.config import keys as words
from jiean.config.cli import parser
from jiean.intake.models import Report
from jiean.kernel.errors import Invalid
from jiean.vault import parts
from jiean.vault.commands import open_record
from jiean.vault.factors import key_of
from jiean.vault.keys import KeyUnavailable, make_station_keys, station_keys
from jiean.vault.models import MatterKey, MatterKind, Purpose
from jiean.vault.parts import BadPart
from jiean.vault.queries import sealed_factors
from tests.intake.scenes import with_contact
from tests.town import Town
from tests.trust.factors import secret_of

pytestmark = pytest.mark.trust
TOLD = {"name": "张三丰", "phone": "13800001234"}


@pytest.fixture
def key(settings: Any, tmp_path: Path) -> Path:
    """A key file of this test's own."""
    settings.STATION_KEY_FILE = tmp_path / "station.key"
    make_station_keys(settings.STATION_KEY_FILE)
    return tmp_path / "station.key"


def jiean(*given: object) -> int:
    """Run ``jiean keys …`` in this process, on its database."""
    return words.run(parser().parse_args(["keys", *map(str, given)]))


def opened(town: Town, report: Report) -> dict[str, str]:
    assert report.contact_id is not None
    return open_record(
        town.dispatcher, report.contact_id, purpose=Purpose.DISPATCH, matter_kind=MatterKind.REPORT, matter_id=report.pk
    )


@pytest.mark.django_db
def test_after_a_rotation_old_and_new_records_open(key: Path, town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    old = with_contact()
    assert jiean("rotate") == 0
    new = with_contact()
    assert set(MatterKey.objects.values_list("key_id", flat=True)) == {"k2"}
    assert opened(town, old) == opened(town, new) == TOLD
    assert jiean("check") == 0 and "2 matters under k2" in capsys.readouterr().out


@pytest.mark.django_db
def test_secrets_of_second_factors_are_sealed_and_move_with_the_key(
    key: Path, town: Town, code: Callable[[str], str], capsys: pytest.CaptureFixture[str]
) -> None:
    """As they lie in the database; one kept in clear by an older version is sealed by the next rotation."""
    secret = secret_of(town.accounts["chenxiao"])
    row = Authenticator.objects.get()
    assert secret not in json.dumps(row.data) and key_of(row.data["secret"]) == "k1"
    old = secret_of(town.accounts["hanli"])
    Authenticator.objects.filter(user=town.accounts["hanli"]).update(data={"secret": old})
    assert totp.TOTP(Authenticator.objects.exclude(pk=row.pk).get()).validate_code(code(old))
    assert jiean("check") == 0 and "1 second factors in clear" in capsys.readouterr().out
    assert jiean("rotate") == 0
    assert sealed_factors() == {"k2": 2} and old not in str(Authenticator.objects.values_list("data", flat=True))
    row.refresh_from_db()
    assert totp.TOTP(row).validate_code(code(secret))


@pytest.mark.django_db
def test_without_the_key_no_code_is_judged_and_the_page_says_so(
    key: Path, town: Town, code: Callable[[str], str]
) -> None:
    secret = secret_of(town.accounts["chenxiao"])
    key.unlink()
    answer = town.browser("chenxiao", proved=False).post("/prove", {"code": code(secret), "purpose": "dispatch"})
    assert answer.status_code == 503 and "110" in answer.content.decode()


@pytest.mark.django_db
def test_an_interrupted_rotation_reads_on_and_is_finished_later(key: Path, town: Town) -> None:
    """The new key stands in the file before the first matter is moved: at no moment is a record unreadable."""
    from jiean.vault.keys import add_wrapping_key  # noqa: PLC0415

    old = with_contact()
    add_wrapping_key(key)
    assert opened(town, old) == TOLD and MatterKey.objects.get().key_id == "k1"
    assert jiean("rewrap") == 0
    assert opened(town, old) == TOLD and MatterKey.objects.get().key_id == "k2"


@pytest.mark.django_db
def test_a_lost_key_shuts_reading_and_both_parts_bring_it_back(key: Path, town: Town, tmp_path: Path) -> None:
    """The drill of docs/production.md."""
    report = with_contact()
    a, b = tmp_path / "a.part", tmp_path / "b.part"
    assert jiean("split", "--part", a, "--part", b) == 0
    key.unlink()
    with pytest.raises(KeyUnavailable):
        opened(town, report)
    with pytest.raises(Invalid):
        with_contact()
    assert jiean("check") == 1
    assert jiean("join", "--part", b, "--part", a) == 0
    assert opened(town, report) == TOLD and key.stat().st_mode & 0o777 == 0o600


def test_a_part_alone_is_noise_and_for_its_keeper_alone(key: Path, tmp_path: Path) -> None:
    a, b = tmp_path / "a.part", tmp_path / "b.part"
    assert jiean("split", "--part", a, "--part", b) == 0
    secret = [base64.b64encode(one).decode() for one in (*station_keys().wrapping.values(), station_keys().lookup)]
    for path in (a, b):
        assert path.stat().st_mode & 0o777 == 0o600
        body = base64.b64decode(json.loads(path.read_text())["body"])
        assert not any(one in path.read_text() or one.encode() in body for one in secret)
    again = [one["body"] for one in parts.split(key.read_bytes())]
    assert {json.loads(path.read_text())["body"] for path in (a, b)}.isdisjoint(again), "a fresh pad every time"


def test_changed_foreign_and_single_parts_are_refused(key: Path, tmp_path: Path) -> None:
    """The plants."""
    paths = {name: tmp_path / name for name in ("a", "b", "c", "d", "changed", "forged", "stray")}
    for first, second in (("a", "b"), ("c", "d")):
        assert jiean("split", "--part", paths[first], "--part", paths[second]) == 0
    whole = paths["a"].read_text()
    paths["changed"].write_text(whole.replace('"part": 1', '"part": 2'))
    forged = json.loads(whole) | {"body": base64.b64encode(bytes(len(key.read_bytes()))).decode()}
    paths["forged"].write_text(json.dumps(forged | {"check": parts._check(forged)}))
    paths["stray"].write_text("{}")
    for one, other in (("a", "a"), ("a", "d"), ("changed", "a"), ("forged", "b"), ("stray", "b"), ("b", "missing")):
        with pytest.raises(BadPart):
            parts.join([paths.get(one, tmp_path / one), paths.get(other, tmp_path / other)])
    assert parts.join([paths["a"], paths["b"]]) == parts.join([paths["d"], paths["c"]]) == key.read_bytes()
    assert jiean("split", "--part", paths["a"]) == 2


def test_nothing_that_is_there_is_ever_replaced(key: Path, tmp_path: Path) -> None:
    a, b = tmp_path / "a.part", tmp_path / "b.part"
    assert jiean("split", "--part", a, "--part", b) == 0
    before = key.read_bytes(), a.read_bytes(), b.read_bytes()
    assert jiean("join", "--part", a, "--part", b) == 1
    assert jiean("split", "--part", a, "--part", b) == 1
    assert (key.read_bytes(), a.read_bytes(), b.read_bytes()) == before


@pytest.mark.django_db
def test_a_file_others_can_read_is_refused(key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key.chmod(0o640)
    for deed in (["check"], ["rotate"], ["split", "--part", tmp_path / "a", "--part", tmp_path / "b"]):
        assert jiean(*deed) == 1
    assert "readable by its owner alone" in capsys.readouterr().out
    assert not (tmp_path / "a").exists() and json.loads(key.read_text())["current"] == "k1"
