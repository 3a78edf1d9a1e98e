"""Every field of every door gets what it should not: a clear answer, never a crash, never half a matter."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tests.bad_input.doors import DOORS, Door
from tests.town import Town

TEXTS: tuple[str, ...] = (
    "",
    "a\x00b\x07\x1b[31m",
    "长" * 30_000,
    "'; DROP TABLE intake_report; --",
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "\u202e\ufffe\ue000𠀀👮",
    "-1",
    "9" * 5000,
    "nan",
    "2199-13-45T99:99",
)
VALUES: tuple[Any, ...] = (None, True, [[1]], {"a": 1}, 2**70, 1e308, "\ud800")
"""What only JSON can say."""

CALM = frozenset({200, 201, 302, 400, 403, 404, 405, 409, 413, 422})
DONE = frozenset({200, 201, 302})
TABLES = ("intake_report", "people_account", "people_duty", "people_roleholding", "grid_premises", "dispatch_incident")


def rows() -> dict[str, int]:
    """How many rows each table holds."""
    found = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT count(*) FROM {table}")
            found[table] = cursor.fetchone()[0]
    return found


def send(browser: Client, door: Door, path: str, given: dict[str, Any]) -> Any:
    if door.json:
        raw = json.dumps(given, ensure_ascii=True)
        return browser.post(path, raw, content_type="application/json")
    return browser.post(path, {name: value for name, value in given.items() if value is not None})


def judge(answer: Any, before: dict[str, int], what: str) -> None:
    """Calm, in words where it refuses, and nothing written unless it says so."""
    assert answer.status_code in CALM, what
    said = answer.content.decode(errors="replace")
    if answer.headers["Content-Type"] == "application/problem+json":
        said = str(answer.json())
    if answer.status_code in (400, 403, 404, 409, 413, 422):
        assert re.search("[\u4e00-\u9fff]", said), f"{what}: no word in Chinese"
        assert rows() == before, f"{what}: half written"
    assert "<script>alert(1)" not in said or answer.headers["Content-Type"] == "application/problem+json", what


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_no_field_of_any_door_can_hurt(town: Town, door: Door) -> None:
    browser = town.browser(door.who)
    browser.raise_request_exception = False
    path, right = door.path(town), door.given(town)
    for field in right:
        for number, value in enumerate((*TEXTS, *(VALUES if door.json else ()))):
            key = {"key": f"{field}{number}"} if "key" in right else {}
            before = rows()
            answer = send(browser, door, path, right | key | {field: value})
            judge(answer, before, f"{door.name} {field}={str(value)[:30]!r}")
            if answer.status_code in DONE:  # the matter moved on; the next value meets a fresh one
                path, right = door.path(town), door.given(town)


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_empty_and_broken_bodies_are_answered(town: Town, door: Door) -> None:
    browser = town.browser(door.who)
    browser.raise_request_exception = False
    path = door.path(town)
    kinds = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain")
    for kind in kinds:
        for raw in (b"", b"\xff\xfe\x00", b"text=%ff%fe&reason=%00", b"--x\r\nbroken", b"[1]", b'{"text":"\\ud800"'):
            before = rows()
            answer = browser.generic("POST", path, raw, content_type=kind)
            what = f"{door.name} {kind} {raw[:20]!r}"
            assert answer.status_code in CALM, what
            assert rows() == before, what


LISTS = ("/desk", "/desk/export.csv", "/staff", "/areas", "/track", "/report", "/report/similar", "/role", "/q")
QUERIES = (
    "q",
    "page",
    "cell",
    "kind",
    "urgency",
    "state",
    "channel",
    "late",
    "ruling",
    "lon",
    "lat",
    "number",
    "next",
    "code",
)


@pytest.mark.parametrize("path", LISTS)
def test_no_address_can_hurt(town: Town, path: str) -> None:
    browser = town.browser("chenxiao")
    browser.raise_request_exception = False
    for name in QUERIES:
        for value in ("", *TEXTS[1:2], *TEXTS[3:5], "9" * 30, "nan"):
            answer = browser.get(path, {name: value})
            assert answer.status_code in CALM, f"{path}?{name}={value[:20]!r}"
    for tail in ("/%00", "/999999999999999999999999", "/-1", "/..%2f", "/B26-0", "/photo/1", "/' OR 1=1"):
        assert browser.get(path + tail).status_code in CALM
