"""A file that only grows, read on from where it was read last: who asks a thousand times reads it once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Generic, TypeVar

Told = TypeVar("Told")
HEAD_BYTES = 256


class Followed(Generic[Told]):
    """What a file's whole lines say, kept up by ``take`` line by line from what ``begin`` makes.

    A line still being written, or cut short, is not read. Another file under the name, known by its first bytes, is read from its
    beginning, and so is one that is gone.
    """

    def __init__(self, begin: Callable[[], Told], take: Callable[[Told, bytes], None]) -> None:
        self._begin, self._take = begin, take
        self._reading = threading.Lock()
        self._told, self._head, self._read = begin(), b"", 0

    @contextmanager
    def of(self, file: Path) -> Iterator[Told]:
        """What ``file`` says now. It is this process's one copy: look at it between these lines, and change nothing."""
        with self._reading:
            self._read_on(file)
            yield self._told

    def _read_on(self, file: Path) -> None:
        if not file.exists():
            self._told, self._head, self._read = self._begin(), b"", 0
            return
        with file.open("rb") as lines:
            if not self._head or lines.read(len(self._head)) != self._head:
                lines.seek(0)
                first = lines.readline()
                head = first[:HEAD_BYTES] if first.endswith(b"\n") else b""
                self._told, self._head, self._read = self._begin(), head, 0
            lines.seek(self._read)
            new = lines.read()
        whole = new[: new.rfind(b"\n") + 1]
        for line in whole.splitlines():
            self._take(self._told, line)
        self._read += len(whole)
