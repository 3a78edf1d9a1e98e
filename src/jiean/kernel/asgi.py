"""What the plain doors beside the pages share: the shape of the server's calls, headers, a cookie, a short answer."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


def header(scope: Scope, name: bytes) -> str:
    """A request header's words, empty where it is not there; ``name`` in small letters."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name), "")


def cookie(scope: Scope, name: str) -> str:
    """A cookie's value, empty where it is not there or cannot be read."""
    jar: SimpleCookie = SimpleCookie()
    with contextlib.suppress(CookieError):
        jar.load(header(scope, b"cookie"))
    return jar[name].value if name in jar else ""


async def answer(send: Send, status: int, headers: Headers | None = None, body: bytes = b"") -> None:
    """Send a whole answer."""
    told = [(b"content-length", str(len(body)).encode()), *(headers or [])]
    await send({"type": "http.response.start", "status": status, "headers": told})
    await send({"type": "http.response.body", "body": body})
