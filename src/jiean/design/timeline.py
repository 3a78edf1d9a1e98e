"""What a room gives ``design/_timeline.html`` to show."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Protocol


class Late(Protocol):
    """What was done on a device without a network: when, when it was received, and why that is not believed, if it is not."""

    @property
    def at(self) -> dt.datetime: ...
    @property
    def received_at(self) -> dt.datetime: ...
    @property
    def doubt_words(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a timeline; ``tone`` is a class of parts.css without its ``step-``. What came late was ``written`` or done."""

    at: dt.datetime
    title: str
    by: str = ""
    note: str = ""
    tone: str = ""
    late: Late | None = None
    written: bool = False
