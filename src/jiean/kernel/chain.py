"""The arithmetic of the audit chain, without a database: what a link is, and how a walk along the chain finds the first bad one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Link:
    """One link as it is stored, beside the entry it stands for: the entry's columns as text, the first None when it is gone."""

    seq: int
    entry_id: int
    digest: str
    entry: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a walk found: how many links were sound, the head, and the first bad entry with the reason, if any."""

    links: int
    head: str
    bad_entry_id: int | None = None
    reason: str = ""

    @property
    def sound(self) -> bool:
        return self.bad_entry_id is None and not self.reason


def link_digest(before: str, entry: tuple[Any, ...]) -> str:
    """SHA-256 over the link before and the entry's columns in a canonical form."""
    return hashlib.sha256(before.encode() + orjson.dumps([str(value) for value in entry])).hexdigest()


def walk(links: Iterable[Link], anchored: Mapping[int, str] | None = None) -> Verdict:
    """Walk a chain from its first link and stop at the first that was changed, moved or taken away.

    ``anchored`` gives digests by sequence number as signed outside the database: with them a chain that was written anew from
    some point on, or cut off at its end, is found too. Without them neither can be.
    """
    anchored = anchored or {}
    seq, digest, walked = 0, GENESIS, 0
    for link in links:
        reason = _fault(link, seq, digest) or _against(anchored, link)
        if reason:
            return Verdict(walked, digest, link.entry_id, reason)
        seq, digest, walked = link.seq, link.digest, walked + 1
    furthest = max(anchored, default=0)
    if furthest > seq:
        return Verdict(walked, digest, None, f"the chain ends at link {seq}, but link {furthest} was anchored")
    return Verdict(walked, digest)


def _fault(link: Link, before: int, digest: str) -> str:
    if link.seq != before + 1:
        return "a link is missing before it"
    if link.entry[0] is None:
        return "the entry is gone"
    if link.digest != link_digest(digest, link.entry):
        return "the entry or its link was changed"
    return ""


def _against(anchored: Mapping[int, str], link: Link) -> str:
    if anchored.get(link.seq, link.digest) != link.digest:
        return f"the chain was written anew: link {link.seq} is not the one that was anchored"
    return ""
