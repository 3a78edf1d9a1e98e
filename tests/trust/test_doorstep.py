"""What every answer tells a browser, by which names cookies go, and what is refused before any page, as a station behind HTTPS has it."""

from __future__ import annotations

import runpy
from typing import Any

import pytest
from django.conf import settings as now
from django.test import Client

from jiean.config import bridge
from jiean.dispatch.api.positions import PositionsDoor
from jiean.kernel import live
from tests.house.plan import SOURCE
from tests.patience import on_a_loop
from tests.town import PASSWORD, Town

pytestmark = [pytest.mark.trust, pytest.mark.django_db]
YEAR_S = 31_536_000
BY_HTTPS = {"host": "testserver", "x-forwarded-proto": "https"}


@pytest.fixture
def behind_https(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A browser of a station that is reached by HTTPS, with the settings ``JIEAN_HTTPS=1`` makes."""
    monkeypatch.setenv("JIEAN_HTTPS", "1")
    made = runpy.run_path(str(SOURCE / "config" / "settings.py"))
    for name, value in made.items():
        if name.startswith(("SECURE_", "SESSION_COOKIE_", "CSRF_COOKIE_", "WHITENOISE_ALLOW")):
            setattr(settings, name, value)
    return Client(headers=BY_HTTPS | {"origin": "https://testserver"}, enforce_csrf_checks=True)


def judged(headers: dict[str, str]) -> list[str]:
    """What an answer's headers lack."""
    policy, hsts = headers.get("content-security-policy", ""), headers.get("strict-transport-security", "")
    said = {
        "csp": all(f"{one} 'none'" in policy or "default-src 'none'" in policy for one in ("object-src", "base-uri")),
        "frames": "frame-ancestors 'none'" in policy,
        "hsts": hsts == f"max-age={YEAR_S}; includeSubDomains",
        "types": headers.get("x-content-type-options") == "nosniff",
        "referrer": headers.get("referrer-policy") in ("same-origin", "no-referrer"),
        "embedding": headers.get("cross-origin-resource-policy") == "same-origin",
        "reading": "access-control-allow-origin" not in headers,
        "kind": "; charset=" in headers.get("content-type", "")
        or not headers.get("content-type", "").startswith("text/"),
    }
    return [name for name, held in said.items() if not held]


ADDRESSES = ("/", "/report", "/accounts/login/", "/nowhere", "/healthz", "/sw.js", "/static/design/base.css",
             "/static/design/icon.svg", "/api/v1/openapi.json", "/api/v1/nowhere", "/tiles/none.pmtiles")  # fmt: skip


@pytest.mark.parametrize("path", ADDRESSES)
def test_every_answer_carries_its_guards(behind_https: Client, path: str) -> None:
    answer = behind_https.get(path)
    assert judged({name.lower(): value for name, value in answer.headers.items()}) == []


def test_the_doors_beside_the_pages_carry_them_too(behind_https: Client) -> None:
    begun: list[dict[str, str]] = []

    async def send(message: Any) -> None:
        if "headers" in message:
            begun.append({name.decode(): value.decode() for name, value in message["headers"]})

    async def knock() -> None:
        scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
        streams = live.Live()
        await streams(scope, None, send)  # type: ignore[arg-type]
        await streams.stop()
        await PositionsDoor()(scope, None, send)  # type: ignore[arg-type]
        await bridge._refuse(send)

    on_a_loop(knock())
    assert [judged(headers) for headers in begun] == [[], [], []]


def test_an_answer_without_its_guards_is_named() -> None:
    """The plant."""
    assert judged({"content-type": "text/html", "access-control-allow-origin": "*"}) == [
        "csp", "frames", "hsts", "types", "referrer", "embedding", "reading", "kind"]  # fmt: skip


def test_cookies_are_bound_to_this_host_and_planted_ones_are_not_looked_at(behind_https: Client, town: Town) -> None:
    behind_https.post("/look", {"theme": "dark", "language": "en"})
    form = behind_https.get("/accounts/login/")
    token = form.cookies["__Host-csrftoken"].value
    given = {"login": "wangxm", "password": PASSWORD, "csrfmiddlewaretoken": token}
    assert behind_https.post("/accounts/login/", given).status_code == 302
    names = set(behind_https.cookies)
    assert "__Host-sessionid" in names and all(name.startswith("__Host-") for name in names)
    for kept in behind_https.cookies.values():
        assert kept["secure"] and kept["path"] == "/" and not kept["domain"] and kept["samesite"] in ("Lax", "Strict")
    assert behind_https.cookies["__Host-sessionid"]["httponly"]
    assert behind_https.get("/my").status_code == 200
    planted = Client(headers=BY_HTTPS)
    planted.cookies["sessionid"] = behind_https.cookies["__Host-sessionid"].value
    assert planted.get("/my").status_code == 302


def test_a_cookie_for_some_addresses_says_so_by_its_name(behind_https: Client, town: Town) -> None:
    desk = Client(headers=BY_HTTPS)
    desk.force_login(town.accounts["chenxiao"], backend="jiean.people.backends.AccountBackend")
    desk.cookies["__Host-sessionid"] = desk.cookies.pop("sessionid").value
    sent = desk.post("/q", {"q": "路灯"})
    assert sent.cookies["__Secure-asked"]["path"] == "/q" and sent.cookies["__Secure-asked"]["secure"]
    assert "路灯" in desk.get("/q").content.decode()


def test_a_page_leads_to_https_and_a_program_is_told(behind_https: Client) -> None:
    clear = Client()
    assert clear.get("/report")["Location"] == "https://testserver/report"
    told = clear.post("/api/v1/reports", {"text": "路灯坏了"}, content_type="application/json")
    assert (told.status_code, told.json()["code"]) == (403, "https_only")
    assert judged({name.lower(): value for name, value in told.headers.items()}) == ["hsts"], "never said in clear"


def test_whoever_watches_the_process_needs_neither_its_name_nor_https(behind_https: Client, settings: Any) -> None:
    """`jiean serve` asks so before it says that it is open."""
    settings.ALLOWED_HOSTS = ["station.example"]
    assert Client().get("/healthz", HTTP_HOST="0.0.0.0:8000").json() == {"ok": True}
    assert Client(raise_request_exception=False).get("/report", HTTP_HOST="0.0.0.0:8000").status_code in (301, 400)


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "BREW"])
def test_methods_nobody_speaks_are_refused(client: Client, method: str) -> None:
    for path in ("/report", "/accounts/login/", "/api/v1/reports", "/static/design/base.css", "/healthz"):
        assert client.generic(method, path).status_code == 405, path


@pytest.mark.parametrize("path", ["/.git/HEAD", "/.env", "/static/", "/static/design/", "/media/", "/static/../settings.py",
                                  "/accounts/email/", "/accounts/signup/", "/accounts/password/reset/",
                                  "/accounts/password/set/", "/accounts/confirm-email/", "/accounts/login/code/confirm/"])  # fmt: skip
def test_what_is_no_page_of_ours_is_not_there(town: Town, path: str) -> None:
    assert town.browser("shenqing").get(path).status_code == 404 and town.browser().get(path).status_code == 404


def test_there_is_no_debugging_and_no_switch_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DEBUG", "DJANGO_DEBUG", "JIEAN_DEBUG"):
        monkeypatch.setenv(name, "1")
    made = runpy.run_path(str(SOURCE / "config" / "settings.py"))
    assert made["DEBUG"] is False and now.DEBUG is False
    words = (SOURCE / "config" / "settings.py").read_text(encoding="utf-8")
    assert "debug_toolbar" not in words and words.count("DEBUG = ") == 1
