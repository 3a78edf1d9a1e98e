"""The bridge between server and pages: whole answers, streams, bodies too long, senders too slow, clients that went away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import HttpResponse, StreamingHttpResponse

from jiean.config import bridge
from jiean.config.bridge import Pages
from tests.patience import on_a_loop

Message = dict[str, Any]


class Client:
    """One request in process: the messages it sends, and those it was sent."""

    def __init__(self, *messages: Message, headers: dict[str, str] | None = None) -> None:
        self.to_send = list(messages)
        self.sent: list[Message] = []
        self.more = asyncio.Event()
        self.headers = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]

    @property
    def scope(self) -> dict[str, Any]:
        return {
            "type": "http",
            "http_version": "1.1",
            "method": "POST",
            "path": "/x",
            "query_string": b"",
            "headers": self.headers,
        }

    async def receive(self) -> Message:
        if not self.to_send:
            await self.more.wait()
        return self.to_send.pop(0)

    async def send(self, message: Any) -> None:
        self.sent.append(dict(message))

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent[1:])


def whole(body: bytes = b"") -> Message:
    return {"type": "http.request", "body": body, "more_body": False}


def part(body: bytes) -> Message:
    return {"type": "http.request", "body": body, "more_body": True}


def echo(environ: Any, start_response: Callable[..., Any]) -> Any:
    """A page that says back what it was sent."""
    response = HttpResponse(environ["wsgi.input"].read(), headers={"X-Length": environ.get("CONTENT_LENGTH", "")})
    start_response("200 OK", list(response.items()))
    return response


def served(client: Client, application: Callable[..., Any] = echo) -> Client:
    on_a_loop(Pages(application, threads=1)(client.scope, client.receive, client.send))
    return client


def test_a_body_in_parts_reaches_the_page_whole_and_the_answer_is_one_piece() -> None:
    client = served(Client(part("早".encode()), part(b"-"), whole("安".encode()), headers={"content-length": "7"}))
    assert (client.status, client.body.decode()) == (200, "早-安")
    assert len(client.sent) == 2
    assert (b"x-length", b"7") in client.sent[0]["headers"]


def test_a_slow_sender_holds_no_thread() -> None:
    async def scene() -> None:
        pages = Pages(echo, threads=1)
        slow = Client(part(b"never"))
        waiting = asyncio.create_task(pages(slow.scope, slow.receive, slow.send))
        quick = Client(whole(b"now"))
        await asyncio.wait_for(pages(quick.scope, quick.receive, quick.send), timeout=30)
        assert quick.body == b"now"
        assert slow.sent == []
        slow.to_send.append(whole(b"-at-last"))
        slow.more.set()
        await asyncio.wait_for(waiting, timeout=30)
        assert slow.body == b"never-at-last"

    on_a_loop(scene())


def test_a_stream_goes_piece_by_piece_and_is_closed() -> None:
    closed: list[bool] = []

    def application(environ: Any, start_response: Callable[..., Any]) -> Any:
        def pieces() -> Iterator[bytes]:
            yield b"one"
            yield b"two"

        response = StreamingHttpResponse(pieces())
        response.close = lambda: closed.append(True)  # type: ignore[method-assign]
        start_response("200 OK", [])
        return response

    client = served(Client(whole()), application)
    assert [message.get("body") for message in client.sent[1:]] == [b"one", b"two", b""]
    assert [message.get("more_body", False) for message in client.sent[1:]] == [True, True, False]
    assert closed == [True]


@pytest.mark.parametrize("told", [True, False])
def test_a_body_too_long_is_refused_in_words_before_a_page_runs(monkeypatch: pytest.MonkeyPatch, told: bool) -> None:
    monkeypatch.setattr(bridge, "MOST_BYTES", 10)

    def never(*_: Any) -> Any:
        raise AssertionError("the page ran")

    headers = {"content-length": "11"} if told else {}
    client = served(Client(part(b"123456"), whole(b"78901"), headers=headers), never)
    assert client.status == 413
    assert "太大" in client.body.decode()


def test_a_client_gone_before_its_request_was_whole_starts_nothing() -> None:
    def never(*_: Any) -> Any:
        raise AssertionError("the page ran")

    assert served(Client(part(b"half"), {"type": "http.disconnect"}), never).sent == []
