"""What happened to the law's text. Counts only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jiean.kernel.events import Audience, Event


@dataclass(frozen=True)
class StatutesBrought(Event):
    """Statutes came in; what their articles are ranked by is to be made anew."""

    articles: int
    AUDIENCE: ClassVar[Audience] = {}
