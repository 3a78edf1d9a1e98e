"""A lean HTTP client for load: raw sockets and prepared bytes, so that the measuring side stays small on a shared machine."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import http.cookiejar
import re
import struct
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

AGENT = "jiean-bench"
"""One terminal for everything a bench sends: a session that turns up on another sort of terminal is ended."""


@dataclass(frozen=True, slots=True)
class Login:
    """A signed-in browser's cookies and CSRF token."""

    cookie: str
    csrf: str


def sign_in(url: str, username: str, password: str) -> Login:
    """Sign in through the ordinary page. Raises RuntimeError when the page says no."""
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    opener.addheaders = [("User-Agent", AGENT)]
    page = opener.open(f"{url}/accounts/login/").read().decode()
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    if found is None:
        raise RuntimeError("the sign-in page has no form")
    body = urllib.parse.urlencode({"csrfmiddlewaretoken": found[1], "login": username, "password": password}).encode()
    request = urllib.request.Request(f"{url}/accounts/login/", body, {"Referer": f"{url}/accounts/login/"})
    with contextlib.suppress(urllib.error.HTTPError):  # where the page leads to afterwards is of no account
        opener.open(request)
    cookies = {cookie.name: cookie.value or "" for cookie in jar}
    if "sessionid" not in cookies:
        raise RuntimeError(f"{username} could not sign in")
    return Login("; ".join(f"{name}={value}" for name, value in cookies.items()), cookies.get("csrftoken", ""))


def prove(url: str, login: Login, secret: bytes) -> None:
    """Show the second factor and a purpose on the page that asks for them. Raises RuntimeError when it says no."""
    digest = hmac.digest(secret, struct.pack(">Q", int(time.time()) // 30), "sha1")
    place = digest[-1] & 15
    code = (struct.unpack(">I", digest[place : place + 4])[0] & 0x7FFFFFFF) % 10**6
    body = urllib.parse.urlencode({"purpose": "dispatch", "code": f"{code:06d}", "next": "/wall"}).encode()
    headers = {"User-Agent": AGENT, "Cookie": login.cookie, "X-CSRFToken": login.csrf, "Referer": f"{url}/prove"}
    answer = urllib.request.urlopen(urllib.request.Request(f"{url}/prove", body, headers))
    if answer.url.endswith("/prove"):
        raise RuntimeError("the second factor was not taken")


def request_bytes(method: str, path: str, *, body: bytes = b"", login: Login | None = None, **headers: str) -> bytes:
    """One request as it goes over the wire."""
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"User-Agent: {AGENT}",
        f"Content-Length: {len(body)}",
        "Content-Type: application/json",
    ]
    if login:
        lines += [f"Cookie: {login.cookie}", f"X-CSRFToken: {login.csrf}", "Referer: http://127.0.0.1/"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


@dataclass
class Outcome:
    """What a load run saw: seconds per answer, and answers by status."""

    seconds: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    took_s: float = 0.0
    last_body: bytes = b""

    @property
    def per_second(self) -> float:
        return sum(count for status, count in self.statuses.items() if status < 400) / self.took_s

    def quantile_ms(self, share: float) -> float:
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(int(share * len(ordered)), len(ordered) - 1)]


async def _one_connection(port: int, make: Callable[[], bytes], until: Callable[[], bool], seen: Outcome) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while not until():
        request = make()
        began = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        seen.last_body = await (reader.readexactly(int(length[1])) if length else _chunked(reader))
        seen.seconds.append(time.perf_counter() - began)
        status = int(head[9:12])
        seen.statuses[status] = seen.statuses.get(status, 0) + 1
    writer.close()


async def _chunked(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int(await reader.readline(), 16):
        body += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return body


def drive(port: int, make: Callable[[], bytes], *, connections: int, seconds: float = 0, count: int = 0) -> Outcome:
    """Send requests over kept-alive connections for so many seconds, or so many requests in all."""
    seen = Outcome()
    began = time.perf_counter()

    def until() -> bool:
        return len(seen.seconds) >= count if count else time.perf_counter() - began >= seconds

    async def all_connections() -> None:
        await asyncio.gather(*(_one_connection(port, make, until, seen) for _ in range(connections)))

    asyncio.run(all_connections())
    seen.took_s = time.perf_counter() - began
    return seen


def median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    return ordered[len(ordered) // 2]
