"""The audit chain: every planted change is found and named, and the application may only insert."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from jiean.config.database import give_rights
from jiean.kernel import audit
from jiean.kernel.actor import Actor, Role
from jiean.kernel.live import conninfo
from jiean.kernel.models import AuditEntry, AuditLink
from tests.house.test_command import write_note
from tests.patience import eventually

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.trust]
DISPATCHER = Actor(Role.DISPATCHER, account_id=1)


@pytest.fixture
def forger() -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """Somebody with the server's own rights, past every guard of ours."""
    with psycopg.connect(conninfo(), autocommit=True) as db:
        db.execute("SET session_replication_role = replica")  # triggers sleep
        yield db


def write(count: int = 6) -> list[int]:
    for number in range(count):
        write_note(DISPATCHER, words=f"line {number}")
    return list(AuditEntry.objects.order_by("id").values_list("id", flat=True))


def sealed(count: int) -> audit.Verdict:
    """The verdict once every entry has its link."""

    def all_linked() -> bool:
        audit.seal()  # what an older transaction of the server holds back is linked by a later call
        return AuditLink.objects.count() >= count

    eventually(all_linked)
    return audit.verify()


def test_a_sound_chain_is_sound_and_counts_every_entry() -> None:
    ids = write()
    verdict = sealed(len(ids))
    assert verdict.sound
    assert verdict.links == len(ids)
    assert len(verdict.head) == 64


@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE kernel_auditentry SET role = 'CMD' WHERE id = %s",
        "UPDATE kernel_auditentry SET at = at + interval '1 microsecond' WHERE id = %s",
        'UPDATE kernel_auditentry SET details = \'{"words": "x"}\' WHERE id = %s',
        "UPDATE kernel_auditentry SET account_id = NULL WHERE id = %s",
        "DELETE FROM kernel_auditentry WHERE id = %s",
        "UPDATE kernel_auditlink SET digest = repeat('a', 64) WHERE entry_id = %s",
    ],
)
def test_a_forged_entry_is_named(forger: psycopg.Connection[tuple[object, ...]], forgery: str) -> None:
    ids = write()
    assert sealed(len(ids)).sound
    forger.execute(forgery, [ids[2]])
    verdict = audit.verify()
    assert verdict.bad_entry_id == ids[2]
    assert verdict.links == 2


def test_two_entries_changed_for_each_other_are_found(forger: psycopg.Connection[tuple[object, ...]]) -> None:
    ids = write()
    sealed(len(ids))
    forger.execute("UPDATE kernel_auditlink SET entry_id = -entry_id WHERE entry_id = ANY(%s)", [ids[1:3]])
    forger.execute("UPDATE kernel_auditlink SET entry_id = %s WHERE entry_id = %s", [ids[2], -ids[1]])
    forger.execute("UPDATE kernel_auditlink SET entry_id = %s WHERE entry_id = %s", [ids[1], -ids[2]])
    assert audit.verify().bad_entry_id == ids[2]


def test_an_entry_slipped_in_is_found(forger: psycopg.Connection[tuple[object, ...]]) -> None:
    sealed(len(write()))
    forger.execute(
        "INSERT INTO kernel_auditentry (txid, at, action, outcome, role, device, subject_kind, purpose, details)"
        " SELECT txid, at, action, outcome, role, device, subject_kind, purpose, details FROM kernel_auditentry ORDER BY id LIMIT 1"
    )
    verdict = audit.verify()
    assert not verdict.sound
    assert verdict.reason == "the entry was slipped in"


def test_entries_of_a_running_transaction_wait_for_their_turn() -> None:
    with psycopg.connect(conninfo()) as slow:
        slow.execute("SELECT pg_current_xact_id()")
        write(2)
        assert audit.seal() == 0
        slow.rollback()
    assert sealed(2).links == 2


def test_nobody_changes_an_entry_while_the_guards_are_awake() -> None:
    write(1)
    for statement in (
        "UPDATE kernel_auditentry SET role = 'CMD'",
        "DELETE FROM kernel_auditentry",
        "TRUNCATE kernel_auditlink",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), psycopg.connect(conninfo()) as db:
            db.execute(statement)
    assert AuditLink.objects.count() == 0
    assert AuditEntry.objects.get().role == "DSP"


def test_the_applications_role_may_only_insert_and_read() -> None:
    name = f"app_{settings.DATABASES['default']['TEST']['NAME']}_{connection.settings_dict['NAME']}"[:60]
    with psycopg.connect(conninfo(), autocommit=True) as owner:
        owner.execute(f'CREATE ROLE "{name}"')
        try:
            _give_rights(name)
            row = owner.execute(
                "SELECT "
                + ", ".join(f"has_table_privilege('{name}', 'kernel_auditentry', '{right}')" for right in _RIGHTS)
            ).fetchone()
            other = owner.execute(f"SELECT has_table_privilege('{name}', 'kernel_transition', 'UPDATE')").fetchone()
        finally:
            owner.execute(f'DROP OWNED BY "{name}"; DROP ROLE "{name}"')
    assert row == (True, True, False, False, False)
    assert other == (True,)


_RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")


def _give_rights(role: str) -> None:
    parameters = connection.get_connection_params()
    host = parameters.get("host", "")
    give_rights(f"postgresql://{parameters.get('user', '')}@/{parameters['dbname']}?host={host}", role, "public")
