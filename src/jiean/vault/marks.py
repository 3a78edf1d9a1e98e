"""Marks of words: keyed digests of the signs and pairs of signs of a text, which a search index holds instead of the words.

Who has the database but not the station's keys sees numbers. The key is another one for each kind of matter, so that the marks
of a report and of an incident cannot be laid side by side. Four bytes are kept: two pairs that share them are told apart
when the row itself is read.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from functools import lru_cache

from jiean.engine.retrieval import pieces, terms
from jiean.vault.keys import StationKeys

MOST_SIGNS = 5000


def marks_of(keys: StationKeys, kind: str, text: str) -> list[int]:
    """The marks of every sign and pair of signs of a text, sorted."""
    return _marks(keys, kind, terms(text, MOST_SIGNS))


def marks_wanted(keys: StationKeys, kind: str, words: str) -> list[int]:
    """The marks a text must have to hold the words: those of pairs, and of a sign that stands alone."""
    grams = {
        gram
        for piece in pieces(words)
        for gram in ([piece] if len(piece) == 1 else [piece[at : at + 2] for at in range(len(piece) - 1)])
    }
    return _marks(keys, kind, grams)


def _marks(keys: StationKeys, kind: str, grams: Iterable[str]) -> list[int]:
    key = _key(keys.lookup, kind)
    return sorted({_mark(key, gram) for gram in grams})


@lru_cache(maxsize=16)
def _key(lookup: bytes, kind: str) -> bytes:
    return hmac.digest(lookup, f"words of matters|{kind}".encode(), "sha256")


@lru_cache(maxsize=100_000)
def _mark(key: bytes, gram: str) -> int:
    return int.from_bytes(hmac.digest(key, gram.encode(), "sha256")[:4], "big", signed=True)
