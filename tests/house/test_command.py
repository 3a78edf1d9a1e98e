"""How a deed runs: leave, one transaction, idempotency, audit, news. The deeds here are made for the test, over a kernel table."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from jiean.kernel import clocks
from jiean.kernel.access import admit, everywhere, fetch, grant, visible
from jiean.kernel.actor import Actor, Role
from jiean.kernel.command import LeaveNotAsked, command
from jiean.kernel.errors import Conflict, Forbidden, IllegalMove, Invalid, NotFound, Refusal
from jiean.kernel.events import ALL, Audience, Event, announce, reaction
from jiean.kernel.models import AuditEntry, Transition
from jiean.kernel.models import Event as EventRow
from tests.worker import run_jobs

pytestmark = pytest.mark.django_db


class Can(StrEnum):
    SEE = "sample.see_note"
    WRITE = "sample.write_note"


def _own(actor: Actor) -> Q:
    return Q(account_id=actor.account_id)


grant({Can.SEE: {Role.DISPATCHER: everywhere, Role.OFFICER: _own}})
grant({Can.WRITE: {Role.DISPATCHER: everywhere, Role.OFFICER: _own}})

HEARD: list[int] = []


@dataclass(frozen=True)
class NoteWritten(Event):
    note_id: int
    AUDIENCE: ClassVar[Audience] = {Role.DISPATCHER: ALL}


@reaction(NoteWritten)
def hear(event: NoteWritten) -> None:
    HEARD.append(event.note_id)


def _line(actor: Actor, words: str, owner: int | None) -> Transition:
    return Transition.objects.create(
        kind="sample", subject_id=1, to_state="x", at=clocks.now(), role=actor.role, account_id=owner, reason=words
    )


@command
def write_note(actor: Actor, *, words: str, for_account: int | None = None) -> Transition:
    if words == "bad":
        raise Invalid(words="bad")
    row = _line(actor, words, for_account or actor.account_id)
    admit(Can.WRITE, actor, row)
    announce(NoteWritten(row.pk))
    return row


@command
def change_note(actor: Actor, note_id: int) -> Transition:
    return fetch(Can.WRITE, actor, Transition, note_id)


@command
def careless(actor: Actor) -> None:
    _line(actor, "", None)


@command
def write_two(actor: Actor, *, second: str) -> Transition:
    write_note(actor, words="first")
    return write_note(actor, words=second)


@command
def disguise(actor: Actor) -> Transition:
    return write_note(OFFICER, words="x")


DISPATCHER = Actor(Role.DISPATCHER, account_id=1)
OFFICER = Actor(Role.OFFICER, account_id=2)
VOLUNTEER = Actor(Role.VOLUNTEER, account_id=3)


@pytest.fixture(autouse=True)
def _silence() -> None:
    HEARD.clear()


def test_a_deed_changes_tells_and_leaves_one_audit_entry_without_words() -> None:
    row = write_note(DISPATCHER, words="secret words")
    entry = AuditEntry.objects.get()
    assert (entry.subject_id, entry.role, entry.outcome) == (row.pk, "DSP", "done")
    assert entry.action.endswith(".write_note")
    assert entry.details == {"words": "…"}
    event = EventRow.objects.get()
    assert event.name.endswith(".NoteWritten")
    assert event.subject_id == row.pk


def test_a_reaction_counts_once_however_often_its_job_runs() -> None:
    row = write_note(DISPATCHER, words="a")
    assert run_jobs() == 1
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'todo'")
    assert run_jobs() == 1
    assert [row.pk] == HEARD


def test_a_refused_creation_leaves_nothing_but_the_refusal() -> None:
    with pytest.raises(Forbidden):
        write_note(OFFICER, words="a", for_account=99)
    assert not Transition.objects.exists()
    assert not EventRow.objects.exists()
    entry = AuditEntry.objects.get()
    assert (entry.outcome, entry.details["refused"]) == ("refused", "forbidden")


def test_list_row_and_new_row_follow_the_same_scope() -> None:
    mine = write_note(OFFICER, words="mine")
    other = write_note(DISPATCHER, words="other")
    assert [row.pk for row in visible(Can.SEE, OFFICER, Transition)] == [mine.pk]
    assert change_note(OFFICER, mine.pk).pk == mine.pk
    with pytest.raises(NotFound):
        change_note(OFFICER, other.pk)
    assert not visible(Can.SEE, VOLUNTEER, Transition).exists()
    with pytest.raises(NotFound):
        change_note(VOLUNTEER, mine.pk)
    with pytest.raises(Forbidden):
        write_note(VOLUNTEER, words="no")


@pytest.mark.parametrize("strange", ["x", None, -1, 2**70, 1.5j])
def test_a_strange_id_is_not_found(strange: object) -> None:
    with pytest.raises(NotFound):
        change_note(DISPATCHER, strange)  # type: ignore[arg-type]


def test_a_deed_that_asks_no_leave_is_taken_back() -> None:
    with pytest.raises(LeaveNotAsked):
        careless(DISPATCHER)
    assert not Transition.objects.exists()


def test_an_inner_deed_joins_the_transaction_and_the_audit() -> None:
    write_two(DISPATCHER, second="b")
    done = [entry.action.rpartition(".")[2] for entry in AuditEntry.objects.order_by("id")]
    assert done == ["write_note", "write_note", "write_two"]
    with pytest.raises(Invalid):
        write_two(DISPATCHER, second="bad")
    assert Transition.objects.count() == 2


def test_the_same_key_and_body_give_the_same_answer_once() -> None:
    first = write_note.keyed("k1")(DISPATCHER, words="a")
    again = write_note.keyed("k1")(DISPATCHER, words="a")
    assert again.pk == first.pk
    assert Transition.objects.count() == 1
    assert EventRow.objects.count() == 1


def test_the_same_key_with_another_body_is_a_conflict() -> None:
    write_note.keyed("k1")(DISPATCHER, words="a")
    with pytest.raises(Conflict):
        write_note.keyed("k1")(DISPATCHER, words="b")


@command
def write_once(actor: Actor, *, subject_id: int) -> Transition:
    """Refused the second time, in one of three ways, as deeds are whose matter has moved on."""
    if Transition.objects.filter(subject_id=subject_id).exists():
        refusals: dict[int, type[Refusal]] = {1: NotFound, 2: IllegalMove}
        if subject_id in refusals:
            raise refusals[subject_id]
    row = Transition.objects.create(
        pk=900 + subject_id, kind="sample", subject_id=subject_id, to_state="x", at=clocks.now(), role=actor.role,
        account_id=actor.account_id,
    )  # fmt: skip
    return admit(Can.WRITE, actor, row)


@pytest.mark.parametrize("subject_id", [1, 2, 3])
def test_a_deed_that_comes_again_gets_its_answer_though_it_would_be_refused_now(subject_id: int) -> None:
    first = write_once.keyed("k1")(DISPATCHER, subject_id=subject_id)
    entries = AuditEntry.objects.count()
    assert write_once.keyed("k1")(DISPATCHER, subject_id=subject_id).pk == first.pk
    assert AuditEntry.objects.count() == entries, "coming again is no refusal"
    with pytest.raises(Conflict):
        write_once.keyed("k1")(DISPATCHER, subject_id=subject_id + 10)
    with pytest.raises((NotFound, IllegalMove, IntegrityError)), transaction.atomic():
        write_once.keyed("k2")(DISPATCHER, subject_id=subject_id)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_under_one_key_are_one_deed() -> None:
    begin, answers = threading.Barrier(4), list[int]()

    def tap() -> None:
        begin.wait()
        answers.append(write_note.keyed("k1")(DISPATCHER, words="a").pk)
        connection.close()

    taps = [threading.Thread(target=tap) for _ in range(4)]
    for one in taps:
        one.start()
    for one in taps:
        one.join()
    assert len(answers) == 4 and len(set(answers)) == 1
    assert [row.pk for row in Transition.objects.all()] == answers[:1]
    assert EventRow.objects.count() == 1


def test_a_deed_under_a_key_asks_nothing_first() -> None:
    with CaptureQueriesContext(connection) as statements:
        write_note.keyed("k1")(DISPATCHER, words="a")
    told = [one["sql"] for one in statements if "SAVEPOINT" not in one["sql"]]
    assert "kernel_transition" in told[0] and "kernel_idempotencykey" in told[-2]


def test_keys_of_two_people_do_not_meet() -> None:
    first = write_note.keyed("k1")(DISPATCHER, words="a")
    second = write_note.keyed("k1")(OFFICER, words="a")
    assert first.pk != second.pk


def test_a_refused_deed_does_not_use_up_its_key() -> None:
    with pytest.raises(Invalid):
        write_note.keyed("k1")(DISPATCHER, words="bad")
    assert write_note.keyed("k1")(DISPATCHER, words="good").pk


@pytest.mark.parametrize("key", ["x" * 81, "a\nb"])
def test_a_malformed_key_is_refused(key: str) -> None:
    with pytest.raises(Invalid):
        write_note.keyed(key)(DISPATCHER, words="a")


def test_inner_deeds_may_not_change_the_actor() -> None:
    with pytest.raises(RuntimeError, match="another actor"):
        disguise(DISPATCHER)
