"""T-AUTH: stolen cookies, two places, both ends of a session, a closed account, and who can be locked out by guessing."""

from __future__ import annotations

import datetime as dt
import os
import secrets
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from jiean.kernel import clocks
from jiean.kernel.actor import Role
from jiean.kernel.models import AuditEntry
from jiean.people import sessions, sittings
from jiean.people.commands import close_account, end_sittings
from jiean.people.models import Account, Sitting
from jiean.people.sessions import actors_of
from jiean.people.store import IDLE, LASTS
from tests.intake.scenes import with_contact
from tests.town import MARKET_AT, PASSWORD, Town, prove

pytestmark = [pytest.mark.trust, pytest.mark.django_db]
DESK = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{} Safari/537.36"
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0 Mobile Safari/537.36"
GUESSES = int(os.environ.get("JIEAN_GUESSES", "120"))


def browser(agent: str = DESK.format("129.0"), address: str = "10.1.2.3") -> Client:
    return Client(headers={"accept-language": "zh-hans", "user-agent": agent}, REMOTE_ADDR=address)


def sign_in(client: Client, username: str = "wangxm", password: str = PASSWORD) -> Client:
    client.post("/accounts/login/", {"login": username, "password": password})
    return client


def carried(client: Client, other: Client) -> Client:
    """The other browser with the first one's cookies, as a thief has them."""
    for name, morsel in client.cookies.items():
        other.cookies[name] = morsel.value
    return other


def is_in(client: Client, path: str = "/my") -> bool:
    return client.get(path).status_code == 200


def told(client: Client) -> list[str]:
    return [row.terminal for row in Sitting.objects.filter(session_key=client.cookies["sessionid"].value)]


def test_a_cookie_on_another_terminal_ends_the_session_for_both(town: Town) -> None:
    mine = sign_in(browser())
    assert is_in(mine) and told(mine) == ["Windows Chrome"]
    assert is_in(carried(mine, browser(DESK.format("130.0")))), "a browser that was renewed is the same one"
    for thief in (PHONE, "curl/8.5.0", "", DESK.format("129.0").replace("Windows NT 10.0; Win64; x64", "X11; Linux")):
        mine = sign_in(browser())
        stolen = carried(mine, browser(thief))
        assert stolen.get("/my").status_code == 302 and not is_in(mine), thief
        assert not is_in(stolen, "/accounts/2fa/"), "nor do the library's own pages know it"
    assert AuditEntry.objects.filter(action="people.session_ended").count() == 4


def test_without_the_guard_the_stolen_cookie_works(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plant."""
    mine = sign_in(browser())
    monkeypatch.setattr(sessions, "keep_in_hand", lambda _request: True)
    assert is_in(carried(mine, browser(PHONE)))


def test_on_another_network_what_was_proved_counts_no_more(town: Town) -> None:
    report = with_contact(at=MARKET_AT)
    mine = sign_in(browser(PHONE))
    mine.get("/my")
    prove(mine, Role.OFFICER)
    contact = f"/desk/{report.pk}/contact"
    assert mine.post(contact, {"purpose": "dispatch"}).status_code == 200
    neighbour = carried(mine, browser(PHONE, "10.1.2.77"))
    assert neighbour.post(contact, {"purpose": "dispatch"}).status_code == 200, "the same network"
    away = carried(mine, browser(PHONE, "172.16.0.9"))
    assert is_in(away) and not proved(away)
    assert is_in(mine) and not proved(mine), "nor back on the first one"
    assert AuditEntry.objects.filter(action="people.network_changed").count() == 2


def proved(client: Client) -> bool:
    return sessions.proved_at(client.session) is not None


def test_every_place_is_listed_told_of_and_few(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = sign_in(browser()), sign_in(browser(PHONE))
    words = "刚在另一处登录"
    assert words in first.get("/role?stay=1").content.decode()
    assert words not in first.get("/role?stay=1").content.decode(), "once"
    assert words not in second.get("/role?stay=1").content.decode()
    page = second.get("/sittings").content.decode()
    assert "Windows Chrome" in page and "Android Chrome" in page and page.count("chip-busy") == 1
    others = [sign_in(browser(PHONE)) for _number in range(sittings.PLACES - 1)]
    assert [is_in(one) for one in (first, second, *others)] == [False] + [True] * sittings.PLACES
    assert second.post("/sittings", {"others": "1"}).status_code == 302
    assert [is_in(one) for one in (second, *others)] == [True] + [False] * len(others)
    assert second.post("/sittings", {})["Location"].startswith("/accounts/login")
    assert not is_in(second) and not Sitting.objects.filter(account=town.accounts["wangxm"]).exists()


def test_nobody_ends_anothers_session_but_the_office_all_of_one(town: Town) -> None:
    mine, other = sign_in(browser()), sign_in(browser(), "liwei")
    number = Sitting.objects.get(account=town.accounts["liwei"]).number
    assert end_sittings(town.actor("wangxm"), number=number) == 0
    mine.post("/sittings", {"number": number})
    assert is_in(other)
    page = f"/staff/{town.accounts['liwei'].pk}/end-sittings"
    assert mine.post(page).status_code == 404 and is_in(other)
    town.browser("shenqing").post(page)
    assert not is_in(other) and is_in(mine)


def test_a_session_ends_by_idling_and_in_any_case(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    start = clocks.now()
    at = [start]
    monkeypatch.setattr(clocks, "now", lambda: at[0])
    idle, busy = sign_in(browser()), sign_in(browser(PHONE))
    step = IDLE - dt.timedelta(minutes=6)
    for number in range(1, int(LASTS / step) + 1):
        at[0] = start + number * step
        assert is_in(busy), number
    assert not is_in(idle)
    session = busy.session
    session["purpose"] = ["dispatch", 0.0]
    session.save()  # keeping something makes no session younger
    at[0] = start + LASTS - dt.timedelta(seconds=1)
    assert is_in(busy)
    at[0] = start + LASTS
    assert not is_in(busy) and actors_of([busy.cookies["sessionid"].value]) == {}


def test_a_closed_account_and_a_new_password_end_every_session_at_once(town: Town) -> None:
    places = [sign_in(browser()), sign_in(browser(PHONE))]
    keys = [one.cookies["sessionid"].value for one in places]
    assert len(actors_of(keys)) == 2
    new = "another-orchid-48"
    places[0].post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert [is_in(one) for one in places] == [True, False]
    assert Sitting.objects.filter(account=town.accounts["wangxm"]).count() == 1
    close_account(town.admin, town.accounts["wangxm"].pk)
    assert not is_in(places[0]) and actors_of(keys) == {}
    assert not Sitting.objects.filter(account=town.accounts["wangxm"]).exists()


def test_signing_in_is_written_down(town: Town) -> None:
    sign_in(browser())
    entry = AuditEntry.objects.get(action="people.signed_in")
    assert (entry.subject_id, entry.device) == (town.accounts["wangxm"].pk, "Windows")
    assert "Chrome" not in str(entry.details), "numbers only"


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every password that was looked at; what limits by the minute begins anew."""
    cache.clear()
    looked: list[str] = []
    check = Account.check_password

    def counted(account: Account, password: str) -> bool:
        looked.append(account.username)
        return check(account, password)

    monkeypatch.setattr(Account, "check_password", counted)
    return looked


def guess(client: Client) -> bool:
    """Whether one guess got in."""
    sign_in(client, password=secrets.token_urlsafe(9))
    return "sessionid" in client.cookies and is_in(client)


def test_guesses_never_get_in_and_lock_out_only_the_one_who_guesses(town: Town, judged: list[str]) -> None:
    """From four addresses in turn; ``JIEAN_GUESSES=100000`` makes as many."""
    working = sign_in(browser(address="10.9.9.9"))
    thieves = [browser(address=f"192.0.2.{number}") for number in range(1, 5)]
    judged.clear()
    assert sum(guess(thieves[number % len(thieves)]) for number in range(GUESSES)) == 0
    assert 0 < len(judged) <= len(thieves) * settings.AXES_FAILURE_LIMIT * (1 + GUESSES // 10_000), (
        "the rest was not judged"
    )
    assert not is_in(sign_in(thieves[0])), "whoever guessed waits, even with the right one"
    assert is_in(working) and is_in(sign_in(browser(address="10.9.9.10"))), "the one who was guessed at works on"
    for told_by in (working, thieves[0]):
        sent = told_by.post("/report", {"text": "水管爆了", "place_words": "三号楼", "key": secrets.token_hex(8)})
        assert sent.status_code == 302, "intake asks for no sign-in"


def test_without_the_locks_every_guess_is_judged(town: Town, judged: list[str], settings: Any) -> None:
    """The plant; and the one the library brings: a lock by name alone keeps the officer out."""
    settings.AXES_ENABLED, settings.ACCOUNT_RATE_LIMITS = False, False
    thief = browser(address="192.0.2.1")
    assert not any(guess(thief) for _number in range(12)) and len(judged) == 12
    settings.AXES_ENABLED, settings.ACCOUNT_RATE_LIMITS = True, {"login_failed": "5/300s/key"}
    assert not any(guess(thief) for _number in range(5))
    assert not is_in(sign_in(browser(address="10.9.9.10")))


def test_behind_a_proxy_each_caller_is_one_of_their_own(town: Town, judged: list[str], settings: Any) -> None:
    settings.PROXIES = 1

    def through(caller: str) -> Client:
        client = browser(address="10.0.0.1")
        client.defaults["HTTP_X_FORWARDED_FOR"] = f"10.9.9.10, {caller}"  # what the caller says stands before
        return client

    thief = through("192.0.2.1")
    assert not any(guess(thief) for _number in range(9))
    assert is_in(sign_in(through("10.9.9.10"))) and not is_in(sign_in(thief))
    assert Sitting.objects.get().network == "10.9.9.0/24"
    settings.PROXIES = 0
    assert is_in(sign_in(through("10.9.9.12")))
    assert Sitting.objects.filter(network="10.0.0.0/24").exists(), "without a proxy nobody's word is taken"
