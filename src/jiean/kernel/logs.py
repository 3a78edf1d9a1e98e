"""Log lines that quote nobody: an exception's kind and where it happened, never its message.

Messages of exceptions carry what was being worked on: the value that could not be read, the row the database refused.
Our own log lines name ids and codes; a test drives every page and searches them (TRUST, T-LEAK).
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from types import TracebackType

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class QuietFormatter(logging.Formatter):
    """A formatter that leaves the messages of exceptions out."""

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
