"""T-AUTH: number and code of a report are not found by trying, and nobody but the one who tries waits for it."""

from __future__ import annotations

import itertools
import os
import secrets
from typing import Any

import pytest
from django.test import Client

from jiean.disputes.tracking import code_of as party_code
from jiean.intake import tracking
from jiean.intake.tracking import ALPHABET, LENGTH, code_of
from jiean.kernel import clocks, guesses
from jiean.kernel.models import WrongGuesses
from tests.disputes.scenes import registered
from tests.intake.scenes import reported
from tests.town import Town

pytestmark = [pytest.mark.django_db, pytest.mark.trust]
GUESSES = int(os.environ.get("JIEAN_GUESSES", "200"))
THIEVES = 4


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every code that was looked at."""
    looked: list[str] = []
    fits = tracking.fits

    def counted(number: str, code: str) -> bool:
        looked.append(code)
        return fits(number, code)

    monkeypatch.setattr(tracking, "fits", counted)
    return looked


def at(address: str) -> Client:
    return Client(REMOTE_ADDR=address)


def tries(client: Client, number: str, code: str, door: int) -> int:
    """One guess at one of the three doors; the status it is answered with."""
    if door == 0:
        return client.get(f"/api/v1/reports/{number}", headers={"X-Tracking-Code": code}).status_code
    if door == 1:
        return client.get(f"/track/{number}", {"code": code}).status_code
    return client.post("/track", {"number": number, "code": code}).status_code


def test_guesses_at_a_code_stop_and_hold_up_only_the_one_who_guesses(town: Town, judged: list[str]) -> None:
    """From four addresses in turn, at every door; ``JIEAN_GUESSES=100000`` makes as many."""
    number = reported().number
    thieves = itertools.cycle(at(f"192.0.2.{host}") for host in range(1, THIEVES + 1))
    spans = 1 + GUESSES // 10_000  # a long run outlasts a quarter of an hour
    for made in range(GUESSES):
        code = "".join(secrets.choice(ALPHABET) for _sign in range(LENGTH))
        assert tries(next(thieves), number, code, made // THIEVES % 3) in (404, 422, 429)
    assert 0 < len(judged) <= THIEVES * guesses.MOST_WRONG * 2 * spans, "the rest was not looked at"
    thief, reporter = at("192.0.2.1"), at("192.0.2.77")
    assert [tries(thief, number, code_of(number), door) for door in range(3)] == [429] * 3
    assert [tries(reporter, number, code_of(number), door) for door in range(3)] == [200, 302, 302]
    sent = thief.post("/report", {"text": "水管爆了", "place_words": "三号楼", "key": secrets.token_hex(8)})
    assert sent.status_code == 302, "a report is taken all the same"


def test_without_the_limit_every_guess_is_looked_at(
    town: Town, judged: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guesses, "MOST_WRONG", 10**9)
    number, thief = reported().number, at("192.0.2.1")
    for _guess in range(60):
        tries(thief, number, "AAAAAAAA", 0)
    assert len(judged) == 60


def at_partys_door(client: Client, number: str, code: str) -> int:
    return client.post("/dispute", {"number": number, "code": code}).status_code


def test_a_partys_code_is_held_like_a_reporters_and_all_processes_count_together(town: Town) -> None:
    """What another web process counted stands in the database; nothing about a caller is remembered in this one."""
    dispute = registered(town.actor("wangxm"))
    right = party_code(dispute.number, dispute.parties.first().pk)
    thief, reporter = at("192.0.2.1"), at("192.0.2.77")
    assert at_partys_door(thief, dispute.number, right) == 302
    assert [at_partys_door(thief, dispute.number, "AAAAAAAA") for _guess in range(guesses.MOST_WRONG)] == [422] * 20
    assert at_partys_door(thief, dispute.number, right) == 429
    assert tries(thief, reported().number, "AAAAAAAA", 0) == 429, "one count for every door"
    assert at_partys_door(reporter, dispute.number, right) == 302
    counted = WrongGuesses.objects.get()
    assert counted.wrong == guesses.MOST_WRONG and "192.0.2" not in counted.caller
    WrongGuesses.objects.all().delete()
    assert at_partys_door(thief, dispute.number, right) == 302


def test_a_caller_of_ipv6_is_a_network_and_counts_end(town: Town, settings: Any) -> None:
    number = reported().number
    for host in range(guesses.MOST_WRONG):
        tries(at(f"2001:db8:1:2::{host:x}"), number, "AAAAAAAA", 0)
    right = code_of(number)
    assert [tries(at(f"2001:db8:1:{net}::9"), number, right, 0) for net in (2, 3)] == [429, 200]
    assert guesses.forget() == 0
    WrongGuesses.objects.update(began_at=clocks.now() - guesses.SPAN)
    assert tries(at("2001:db8:1:2::9"), number, right, 0) == 200
    assert guesses.forget() == 1 and not WrongGuesses.objects.exists()
