"""What the plain doors beside the pages share: the shape of the server's calls, headers, a cookie, a short answer."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

from django.conf import settings

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


def header(scope: Scope, name: bytes) -> str:
    """A request header's words, empty where it is not there; ``name`` in small letters."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name), "")


def cookie_prefix() -> str:
    """What stands before the name of every cookie of ours where the station is reached by HTTPS (see ``doorstep``)."""
    return "__Host-" if settings.SESSION_COOKIE_SECURE else ""


def cookie(scope: Scope, name: str) -> str:
    """A cookie's value, empty where it is not there or cannot be read."""
    name = cookie_prefix() + name
    jar: SimpleCookie = SimpleCookie()
    with contextlib.suppress(CookieError):
        jar.load(header(scope, b"cookie"))
    return jar[name].value if name in jar else ""


def guards() -> Headers:
    """What every answer beside the pages tells a browser: it is nothing to show, to frame, to guess at, or to fetch in clear."""
    told = [
        (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"cross-origin-resource-policy", b"same-origin"),
    ]
    if settings.SECURE_HSTS_SECONDS:
        told.append(
            (b"strict-transport-security", f"max-age={settings.SECURE_HSTS_SECONDS}; includeSubDomains".encode())
        )
    return told


async def answer(send: Send, status: int, headers: Headers | None = None, body: bytes = b"") -> None:
    """Send a whole answer."""
    told = [(b"content-length", str(len(body)).encode()), *(headers or []), *guards()]
    await send({"type": "http.response.start", "status": status, "headers": told})
    await send({"type": "http.response.body", "body": body})
