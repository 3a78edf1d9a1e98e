"""What a room gives ``design/_timeline.html`` to show."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a timeline; ``tone`` is a class of parts.css without its ``step-``."""

    at: dt.datetime
    title: str
    by: str = ""
    note: str = ""
    tone: str = ""
