"""The vault opens for a purpose, in a matter the actor holds, and is silent otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from jiean.kernel.actor import Actor, Role
from jiean.kernel.errors import Forbidden, Invalid, NotFound
from jiean.kernel.models import AuditEntry
from jiean.vault import access, keys
from jiean.vault.commands import erase_matter, look_up, open_record, rewrap_keys, seal
from jiean.vault.crypto import Tampered
from jiean.vault.keys import KeyUnavailable
from jiean.vault.models import Kind, MatterKey, MatterKind, Purpose, SealedRecord
from jiean.vault.queries import masked
from tests.town import SYSTEM, Town

CALLER = {"name": "张三丰", "phone": "13800001234", "address": "新街路 1 号 3 单元 502"}
HAZARD = MatterKind.HAZARD  # no room registers it, so these tests may


@pytest.fixture(autouse=True)
def market_officer_holds_matter_7(town: Town) -> Iterator[None]:
    holder = town.accounts["wangxm"].pk
    access.register_matter(HAZARD, lambda actor, matter_id: actor.account_id == holder and matter_id == 7)
    yield
    del access._MATTERS[HAZARD]


def sealed(matter_id: int = 7, **fields: str) -> int:
    return seal(SYSTEM, HAZARD, matter_id, Kind.REPORTER, fields or CALLER)


def opened(actor: Actor, record_id: int, purpose: Purpose = Purpose.INSPECTION, matter_id: int = 7) -> dict[str, str]:
    return open_record(actor, record_id, purpose=purpose, matter_kind=HAZARD, matter_id=matter_id)


def test_what_is_sealed_is_read_by_its_holder(town: Town) -> None:
    record_id = sealed()
    assert opened(town.market_officer, record_id) == CALLER
    look = AuditEntry.objects.get(action="vault.open_record")
    assert (look.purpose, look.outcome, look.account_id) == ("inspection", "done", town.accounts["wangxm"].pk)
    assert "13800001234" not in str(AuditEntry.objects.values_list("details", flat=True))


def test_nothing_stands_in_clear_in_the_tables(town: Town) -> None:
    sealed()
    with connection.cursor() as cursor:
        for table in ("vault_sealedrecord", "vault_matterkey", "kernel_auditentry", "kernel_event"):
            cursor.execute(f"SELECT string_agg(t::text, ' ') FROM {table} t")
            words = cursor.fetchone()[0] or ""
            for secret in ("张三丰", "13800001234", "3 单元", b"13800001234".hex(), "张三丰".encode().hex()):
                assert secret not in words, table


def test_strangers_other_purposes_and_other_matters_get_nothing(town: Town) -> None:
    record_id, other = sealed(), sealed(matter_id=8)
    with pytest.raises(NotFound):
        opened(town.school_officer, record_id)
    with pytest.raises(NotFound):
        opened(town.market_officer, other)
    with pytest.raises(NotFound):
        opened(town.market_officer, other, matter_id=8)
    with pytest.raises(Forbidden):
        opened(town.market_officer, record_id, Purpose.AUDIT)
    for actor in (town.admin, town.newcomer(Role.AUDITOR), Actor.public()):
        with pytest.raises(Forbidden):
            opened(actor, record_id)
    refused = AuditEntry.objects.filter(action="vault.open_record", outcome="refused")
    assert refused.count() == 7


def test_masks_show_little(town: Town) -> None:
    record_id = sealed(
        name="张三丰", phone="13800001234", address="新街路一号三单元五〇二", id_number="33010919900101123X"
    )
    assert masked([record_id, None]) == {
        record_id: {"name": "张**", "phone": "138****1234", "address": "新街路一号三…", "id_number": "*" * 18}
    }
    assert masked([]) == {}
    assert masked([sealed(phone="110", name="王")]).popitem()[1] == {"phone": "****", "name": "*"}


def test_exact_look_up_stays_within_one_kind(town: Town) -> None:
    first, second = sealed(), sealed(matter_id=8, phone="138-0000 1234")
    as_party = seal(SYSTEM, HAZARD, 9, Kind.PARTY, CALLER)
    found = look_up(town.dispatcher, Kind.REPORTER, "phone", "13800001234")
    assert {one.record_id for one in found} == {first, second}
    assert found[0].masked["phone"].startswith("138")
    digests = {row.pk: set(row.digests) for row in SealedRecord.objects.all()}
    assert digests[first].isdisjoint(digests[as_party]), "two roles of one human share no key"
    assert look_up(town.dispatcher, Kind.REPORTER, "name", "张三丰") == []
    assert look_up(town.dispatcher, Kind.REPORTER, "phone", "1380000") == []
    with pytest.raises(Forbidden):
        look_up(town.mediator, Kind.REPORTER, "phone", "13800001234")


def test_records_of_one_matter_share_its_key_and_no_other(town: Town) -> None:
    sealed(), sealed(name="李四"), sealed(matter_id=8)
    assert MatterKey.objects.count() == 2
    wrapped = [bytes(key.wrapped) for key in MatterKey.objects.all()]
    assert wrapped[0] != wrapped[1]


def test_a_record_moved_to_another_matter_does_not_open(town: Town) -> None:
    record_id = sealed(matter_id=8)
    sealed()
    own = MatterKey.objects.get(matter_id=7)
    SealedRecord.objects.filter(pk=record_id).update(matter_id=7, matter_key=own)
    with pytest.raises(Tampered):
        opened(town.market_officer, record_id)


def test_erasing_a_matter_destroys_key_and_rows(town: Town) -> None:
    record_id, other = sealed(), sealed(matter_id=8)
    with pytest.raises(Forbidden):
        erase_matter(town.commander, HAZARD, 7)
    assert erase_matter(SYSTEM, HAZARD, 7) == 1
    assert list(SealedRecord.objects.values_list("pk", flat=True)) == [other]
    assert list(MatterKey.objects.values_list("matter_id", flat=True)) == [8]
    with pytest.raises(NotFound):
        opened(town.market_officer, record_id)


def test_keys_are_rotated_and_old_records_still_open(town: Town, key_file: Path) -> None:
    record_id = sealed()
    assert keys.add_wrapping_key(key_file) == "k2"
    assert opened(town.market_officer, record_id) == CALLER
    sealed(matter_id=8)
    assert sorted(MatterKey.objects.values_list("key_id", flat=True)) == ["k1", "k2"]
    assert rewrap_keys(SYSTEM) == 1
    assert set(MatterKey.objects.values_list("key_id", flat=True)) == {"k2"}
    assert opened(town.market_officer, record_id) == CALLER
    with pytest.raises(Forbidden):
        rewrap_keys(town.admin)


@pytest.fixture
def key_file(settings: object, tmp_path: Path) -> Path:
    path = tmp_path / "station.key"
    keys.make_station_keys(path)
    settings.STATION_KEY_FILE = path  # type: ignore[attr-defined]
    return path


def test_the_key_file_must_be_the_owners_alone(town: Town, key_file: Path) -> None:
    sealed()
    assert key_file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        keys.make_station_keys(key_file)
    key_file.chmod(0o640)
    with pytest.raises(KeyUnavailable, match="chmod 600"):
        keys.station_keys()
    with pytest.raises(Invalid):
        sealed()
    key_file.chmod(0o600)
    key_file.write_text("{}")
    with pytest.raises(KeyUnavailable, match="not a key file"):
        keys.station_keys()
    with pytest.raises(Invalid):
        sealed()
    key_file.unlink()
    with pytest.raises(KeyUnavailable, match="cannot be read"):
        keys.station_keys()
    with pytest.raises(Invalid):
        sealed()
    assert "lookup" not in repr(keys.StationKeys("k1", {}, b""))


def test_a_changed_mask_or_unknown_field_is_refused(town: Town) -> None:
    with pytest.raises(Invalid):
        sealed(ethnicity="x")
    with pytest.raises(Invalid):
        sealed(name="  ")
    with pytest.raises(Invalid):
        sealed(name="长" * 501)
