"""The few signs of a text around what was looked for, the hits told apart; and whether a text holds every piece at all.

The text shown is the writer's own; only the comparison is made on the form in which signs are counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from jiean.engine.reading import alike
from jiean.engine.retrieval.postings import pieces

MOST_SIGNS = 5000
BEFORE = 14
"""Signs shown before the first hit."""


@dataclass(frozen=True, slots=True)
class Part:
    """A run of the text, and whether it was looked for."""

    words: str
    hit: bool


def holds(text: str, wanted: Sequence[str]) -> bool:
    """Whether every piece (as `pieces` makes them) occurs in the text; a text without pieces wanted holds none."""
    folded = "".join(map(_form, text[:MOST_SIGNS]))
    return bool(wanted) and all(piece in folded for piece in wanted)


def snippet(text: str, wanted: Sequence[str], most: int = 80) -> tuple[Part, ...]:
    """At most `most` signs of the text from a little before the first hit, hits told apart; … where something is left out.

    A text without a hit shows its beginning.
    """
    text = text[:MOST_SIGNS]
    hits = _spans(text, wanted)
    first = max(hits[0][0] - BEFORE, 0) if hits else 0
    last = min(first + most, len(text))
    made = [Part("…", False)] if first else []
    at = first
    for start, end in hits:
        if start >= last:
            break
        made += [Part(text[at:start], False), Part(text[start : min(end, last)], True)]
        at = min(end, last)
    made += [Part(text[at:last], False), Part("…" if last < len(text) else "", False)]
    return tuple(part for part in made if part.words)


def _spans(text: str, wanted: Sequence[str]) -> list[tuple[int, int]]:
    """Where the pieces stand in the text, in order, overlapping ones joined."""
    signs = list(_folded(text))
    folded = "".join(form for form, _place in signs)
    places = [place for form, place in signs for _sign in form]
    found = sorted((places[at], places[at + len(one) - 1] + 1) for one in set(wanted) for at in _every(folded, one))
    joined: list[tuple[int, int]] = []
    for start, end in found:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _every(folded: str, piece: str) -> Iterator[int]:
    at = folded.find(piece)
    while at >= 0:
        yield at
        at = folded.find(piece, at + len(piece))


def _folded(text: str) -> Iterator[tuple[str, int]]:
    """Each sign in the form it is compared in (none for what nobody sees), with its place; marks and blanks part the pieces."""
    for place, sign in enumerate(text[:MOST_SIGNS]):
        form = _form(sign)
        if form:
            yield form, place


@lru_cache(maxsize=20_000)
def _form(sign: str) -> str:
    form = alike(sign)
    return form if form and pieces(form) else " " if form or sign.isspace() else ""
