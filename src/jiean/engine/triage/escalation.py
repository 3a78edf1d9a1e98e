"""Signs that a dispute may turn violent (民转刑), for a mediator to weigh: reasons with the words that gave them, and no more.

The list is this program's own and has no labels behind it: how often a sign is followed by violence nobody has measured. So
there is no probability and no total; whoever reads it sees what stands in the words and decides. It is for one dispute and
is not to be stored.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files

from jiean.engine.once import once
from jiean.engine.reading import alike


class Sign(StrEnum):
    """What to look at, the gravest first."""

    THREAT = "threat"
    WEAPON = "weapon"
    EARLIER_FIGHT = "earlier_fight"
    EARLIER_CALLS = "earlier_calls"
    NAMED_TARGET = "named_target"
    DESPAIR = "despair"
    DRINK_OR_ILLNESS = "drink_or_illness"
    FAILED_MEDIATION = "failed_mediation"
    TRIGGER = "trigger"


@dataclass(frozen=True)
class Seen:
    """A sign and the words that gave it."""

    sign: Sign
    words: tuple[str, ...]


_DENIED = re.compile(r"(?:没有?|从未|未曾|不曾|不会|并未|未)[^。！？，,；]{0,3}$")


@once
def _patterns() -> dict[Sign, re.Pattern[str]]:
    kept = json.loads(files("jiean.engine.triage").joinpath("escalation.json").read_text("utf-8"))
    return {sign: re.compile(kept[sign]) for sign in Sign}


def escalation_signs(text: str) -> tuple[Seen, ...]:
    """The signs in the words of one dispute, in the order of `Sign`; denied ones ("没有动手") do not count."""
    clean = alike(text).replace(" ", "").replace(",", "，").replace("!", "！").replace("?", "？")
    found = []
    for sign, pattern in _patterns().items():
        words = [hit[0] for hit in pattern.finditer(clean) if not _DENIED.search(clean[: hit.start()])]
        if words:
            found.append(Seen(sign, tuple(dict.fromkeys(words))))
    return tuple(found)
