"""A visitor of the station's web doors: one connection, cookies, the CSRF token, and patience with a station that restarts."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

TIMEOUT_S = 20


class AwayError(Exception):
    """The station does not answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a door said."""

    status: int
    body: bytes

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 400

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Visitor:
    """One browser. Signed in if it has a name; it signs in again when its session ends."""

    url: str
    username: str = ""
    password: str = ""
    cookies: dict[str, str] = field(default_factory=dict)
    _connection: http.client.HTTPConnection | None = None

    def get(self, path: str, **headers: str) -> Answer:
        """Read a page or an address of the API. Raises AwayError."""
        answer = self._ask("GET", path, None, headers)
        if answer.status == 401 and self.sign_in():
            answer = self._ask("GET", path, None, headers)
        return answer

    def post(self, path: str, body: dict[str, Any] | None = None, **headers: str) -> Answer:
        """Send JSON. Raises AwayError."""
        answer = self._send(path, body or {}, headers)
        if answer.status == 401 and self.sign_in():
            answer = self._send(path, body or {}, headers)
        return answer

    def submit(self, path: str, fields: dict[str, str]) -> Answer:
        """Send a form, as a browser without JavaScript would. Raises AwayError."""
        if "csrftoken" not in self.cookies:
            self._ask("GET", path, None, {})
        body = urlencode(fields | {"csrfmiddlewaretoken": self.cookies.get("csrftoken", "")}).encode()
        return self._ask("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})

    def sign_in(self) -> bool:
        """Sign in; true when the station let the visitor in. Raises AwayError."""
        if not self.username:
            return False
        self.cookies.clear()
        self._ask("GET", "/accounts/login/", None, {})
        self.submit("/accounts/login/", {"login": self.username, "password": self.password})
        return "sessionid" in self.cookies

    def _send(self, path: str, body: dict[str, Any], headers: dict[str, str]) -> Answer:
        kept = {"Content-Type": "application/json", "X-CSRFToken": self.cookies.get("csrftoken", "")}
        return self._ask("POST", path, json.dumps(body).encode(), kept | headers)

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), **headers}
        for fresh in (False, True):  # a kept connection may have been closed by the other side: once more on a new one
            try:
                return self._once(method, path, body, sent, fresh=fresh)
            except (http.client.HTTPException, OSError) as error:
                self._connection = None
                if fresh:
                    raise AwayError(str(error)) from error
        raise AssertionError("unreachable")

    def _once(self, method: str, path: str, body: bytes | None, headers: dict[str, str], *, fresh: bool) -> Answer:
        if fresh or self._connection is None:
            parts = urlsplit(self.url)
            self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT_S)
        self._connection.request(method, path, body, headers)
        reply = self._connection.getresponse()
        for line in reply.headers.get_all("Set-Cookie") or ():
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return Answer(reply.status, reply.read())
