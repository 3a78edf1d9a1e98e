"""T-SSRF: the station calls nobody. What could call out is named file by file, and every door is driven with addresses as words."""

from __future__ import annotations

import re
import socket
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import path

from jiean.config import urls
from jiean.kernel.http import public_door
from tests.house.plan import SOURCE, imports_of, python_files
from tests.intake.scenes import reported
from tests.town import Town
from tests.trust.test_routes import doors

pytestmark = pytest.mark.trust
CALLERS = {
    "aiohttp", "asyncio.streams", "ftplib", "http.client", "httpx", "imaplib", "poplib", "requests", "smtplib", "socket",
    "ssl", "telnetlib", "urllib.error", "urllib.request", "urllib3", "websockets", "xmlrpc.client",
}  # fmt: skip
KNOWN = {
    "config/start.py": "asks our own web process whether it is up, and whether a port is free",
    "config/demo/visitor.py": "plays the demonstration's day against the address it was started with",
}
"""Files that may open a connection; neither runs in a process that answers requests."""
ELSEWHERE = "http://169.254.169.254/latest/meta-data"
_heard: list[str] = []
_listening = False


def _hear(event: str, args: tuple[Any, ...]) -> None:
    if _listening and event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "urllib.Request"):
        _heard.append(f"{event} {args[1:] if event == 'socket.connect' else args}")


sys.addaudithook(_hear)


@contextmanager
def listening() -> Iterator[list[str]]:
    """Every connection this process asks the system for; the database's driver asks from C, beside it."""
    global _listening
    _heard.clear()
    _listening = True
    try:
        yield _heard
    finally:
        _listening = False


def callers(files: dict[str, list[str]]) -> dict[str, set[str]]:
    """Files that import something which can call out, and what."""
    found = {name: {one for one in modules if one in CALLERS} for name, modules in files.items()}
    return {name: modules for name, modules in found.items() if modules}


def test_only_files_outside_the_doors_can_call_out() -> None:
    files = {str(one.relative_to(SOURCE)): [name for name, _line in imports_of(one)] for one in python_files()}
    assert set(callers(files)) == set(KNOWN)
    files["intake/journal.py"] += ["urllib.request"]
    assert set(callers(files)) == {*KNOWN, "intake/journal.py"}, "the plant"


@pytest.mark.django_db
def test_no_door_calls_out_whatever_it_is_told(town: Town) -> None:
    told = {
        "next": ELSEWHERE,
        "url": ELSEWHERE,
        "q": ELSEWHERE,
        "place_words": ELSEWHERE,
        "text": ELSEWHERE,
        "key": "x",
    }
    known, dispatcher = str(reported().pk), town.browser("chenxiao")
    with listening() as heard:
        for method, address, _listed in doors():
            if method == "GET":
                filled = re.sub(r"[<{][^>}]+[>}]", known, address.replace("^", "").replace("$", ""))
                dispatcher.get(filled, told, headers={"referer": ELSEWHERE, "x-forwarded-host": "evil"})
        for client in (Client(), dispatcher):
            client.post("/report", told)
            client.post("/api/v1/reports", told, content_type="application/json")
        town.browser("shenqing").post("/areas/import", {"file": ELSEWHERE})
    assert heard == []


@public_door
def fetches(request: Any) -> Any:
    """A page that follows an address it is given."""
    with suppress(OSError):
        urllib.request.urlopen(request.GET["url"], timeout=0.05)
    raise ValueError


class _Calling:
    urlpatterns = [*urls.urlpatterns, path("fetches", fetches)]
    handler404 = urls.handler404


@pytest.mark.django_db
def test_a_page_that_calls_out_is_heard(town: Town) -> None:
    """The plant: it is heard when it asks, whether it is answered or not."""
    with socket.socket() as nobody, override_settings(ROOT_URLCONF=_Calling), listening() as heard:
        nobody.bind(("127.0.0.1", 0))
        Client(raise_request_exception=False).get("/fetches", {"url": f"http://127.0.0.1:{nobody.getsockname()[1]}/"})
    assert any(one.startswith("urllib.Request") for one in heard)
    assert any(one.startswith("socket.connect") for one in heard)
