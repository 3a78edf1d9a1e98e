"""Texts kept to be searched, by collection: put in, found by likeness of words, taken out. Plain PostgreSQL, no extension.

A room puts texts under its own ids; what comes back are ids with scores, for the room to read by its own scopes. For one sign
or pair of signs a row of `kernel_posting` holds, packed, which passages have it and what it weighs there (BM25; Robertson and
Zaragoza 2009, § 3.4): the length's share is worked out when a text comes in and again at night, how rare the term is when a
question comes. Putting adds a segment and changes no row; `tidy` makes one segment of them and drops what was taken out.

A collection whose texts are personal is given a `key`: its terms are then keyed digests, and without the key the tables
show neither words nor which of two stations' texts are alike.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

K1, B = 1.2, 0.75
MOST_SHARE = 0.1
"""Terms in more of the passages than this are passed over: they cost most and say least."""
FEW = 50
"""… but a term in no more passages than this costs nothing, however small the collection."""
SPARE = 100
"""Candidates beyond those asked for, since some were taken out since the last tidying."""

Terms = Mapping[str, int]
"""Counts by term, as `engine.retrieval.terms` makes them of a text."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """How much a collection holds."""

    passages: int
    segments: int
    rows: int
    bytes: int


def put(collection: str, texts: Mapping[int, Terms], *, key: bytes = b"") -> int:
    """Put texts, each as the counts of its terms, under their ids, in place of those that are there; return how many."""
    if not texts:
        return 0
    counted = [_hashed(row, key) for row in texts.values()]
    lengths = [min(sum(row.values()), 32_767) for row in counted]
    with transaction.atomic(), connection.cursor() as cursor:
        remove(collection, list(texts))
        cursor.execute(
            "INSERT INTO kernel_passage (collection, subject_id, length) SELECT %s, subject, length"
            " FROM unnest(%s::bigint[], %s::int[]) row (subject, length) RETURNING id",
            [collection, list(texts), lengths],
        )
        ids = [row[0] for row in cursor.fetchall()]
        mean = _shelf(cursor, collection)[1]
        cursor.execute("SELECT nextval('kernel_segment')")
        _write(cursor, collection, cursor.fetchone()[0], _packed(ids, counted, lengths, mean))
    return len(ids)


def remove(collection: str, subject_ids: Sequence[int]) -> int:
    """Take texts out; they are found no more at once, and their postings go with the next tidying. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM kernel_passage WHERE collection = %s AND subject_id = ANY(%s)", [collection, list(subject_ids)]
        )
        return int(cursor.rowcount)


def search(
    collection: str, asked: Terms, *, among: Sequence[int] | None = None, most: int = 100, key: bytes = b""
) -> list[tuple[int, float]]:
    """Ids of the texts most like what is asked (counts of its terms) with their scores, best first.

    ``among`` are the ids the asker may see (None: all of them are public); no other is ranked, returned or counted.
    """
    wanted = _hashed(asked, key)
    if not wanted or (among is not None and not among):
        return []
    with connection.cursor() as cursor:
        size, _mean = _shelf(cursor, collection)
        idf = _rarity(cursor, collection, list(wanted), size)
        scores, first = _scores(cursor, collection, wanted, idf)
        if among is not None:
            scores = _only(scores, _places(cursor, collection, among) - first)
        best = np.argsort(-scores, kind="stable")[: most + SPARE]
        best = best[scores[best] > 0]
        cursor.execute("SELECT id, subject_id FROM kernel_passage WHERE id = ANY(%s)", [(best + first).tolist()])
        subjects = dict(cursor.fetchall())
    ranked = [(subjects[one + first], float(scores[one])) for one in best.tolist() if one + first in subjects]
    return ranked[:most]


def tidy(collection: str) -> int:
    """Make one segment of all, without what was taken out, weighed by the mean length of now; return its postings."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('kernel_posting'), hashtext(%s))", [collection])
        mean = _shelf(cursor, collection)[1]
        cursor.execute("SELECT id, length FROM kernel_passage WHERE collection = %s ORDER BY id", [collection])
        alive = np.array(cursor.fetchall(), np.int64).reshape(-1, 2)
        cursor.execute(
            "SELECT term, passages, counts FROM kernel_posting WHERE collection = %s ORDER BY term, segment",
            [collection],
        )
        rows = cursor.fetchall()
        cursor.execute("DELETE FROM kernel_posting WHERE collection = %s", [collection])
        cursor.execute("SELECT nextval('kernel_segment')")
        packed = list(_merged(rows, alive, mean))
        _write(cursor, collection, cursor.fetchone()[0], packed)
    return sum(len(counts) for _term, _passages, counts, _weights in packed)


def tidy_all() -> dict[str, int]:
    """Tidy every collection; its postings, by collection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT collection FROM kernel_posting UNION SELECT collection FROM kernel_passage ORDER BY 1")
        names = [row[0] for row in cursor.fetchall()]
    return {name: tidy(name) for name in names}


def shelf(collection: str) -> Shelf:
    """How much a collection holds, and the size of the tables all collections share."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM kernel_passage WHERE collection = %s), count(DISTINCT segment), count(*),"
            " pg_total_relation_size('kernel_posting') + pg_total_relation_size('kernel_passage')"
            " FROM kernel_posting WHERE collection = %s",
            [collection, collection],
        )
        return Shelf(*cursor.fetchone())


def _hashed(row: Terms, key: bytes) -> Counter[int]:
    """Counts of a text's terms under their digests of four bytes: rare enough to meet by chance once in ten thousand questions."""
    found: Counter[int] = Counter()
    for term, count in row.items():
        digest = hashlib.blake2b(term.encode(), digest_size=4, key=key).digest()
        found[int.from_bytes(digest, "big", signed=True)] += count
    return found


def _shelf(cursor: Any, collection: str) -> tuple[int, float]:
    """Passages of a collection and their mean length."""
    cursor.execute("SELECT count(*), coalesce(avg(length), 1) FROM kernel_passage WHERE collection = %s", [collection])
    size, mean = cursor.fetchone()
    return int(size), max(float(mean), 1.0)


_Packed = tuple[int, NDArray[np.uint32], NDArray[np.uint8], NDArray[np.float16]]


def _packed(
    ids: Sequence[int], counted: Sequence[Counter[int]], lengths: Sequence[int], mean: float
) -> Iterator[_Packed]:
    """The passages, counts and weights of each term, terms ascending."""
    term = np.fromiter((one for row in counted for one in row), np.int64)
    count = np.fromiter((min(one, 255) for row in counted for one in row.values()), np.uint8)
    sizes = [len(row) for row in counted]
    passage, length = np.repeat(np.array(ids, np.uint32), sizes), np.repeat(np.array(lengths, np.float32), sizes)
    order = np.argsort(term, kind="stable")
    weight = _weights(count, length, mean)
    if not len(term):
        return
    found, starts = np.unique(term[order], return_index=True)
    for one, part in zip(found.tolist(), np.split(order, starts[1:]), strict=True):
        yield one, passage[part], count[part], weight[part]


def _merged(rows: Sequence[tuple[int, bytes, bytes]], alive: NDArray[np.int64], mean: float) -> Iterator[_Packed]:
    """The rows of one term after the other as one, dead passages left out."""
    ids = alive[:, 0]
    at = 0
    while at < len(rows):
        upto = at
        while upto < len(rows) and rows[upto][0] == rows[at][0]:
            upto += 1
        passage = np.frombuffer(b"".join(bytes(row[1]) for row in rows[at:upto]), "<u4")
        count = np.frombuffer(b"".join(bytes(row[2]) for row in rows[at:upto]), np.uint8)
        place = np.minimum(np.searchsorted(ids, passage), max(len(ids) - 1, 0))
        kept = ids[place] == passage if len(ids) else np.zeros(len(passage), bool)
        if kept.any():
            length = alive[place[kept], 1].astype(np.float32)
            yield rows[at][0], passage[kept], count[kept], _weights(count[kept], length, mean)
        at = upto


def _weights(count: NDArray[np.uint8], length: NDArray[np.float32], mean: float) -> NDArray[np.float16]:
    many = count.astype(np.float32)
    return (many * (K1 + 1) / (many + K1 * (1 - B + B * length / mean))).astype(np.float16)


def _write(cursor: Any, collection: str, segment: int, packed: Iterator[_Packed] | Sequence[_Packed]) -> None:
    with cursor.copy("COPY kernel_posting (collection, term, segment, passages, counts, weights) FROM STDIN") as out:
        for term, passages, counts, weights in packed:
            out.write_row(
                (collection, term, segment, passages.astype("<u4").tobytes(), counts.tobytes(), weights.tobytes())
            )


def _rarity(cursor: Any, collection: str, asked: list[int], size: int) -> dict[int, float]:
    """What each term that is rare enough is worth; of common terms alone the rarest one. Sizes are read, not the postings."""
    cursor.execute(
        "SELECT term, sum(octet_length(counts)) FROM kernel_posting WHERE collection = %s AND term = ANY(%s)"
        " GROUP BY term ORDER BY 2, 1",
        [collection, asked],
    )
    holding = [(term, int(many)) for term, many in cursor.fetchall()]
    rare = [one for one in holding if one[1] <= max(MOST_SHARE * size, FEW)] or holding[:1]
    return {term: float(np.log(1 + max(size - many + 0.5, 0.5) / (many + 0.5))) for term, many in rare}


def _scores(
    cursor: Any, collection: str, asked: Mapping[int, int], idf: Mapping[int, float]
) -> tuple[NDArray[np.float64], int]:
    """Scores of the passages from the first one met to the last, and the first one's id."""
    cursor.execute(
        "SELECT term, passages, weights FROM kernel_posting WHERE collection = %s AND term = ANY(%s)",
        [collection, list(idf)],
    )
    rows = cursor.fetchall()
    passages = [np.frombuffer(row[1], "<u4").astype(np.int64) for row in rows]
    weights = [np.frombuffer(row[2], np.float16).astype(np.float64) * idf[row[0]] * asked[row[0]] for row in rows]
    if not rows:
        return np.zeros(0), 0
    every = np.concatenate(passages)
    first = int(every.min())
    return np.bincount(every - first, weights=np.concatenate(weights)).astype(np.float64), first


def _places(cursor: Any, collection: str, subject_ids: Sequence[int]) -> NDArray[np.int64]:
    """Ids of the passages of some subjects."""
    cursor.execute(
        "SELECT id FROM kernel_passage WHERE collection = %s AND subject_id = ANY(%s)", [collection, list(subject_ids)]
    )
    return np.array([row[0] for row in cursor.fetchall()], np.int64)


def _only(scores: NDArray[np.float64], own: NDArray[np.int64]) -> NDArray[np.float64]:
    kept = np.zeros(len(scores))
    own = own[(own >= 0) & (own < len(scores))]
    kept[own] = scores[own]
    return kept
