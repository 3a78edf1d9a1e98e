"""Passwords and second factors: what may be one, who may change one, how long one given out lasts, what is kept of them."""

from __future__ import annotations

import datetime as dt
import runpy
from dataclasses import replace
from typing import Any

import pytest
from allauth.mfa import app_settings as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.core.cache.backends import locmem
from django.test import Client

from jiean.config import office
from jiean.kernel import clocks
from jiean.kernel.actor import Role
from jiean.kernel.errors import Forbidden, Invalid, NotFound, ProveYourself
from jiean.kernel.models import AuditEntry
from jiean.people.clocks import forget_remembered
from jiean.people.commands import issue_password, lift_factors
from jiean.people.models import ISSUED_LASTS, Remembered, Sitting
from tests.house.plan import SOURCE
from tests.town import PASSWORD, Town, prove
from tests.trust.factors import secret_of
from tests.trust.test_sittings import browser, is_in, sign_in

ABOUT = r"people\.(sign|factor|password)"
pytestmark = [pytest.mark.trust, pytest.mark.django_db]
CHANGE = "/accounts/password/change/"


@pytest.fixture(autouse=True)
def nobody_guessed_before() -> None:
    """What limits by the minute begins anew."""
    cache.clear()


def change(client: Client, new: str, old: str = PASSWORD) -> bool:
    """Whether a change of one's password was taken."""
    return client.post(CHANGE, {"oldpassword": old, "password1": new, "password2": new}).status_code == 302


def actions() -> list[str]:
    """What the audit holds of coming, going and proving, in order."""
    return list(AuditEntry.objects.filter(action__regex=ABOUT).order_by("pk").values_list("action", flat=True))


@pytest.mark.parametrize("weak", [
    "kurz-7-x", "1234567890", "password12", "Password2024!", "p@ssw0rd!!", "qwertyuiop", "monkeymonkey", "woaini1314520",
    "wangxm-2024", "jiean-mo-li", "Paichusuo-88x", "新街派出所第一个", "皆安演示派出所2026", "13800001234",
])  # fmt: skip
def test_weak_passwords_are_refused(town: Town, weak: str) -> None:
    town.accounts["wangxm"].phone = "13800001234"
    town.accounts["wangxm"].save()
    mine = sign_in(browser())
    assert not change(mine, weak) and is_in(sign_in(browser()))


@pytest.mark.parametrize(
    "good", ["绿豆汤和晾衣架都在楼顶上", "kiwi lantern ferry", "  two blanks before ", "Ünï-côdé-şifre", "zig" * 40]
)
def test_any_signs_and_lengths_are_taken_as_typed(town: Town, good: str) -> None:
    assert change(sign_in(browser()), good)
    assert is_in(sign_in(browser(), password=good))
    for other in (good.strip() if good != good.strip() else good[:-1], good.swapcase() if good.isascii() else good[1:]):
        assert not is_in(sign_in(browser(), password=other)), repr(other)


def test_a_change_wants_the_old_one_and_nobody_is_made_to_change(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = sign_in(browser())
    assert not change(mine, "kiwi lantern ferry", old="not-the-old-one") and change(mine, "kiwi lantern ferry")
    start = clocks.now()
    monkeypatch.setattr(clocks, "now", lambda: start + dt.timedelta(days=800))
    assert is_in(sign_in(browser(), password="kiwi lantern ferry"))


def test_fields_are_masked_and_known_to_password_managers(town: Town) -> None:
    for page, names in (("/accounts/login/", ["current-password"]), (CHANGE, ["current-password", "new-password"])):
        shown = sign_in(browser()).get(page) if page == CHANGE else Client().get(page)
        said = shown.content.decode()
        assert all(f'autocomplete="{name}"' in said for name in names)
        assert said.count('type="password"') == (3 if page == CHANGE else 1)
        assert "onpaste" not in said and "readonly" not in said
        assert "/accounts/password/reset" not in said, "nothing leads to a page that is not there"


def test_a_password_given_out_lets_in_only_to_be_changed(town: Town) -> None:
    pk = town.accounts["wangxm"].pk
    given = [town.browser("shenqing").post(f"/staff/{pk}/password").context["password"] for _time in range(3)]
    assert len({*given}) == 3 and all(len(one) >= 12 for one in given)
    mine = sign_in(browser(), password=given[-1])
    assert mine.get("/my").status_code == 403 and mine.get("/api/v1/incidents").status_code == 403
    led = mine.get("/role")
    assert led["Location"] == CHANGE and "先换成您自己的" in mine.get(CHANGE).content.decode()
    assert not change(mine, given[-1], old=given[-1]), "not by itself"
    assert mine.post("/role", {"role": "OFC"})["Location"] == CHANGE
    assert change(mine, "kiwi lantern ferry", old=given[-1]) and is_in(mine)


def test_a_password_given_out_and_not_changed_ends(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    start, given = clocks.now(), issue_password(town.admin, town.accounts["wangxm"].pk)
    monkeypatch.setattr(clocks, "now", lambda: start + ISSUED_LASTS + dt.timedelta(minutes=1))
    late = sign_in(browser(), password=given)
    assert "sessionid" not in late.cookies and late.get("/role").status_code == 302
    monkeypatch.setattr(clocks, "now", lambda: start + ISSUED_LASTS)
    assert sign_in(browser(), password=given).get("/role")["Location"] == CHANGE


def test_a_new_password_leaves_the_second_factor(town: Town) -> None:
    secret_of(town.accounts["wangxm"])
    given = issue_password(town.admin, town.accounts["wangxm"].pk)
    asked = sign_in(browser(), password=given)
    assert "_auth_user_id" not in asked.session and asked.get("/my").status_code == 302


def test_secrets_of_factors_are_long_and_their_codes_short_lived(town: Town) -> None:
    account = town.accounts["wangxm"]
    assert len({totp.generate_totp_secret() for _time in range(50)}) == 50 and len(totp.generate_totp_secret()) == 32
    codes = RecoveryCodes.activate(account)
    told = codes.generate_codes()
    assert len({*told}) == 10 and all(len(code) == 8 for code in told), "26 bits each"
    assert (mfa.TOTP_PERIOD, mfa.TOTP_TOLERANCE) == (30, 0)
    assert codes.validate_code(told[0]) and not codes.validate_code(told[0]), "once"


def test_factors_are_changed_only_after_the_password_and_end_other_sessions(
    town: Town, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    mine, other = sign_in(browser()), sign_in(browser())
    stale = mine.session
    stale["account_authentication_methods"] = [{"method": "password", "at": clocks.now().timestamp() - 3600}]
    stale.save()
    for page in ("/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/"):
        assert "/accounts/reauthenticate/" in mine.get(page)["Location"]
    mine.post("/accounts/reauthenticate/", {"password": PASSWORD})
    secret = mine.get("/accounts/2fa/totp/activate/").context["form"].secret
    monkeypatch.setattr(totp, "yield_hotp_counters_from_time", lambda: iter([57_000_000]))
    assert is_in(other)
    code = totp.format_hotp_value(totp.hotp_value(secret, 57_000_000))
    with django_capture_on_commit_callbacks(execute=True):
        mine.post("/accounts/2fa/totp/activate/", {"code": code})
    assert "people.factor_changed" in actions()
    assert is_in(mine) and not is_in(other)


def test_every_coming_going_and_failing_is_written_down_without_what_was_typed(town: Town) -> None:
    sign_in(browser(), "wangxm", "not-the-password")
    sign_in(browser(), "nobody-here", "not-the-password")
    mine = sign_in(browser())
    secret_of(town.accounts["wangxm"])
    mine.post("/prove", {"next": "/my", "purpose": "dispatch", "code": "000000"})
    assert change(mine, "kiwi lantern ferry")
    mine.post("/accounts/logout/")
    assert actions() == ["people.sign_in_failed"] * 2 + [
        "people.signed_in", "people.factor_failed", "people.password_changed", "people.signed_out"]  # fmt: skip
    said = str(list(AuditEntry.objects.filter(action__regex=ABOUT).values_list("details", flat=True)))
    assert "wangxm" not in said and "nobody" not in said and "password" not in said


def test_a_session_is_new_with_each_sign_in_and_over_at_the_station_when_left(town: Town) -> None:
    mine = browser()
    session = mine.session
    session["x"] = 1
    session.save()
    before = mine.cookies["sessionid"].value
    after = sign_in(mine).cookies["sessionid"].value
    assert after != before and len(after) == 32 and not Sitting.objects.filter(session_key=before).exists()
    for page in ("/my", "/role?stay=1", "/sittings", CHANGE, "/accounts/2fa/"):
        assert "/accounts/logout/" in mine.get(page).content.decode(), page
    kept = browser()
    kept.cookies["sessionid"] = after
    mine.post("/accounts/logout/")
    assert not Sitting.objects.filter(session_key=after).exists() and not is_in(kept)


def test_showing_the_second_factor_makes_the_session_new(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(totp, "yield_hotp_counters_from_time", lambda: iter([57_000_000]))
    desk, secret = town.browser("chenxiao", proved=False), secret_of(town.accounts["chenxiao"])
    before = desk.cookies["sessionid"].value
    code = totp.format_hotp_value(totp.hotp_value(secret, 57_000_000))
    assert desk.post("/prove", {"next": "/desk", "purpose": "dispatch", "code": code}).status_code == 302
    assert desk.cookies["sessionid"].value != before and is_in(desk, "/desk")
    prove(desk, Role.DISPATCHER)


def test_passwords_are_kept_by_scrypt(settings: Any) -> None:
    made = runpy.run_path(str(SOURCE / "config" / "settings.py"))
    assert made["PASSWORD_HASHERS"] == ["django.contrib.auth.hashers.ScryptPasswordHasher"]


def test_who_lost_every_factor_is_let_back_by_a_commander_and_by_nobody_else(town: Town) -> None:
    """The one who issues passwords cannot, and nobody can for themselves: no one person opens another's account alone."""
    account = town.accounts["wangxm"]
    secret_of(account)
    mine = sign_in(browser())
    for actor in (town.admin, town.dispatcher, town.market_officer):
        with pytest.raises((NotFound, Forbidden)):
            lift_factors(actor, account.pk)
    with pytest.raises(NotFound):
        lift_factors(town.commander, town.commander.account_id or 0)
    with pytest.raises(ProveYourself):
        lift_factors(replace(town.commander, proved_at=None), account.pk)
    assert "_auth_user_id" not in mine.session, "the password alone does not let in yet"
    lift_factors(town.commander, account.pk)
    assert not Sitting.objects.filter(account=account).exists()
    assert is_in(sign_in(browser()))
    with pytest.raises(Invalid):
        lift_factors(town.commander, account.pk)
    entry = AuditEntry.objects.filter(action="people.lift_factors", outcome="done").get()
    assert (entry.account_id, entry.subject_id) == (town.commander.account_id, account.pk)


def test_the_commanders_page_lifts_lost_factors(town: Town) -> None:
    account = town.accounts["wangxm"]
    secret_of(account)
    page = f"/staff/{account.pk}"
    desk = town.browser("hanli")
    assert "验证方式全丢了" in desk.get(page).content.decode()
    assert "验证方式全丢了" not in town.browser("shenqing").get(page).content.decode()
    assert desk.post(f"{page}/lift-factors")["Location"] == page
    assert not Authenticator.objects.filter(user=account).exists()


def in_another_process() -> None:
    """What this process has in its memory is not there."""
    locmem._caches.clear()


def test_a_code_counts_once_in_all_processes_and_failures_add_up(town: Town) -> None:
    account = town.accounts["wangxm"]
    code = totp.format_hotp_value(totp.hotp_value(secret_of(account), next(totp.yield_hotp_counters_from_time())))
    factor = totp.TOTP(Authenticator.objects.get(user=account))
    assert factor.validate_code(code)
    in_another_process()
    assert not factor.validate_code(code)
    for _time in range(10):
        sign_in(browser(), password="wrong wrong wrong")
        in_another_process()
    assert sign_in(browser(), password=PASSWORD).get("/my").status_code == 302, (
        "the eleventh from one address in a minute"
    )
    kept = "".join(Remembered.objects.values_list("cache_key", flat=True))
    assert kept and "127.0.0.1" not in kept and code not in kept


def test_what_is_known_for_a_moment_is_deleted_after_it(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.set("a", 1, 30)
    assert forget_remembered() == 0 and cache.get("a") == 1
    later = clocks.now() + dt.timedelta(minutes=1)
    monkeypatch.setattr(clocks, "now", lambda: later)
    assert forget_remembered() == 1 and not Remembered.objects.exists()


def test_a_stations_only_commander_is_let_back_at_the_machine(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    secret_of(town.accounts["hanli"])
    assert office.lift_factors("nobody") == 1 and office.lift_factors("wangxm") == 1
    assert office.lift_factors("hanli") == 0
    assert not Authenticator.objects.filter(user=town.accounts["hanli"]).exists()
    assert [line.split(":")[0] for line in capsys.readouterr().out.splitlines()] == [
        "nobody signs in as nobody", "refused", "hanli signs in with the password alone and sets up a new second factor",
    ]  # fmt: skip
