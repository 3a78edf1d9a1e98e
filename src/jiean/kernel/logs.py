"""Log lines that quote nobody and that nobody forges: an exception's kind and where it happened, never its message, on one line.

Messages of exceptions carry what was being worked on: the value that could not be read, the row the database refused.
Our own log lines name ids and codes; a test drives every page and searches them (TRUST, T-LEAK).
"""

from __future__ import annotations

import datetime as dt
import logging
import re
import traceback
from collections.abc import Iterator
from types import TracebackType

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""What ends a line, steers a terminal or turns the direction of reading."""


class QuietFormatter(logging.Formatter):
    """A formatter that leaves the messages of exceptions out, keeps what is logged on its line and says when with the zone."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 — the library's name
        """When, in UTC (RFC 3339)."""
        return dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 — the library's name
        """The line, with signs that cannot be seen written out: what was sent in forges no line of its own."""
        return _UNSEEN.sub(lambda sign: sign[0].encode("unicode_escape").decode(), super().formatMessage(record))

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802 — the library's name
        """The frames and the kind of an exception and of those it came from, the first cause first."""
        return "\n".join(part.rstrip("\n") for error in reversed(list(_chain(ei[1]))) for part in _told(error))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and what it came from, once each."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _told(error: BaseException) -> Iterator[str]:
    yield from traceback.format_tb(error.__traceback__)
    yield f"{type(error).__module__}.{type(error).__qualname__} (message withheld)"
