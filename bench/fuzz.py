"""``uv run bench/fuzz.py [--requests N] [--seed N] [--json FILE]``: hostile requests over every address, as nobody and as every role.

A grammar draws an address from the URL table or the OpenAPI document, a method, hostile words for its parameters, a query
string, headers and a body: right names with wrong values, wrong types, broken JSON and multipart. Asked for, of every answer: not
a server error; refused means nothing was written (rows of every room counted before and after); no script of ours comes back
as markup. The model town of the tests stands on a throw-away server; requests go through Django in this process.
"""

from __future__ import annotations

import argparse
import atexit
import functools
import json
import os
import random
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

MARK = "<script>fuzzed("
WORDS: tuple[str, ...] = (
    "",
    " ",
    "0",
    "-1",
    "1",
    "2",
    "9" * 400,
    "nan",
    "inf",
    "1e309",
    "true",
    "null",
    "x",
    "路灯坏了",
    "长" * 3000,
    "a\x00b",
    "\x1b[31m",
    "\u202e\ufffe\ue000𠀀👮",
    "'; DROP TABLE intake_report; --",
    f"{MARK}1)</script>",
    f'"><img src=x onerror={MARK}2)>',
    "=cmd|' /C calc'!A0",
    "../../../../etc/passwd",
    "%2e%2e%2f",
    "{{7*7}}",
    "%s%n%(x)d{0.__class__}{x!r:>9999999999}",
    "${jndi:ldap://x}",
    "http://169.254.169.254/",
    "//evil.example",
    "javascript:alert(1)",
    "2199-13-45T99:99",
    "2026-11-22",
    "2026-11-22T10:00:00Z",
    "0001-01-01",
    "9999-12-31",
    "٣",
    "１２",
    "121.475",
    "31.235",
    "[]",
    "{}",
    "\ud83d",
)
VALUES: tuple[Any, ...] = (None, True, [], [[1]], {"a": 1}, 2**70, -1, 0, 1.5, 1e308, "\ud800", ["x"] * 60)
NUMBERS = ("1", "2", "3", "0", "-1", str(2**31), str(2**63 - 1), str(2**63), str(10**30), "１", "01")
METHODS = (
    "GET",
    "GET",
    "GET",
    "POST",
    "POST",
    "POST",
    "POST",
    "HEAD",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "TRACE",
    "BREW",
)
NAMES = (
    "q",
    "page",
    "state",
    "kind",
    "urgency",
    "cell",
    "late",
    "lon",
    "lat",
    "code",
    "next",
    "number",
    "text",
    "words",
    "key",
    "version",
    "reason",
    "purpose",
    "name",
    "phone",
    "role",
    "since",
    "until",
    "report",
    "organisation_id",
    "outcome",
    "answer",
    "ground",
    "review_on",
    "about",
    "place_words",
    "datum",
    "token",
    "done",
    "incident",
    "unit",
    "grade",
    "disposition",
    "weather",
    "satisfied",
    "photos",
    "texts",
    "other",
)
TYPES = (
    "application/json",
    "application/json; charset=utf-7",
    "application/x-www-form-urlencoded",
    "text/plain",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "application/xml",
    "",
    "x/y; boundary=" + "z" * 300,
)
SLUGS = (
    "accept",
    "correct",
    "refer",
    "rule",
    "reject",
    "answer",
    "close",
    "split",
    "add",
    "merge",
    "hold",
    "release",
    "sign",
    "contact",
    "undo-merge",
    "json",
    "html",
    "correct",
    "object",
    "rate",
    "reopen",
    "confirm",
    "assign",
    "B26-000001",
    "J26-ABCDEFGH",
    "market2345",
    "x" * 200,
    "..",
    "a b",
    "%00",
    "喵",
)
HEADERS: tuple[tuple[str, str], ...] = (
    ("HTTP_IDEMPOTENCY_KEY", "k" * 81),
    ("HTTP_IDEMPOTENCY_KEY", "same"),
    ("HTTP_IDEMPOTENCY_KEY", "\x01"),
    ("HTTP_HX_REQUEST", "true"),
    ("HTTP_X_TRACKING_CODE", "ABCDEFGH"),
    ("HTTP_X_TRACKING_CODE", "码" * 40),
    ("HTTP_ACCEPT_LANGUAGE", "en;q=x, ,*"),
    ("HTTP_ACCEPT", "\x7f"),
    ("HTTP_RANGE", "bytes=9-1"),
    ("HTTP_IF_MODIFIED_SINCE", "never"),
    ("HTTP_LAST_EVENT_ID", "9" * 60),
    ("HTTP_REFERER", "http://x\ud800"),
    ("HTTP_COOKIE_", "x"),
    ("HTTP_X_FORWARDED_FOR", "1.1.1.1, ::1, x"),
    ("HTTP_USER_AGENT", "A" * 5000),
)
UNCOUNTED = (
    "django_",
    "axes_",
    "people_sitting",  # where a session was used last, noted at the door
    "kernel_auditentry",
    "kernel_auditlink",
    "kernel_idempotencykey",
    "procrastinate_",
    "auth_",
    "mfa_",
    "account_",
)
"""What a refused request may write: the refusal itself, sessions, failed sign-ins."""


@dataclass
class Result:
    """What a run saw. ``errors``: answers of 500 and more; ``half``: refused, and yet rows changed; ``executed``: our script came back."""

    requests: int = 0
    seed: int = 0
    routes: int = 0
    errors: int = 0
    half: int = 0
    executed: int = 0
    unaudited: int = 0
    worst_ms: float = 0.0
    worst: str = ""
    took_s: float = 0.0
    by_status: dict[str, int] = field(default_factory=dict)
    found: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Hostile:
    """One request: everything needed to send it again."""

    method: str
    path: str
    query: str
    body: Any
    content_type: str | None
    headers: dict[str, str]
    who: str


class Grammar:
    """Draws requests; the same seed draws the same ones."""

    def __init__(self, seed: int, whos: Sequence[str]) -> None:
        self.chance, self.whos = random.Random(seed), list(whos)
        self.templates = templates()

    def draw(self) -> Hostile:
        """One request."""
        pick = self.chance.choice
        method, path = pick(METHODS), self._path(pick(self.templates))
        body, content_type = self._body() if method not in ("GET", "HEAD") else (None, None)
        headers = dict(self.chance.sample(HEADERS, self.chance.choice((0, 0, 1, 2))))
        return Hostile(method, path, self._query(), body, content_type, headers, pick(self.whos))

    def _path(self, template: str) -> str:
        chance = self.chance

        def fill(place: re.Match[str]) -> str:
            if place[1] in ("int:", None) and chance.random() < 0.8:
                return chance.choice(NUMBERS[:3] if chance.random() < 0.6 else NUMBERS)
            return chance.choice(SLUGS)

        return re.sub(r"[<{](\w+:)?\w+[>}]", fill, template)

    def _query(self) -> str:
        from urllib.parse import quote  # noqa: PLC0415

        chosen = self.chance.sample(NAMES, self.chance.choice((0, 0, 1, 2, 4)))
        return "&".join(f"{name}={quote(self._word(), safe='', errors='surrogatepass')}" for name in chosen)

    def _word(self) -> str:
        return self.chance.choice(WORDS)

    def _body(self) -> tuple[Any, str | None]:
        kind, fields = self.chance.random(), self.chance.sample(NAMES, self.chance.choice((0, 2, 6, 12)))
        if kind < 0.45:
            return {name: self._word().encode("utf-8", "replace").decode() for name in fields}, None  # a form
        if kind < 0.8:
            values = {
                name: self._word() if self.chance.random() < 0.6 else self.chance.choice(VALUES) for name in fields
            }
            return json.dumps(values, ensure_ascii=self.chance.random() < 0.9).encode(
                "utf-8", "replace"
            ), "application/json"
        whole = json.dumps(dict.fromkeys(fields, "x")).encode()
        raw = self.chance.choice(
            (b"", b"{", b"\xff\xfe", whole[:-2], b"[" * 5000, b"--x\r\nContent-Disposition: form-data\r\n", b"a=%ZZ&b")
        )
        return raw, self.chance.choice(TYPES)


@functools.cache
def templates() -> list[str]:
    """Every address of the URL table and of the OpenAPI document, with its places still to be filled."""
    from django.urls import get_resolver  # noqa: PLC0415 — Django is ready only now

    from jiean.kernel.api import openapi_document  # noqa: PLC0415

    found = {f"/{path}" for path in _paths(get_resolver(), "") if not path.startswith("api/v1/")}
    return sorted(found | set(openapi_document()["paths"]))


def _paths(resolver: Any, prefix: str) -> Iterator[str]:
    for item in resolver.url_patterns:
        words = prefix + re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", str(item.pattern)).replace("^", "").replace(
            "$", ""
        ).replace("\\", "")
        if hasattr(item, "url_patterns"):
            yield from _paths(item, words)
        else:
            yield words


class Fuzz:
    """A town, its browsers, and what has been seen so far."""

    def __init__(self, town: Any, seed: int) -> None:
        from django.db import connection  # noqa: PLC0415

        self.town, self.browsers = town, {}
        self.grammar = Grammar(seed, ["", *town.accounts])
        self.seen, self.statuses = Result(seed=seed, routes=len(self.grammar.templates)), Counter[str]()
        tables = [name for name in connection.introspection.table_names() if not name.startswith(UNCOUNTED)]
        self.count = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM {name}" for name in sorted(tables))

    def rows(self) -> dict[str, int]:
        """Rows of every room's tables."""
        from django.db import connection  # noqa: PLC0415

        with connection.cursor() as cursor:
            cursor.execute(self.count)
            return dict(cursor.fetchall())

    def run(self, requests: int) -> Result:
        """Send so many requests and judge each answer."""
        began, before = time.monotonic(), self.rows()
        for number in range(requests):
            if number % 60 == 0:
                self.browsers.clear()
            before = self._one(self.grammar.draw(), before)
        self.seen.took_s, self.seen.by_status = round(time.monotonic() - began, 1), dict(sorted(self.statuses.items()))
        self.seen.unaudited = self._unaudited()
        return self.seen

    def _one(self, hostile: Hostile, before: dict[str, int]) -> dict[str, int]:
        began = time.monotonic()
        status, said = self.send(hostile)
        took_ms = (time.monotonic() - began) * 1000
        after = self.rows()
        self.seen.requests += 1
        self.statuses[str(status)] += 1
        if took_ms > self.seen.worst_ms:
            self.seen.worst_ms, self.seen.worst = round(took_ms, 1), f"{hostile.method} {hostile.path[:80]}"
        self.judge(hostile, status, said, before, after)
        return after

    def judge(self, hostile: Hostile, status: int, said: str, before: dict[str, int], after: dict[str, int]) -> None:
        """Count what must not be."""
        told = f"{status} {hostile}"
        if status >= 500:
            self.seen.errors += 1
            self.seen.found.append(told)
        changed = sorted(name for name in after if after[name] != before.get(name))
        if status >= 400 and changed:
            self.seen.half += 1
            self.seen.found.append(f"{changed} changed: {told}")
        if MARK in said:
            self.seen.executed += 1
            self.seen.found.append(f"executed: {told}")

    def send(self, hostile: Hostile) -> tuple[int, str]:
        """Send one request; status and the text of an HTML answer."""
        browser = self.browsers.get(hostile.who) or self._browser(hostile.who)
        path = f"{hostile.path}?{hostile.query}" if hostile.query else hostile.path
        if isinstance(hostile.body, dict):
            answer = browser.generic(hostile.method, path, *_form(hostile.body), **hostile.headers)
        else:
            answer = browser.generic(
                hostile.method, path, hostile.body or b"", hostile.content_type or "", **hostile.headers
            )
        content = b"".join(answer) if answer.streaming else answer.content
        html = answer.headers.get("Content-Type", "").startswith("text/html")
        return answer.status_code, content.decode("utf-8", "replace") if html else ""

    def _browser(self, who: str) -> Any:
        made = self.town.browser(who or None)
        made.raise_request_exception = False
        self.browsers[who] = made
        return made

    def _unaudited(self) -> int:
        """Reports that stand there without the audit entry of the deed that took them."""
        from django.db import connection  # noqa: PLC0415

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM intake_report r WHERE r.split_from_id IS NULL AND NOT EXISTS"
                " (SELECT FROM kernel_auditentry a WHERE a.subject_kind = 'intake.report' AND a.subject_id = r.id"
                " AND a.outcome = 'done')"
            )
            return int(cursor.fetchone()[0])


def _form(fields: dict[str, str]) -> tuple[bytes, str]:
    from urllib.parse import urlencode  # noqa: PLC0415

    return urlencode(fields).encode(), "application/x-www-form-urlencoded"


def _own_town() -> Any:
    """A throw-away server with the model town of the tests on it."""
    from jiean.config.embedded import OWNER, Embedded  # noqa: PLC0415

    home = Path(tempfile.mkdtemp(prefix="jiean-fuzz-"))
    home.chmod(0o755)
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    server = Embedded(home, durable=False)
    server.start()
    atexit.register(server.stop)
    os.environ |= {
        "DATABASE_URL": server.url(OWNER), "JIEAN_DATA_DIR": str(home), "JIEAN_STATION_KEY_FILE": str(home / "station.key"),
        "DJANGO_SETTINGS_MODULE": "jiean.config.settings",
    }  # fmt: skip
    import django  # noqa: PLC0415

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", interactive=False, verbosity=0)
    return town_with_matters()


def town_with_matters() -> Any:
    """The model town, a few reports and an incident in it."""
    from tests.dispatch.post import open_post  # noqa: PLC0415
    from tests.intake.scenes import with_contact  # noqa: PLC0415
    from tests.town import found  # noqa: PLC0415

    town = found()
    open_post(town).incident()
    for _time in range(3):
        with_contact()
    return town


def _by_schema(town: Any, asked: argparse.Namespace) -> int:
    """The API by its own document (bench/schema.py), as nobody and as three of the town."""
    templates()  # reads the addresses, and with them every room's operations
    from bench.schema import Walker  # noqa: PLC0415 — Schemathesis is for those who develop
    from jiean.config.asgi import pages  # noqa: PLC0415 — Django is ready only now
    from jiean.kernel.api import openapi_document  # noqa: PLC0415

    began, walker = time.monotonic(), Walker(pages, openapi_document(), town, asked.seed)
    for who in ("", "chenxiao", "wangxm", "hanli"):
        walker.each(who, asked.schema)
        walker.walk(who, asked.schema)
    told = vars(walker.seen) | {"took_s": round(time.monotonic() - began, 1)}
    words = json.dumps(told, ensure_ascii=False, indent=1)
    print(words)
    if asked.json:
        asked.json.write_text(words + "\n", encoding="utf-8")
    return int(bool(walker.seen.found))


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    parser.add_argument(
        "--schema", type=int, default=0, help="instead: so many examples of each operation by Schemathesis, and walks"
    )
    asked = parser.parse_args()
    import logging  # noqa: PLC0415

    logging.disable(logging.CRITICAL)
    if asked.schema:
        return _by_schema(_own_town(), asked)
    seen = Fuzz(_own_town(), asked.seed).run(asked.requests)
    words = json.dumps(asdict(seen), ensure_ascii=True, indent=1)
    print(words)
    if asked.json:
        asked.json.write_text(words + "\n", encoding="utf-8")
    return int(bool(seen.errors or seen.half or seen.executed or seen.unaudited))


if __name__ == "__main__":
    sys.exit(main())
