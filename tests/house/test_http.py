"""At the door: who is let in, and how a refusal is answered in each form a caller can use."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import OperationalError
from django.shortcuts import render
from django.test import Client, RequestFactory

from jiean.kernel.errors import Conflict, Invalid
from jiean.kernel.http import RefusalMiddleware, problem
from jiean.kernel.models import Transition
from jiean.kernel.text import clean
from tests.names import ShellNameCovered
from tests.town import Town

pytestmark = pytest.mark.django_db
PAGE = "/areas"
LIST = "/api/v1/incidents"
BACKEND = "jiean.people.backends.AccountBackend"


def test_a_stranger_is_led_to_sign_in_and_back(client: Client) -> None:
    answer = client.get(f"{PAGE}?q=1")
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/login/?next=/areas%3Fq%3D1"


def test_a_strangers_fragment_is_refused_in_place(client: Client) -> None:
    answer = client.get(PAGE, headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer["HX-Retarget"] == "#refusal"
    assert "请先登录" in answer.content.decode()


def test_a_strangers_call_gets_a_problem_document(client: Client) -> None:
    answer = client.get(LIST)
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    assert answer.json()["code"] == "sign_in"


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[]", b'"x"', b"null", b"{}", b'{"text": 1}'])
def test_a_body_that_makes_no_sense_is_a_problem_not_an_error(client: Client, town: Town, body: bytes) -> None:
    client.force_login(town.accounts["chenxiao"], backend=BACKEND)
    answer = client.post(LIST, body, content_type="application/json")
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "invalid"


def test_a_missing_page_is_said_in_the_readers_language(client: Client) -> None:
    assert "没有这个页面" in client.get("/nowhere").content.decode()
    assert "no such page" in client.get("/nowhere", headers={"Accept-Language": "en"}).content.decode()
    assert client.get("/api/v1/nowhere").json()["status"] == 404


def test_a_database_that_is_away_is_said_with_503(rf: RequestFactory) -> None:
    answer = RefusalMiddleware(lambda request: None).process_exception(rf.get("/api/v1/x"), OperationalError("gone"))  # type: ignore[arg-type, return-value]
    assert answer is not None
    assert answer.status_code == 503
    assert "110" in json.loads(answer.content)["detail"]  # type: ignore[attr-defined]


def test_a_clash_tells_the_version_that_holds() -> None:
    row = Transition(pk=1)
    row.version = 7  # type: ignore[attr-defined]
    assert problem(Conflict(current=row))["version"] == 7


def test_signed_in_browsers_need_the_token_for_writes(town: Town) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(town.accounts["chenxiao"], backend=BACKEND)
    answer = browser.post(LIST, b"{}", content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf")


def test_pages_carry_their_guards(client: Client) -> None:
    answer = client.get("/accounts/login/")
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  好\r\n的 \u3000\n", "好\n的"),
        ("a\x00b\x1b[31mc", "ab[31mc"),
        ("\u202egnp.exe", "gnp.exe"),
        ("e\u0301", "é"),
        ("\ud83d", ""),
        ("😀", "😀"),
    ],
)
def test_words_are_kept_without_what_cannot_be_seen(given: str, kept: str) -> None:
    assert clean(given, 50, field="text") == kept


def test_too_many_or_no_words_are_refused_by_field() -> None:
    with pytest.raises(Invalid) as long:
        clean("字" * 51, 50, field="text")
    assert "50" in str(long.value.fields["text"])
    with pytest.raises(Invalid) as empty:
        clean(" \n", 50, field="text", required=True)
    assert list(empty.value.fields) == ["text"]


@pytest.mark.parametrize("name", ["look", "actor", "messages", "shell"])
def test_a_page_that_covers_a_name_of_the_shell_is_refused_in_every_test(name: str) -> None:
    request = RequestFactory().get("/")
    request.session = {}  # type: ignore[assignment] — the messages look for one
    request.user = AnonymousUser()
    with pytest.raises(ShellNameCovered, match=name):
        render(request, "design/_chips.html", {name: "the page's own"})
