"""The dispatcher in front: ``/live`` and ``/positions`` go to plain ASGI applications, everything else to Django in threads.

Django runs under WSGI: measured, its own ASGI handler costs two to three times the processor time a request.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import threading
from collections.abc import Callable

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jiean.config.settings")
pages = get_wsgi_application()

from jiean.config.bridge import Pages  # noqa: E402 — Django must be set up first
from jiean.dispatch.advice import warm_up  # noqa: E402
from jiean.dispatch.api.positions import door  # noqa: E402
from jiean.engine.roads import RoadsError  # noqa: E402
from jiean.engine.triage import advise  # noqa: E402
from jiean.kernel.asgi import Receive, Scope, Send  # noqa: E402
from jiean.kernel.live import Live  # noqa: E402

log = logging.getLogger(__name__)
THREADS = int(os.environ.get("JIEAN_THREADS", "12"))


class Dispatcher:
    """Chooses the application by path and passes start and stop to those that keep something running."""

    def __init__(self) -> None:
        self.live = Live()
        self.positions = door
        self._watches_term = False
        self._stopping: asyncio.Future[None] | None = None
        self.django = Pages(pages, THREADS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "lifespan":
            return await self._lifespan(receive, send)
        if scope["type"] != "http":
            return None
        path = scope["path"]
        if path == "/live":
            self._end_streams_on_term()
            return await self.live(scope, receive, send)
        if path == "/positions":
            return await self.positions(scope, receive, send)

        await self.django(scope, receive, send)
        return None

    def _end_streams_on_term(self) -> None:
        """Let TERM end open streams before the server waits for connections to end; it would wait for ever.

        The server's own handler stands on the loop (config/web.py keeps it); ours runs first and calls it. On a loop that
        keeps none, the server's kill time-out ends the streams instead.
        """
        if self._watches_term:
            return
        self._watches_term = True
        loop = asyncio.get_running_loop()
        theirs = getattr(loop, "watchers", {}).get(signal.SIGTERM)
        if theirs is not None:
            loop.add_signal_handler(signal.SIGTERM, self._on_term, theirs)

    def _on_term(self, theirs: Callable[[], object]) -> None:
        self._stopping = asyncio.ensure_future(self.live.stop())
        theirs()

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self.live.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return


def _warm() -> None:
    """While nobody waits for it: read the addresses and the alarms, compile the road search; a broken road file is the advice's to report.

    What stands afterwards stays for good and is taken out of the garbage collector's sight: a full collection of it
    holds every thread for a tenth of a second (measured: docs/benchmarks.md).
    """
    _ = get_resolver().url_patterns
    advise("楼上漏水")
    try:
        warm_up()
    except RoadsError as error:
        log.warning("the roads could not be read: %s", error)
    gc.collect()
    gc.freeze()


application = Dispatcher()
threading.Thread(target=_warm, name="warm-up", daemon=True).start()
