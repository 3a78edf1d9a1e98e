"""A ranker on disk: one array a file, read by mapping it into memory, so that processes share it and nothing runs by reading."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from jiean.engine.retrieval.bridge import Bridge
from jiean.engine.retrieval.meaning import Axes
from jiean.engine.retrieval.postings import Postings, build
from jiean.engine.retrieval.ranker import CLUES, Corpus, Past, Ranker
from jiean.engine.retrieval.trees import Trees

FORMAT = 1
_CARD = "ranker.json"
_POSTINGS = ("starts", "documents", "weights")
_TREES = ("clue", "border", "left", "right", "value")
_Arrays = dict[str, NDArray[Any]]


class BadRanker(ValueError):
    """A folder that holds no ranker of this format; the words name it."""


class CodedTerms(Mapping[str, int]):
    """Places by term: terms of one or two signs as numbers, ascending, looked up by halving."""

    def __init__(self, codes: NDArray[np.uint64], places: NDArray[np.int32]) -> None:
        self.codes, self.places = codes, places

    def __getitem__(self, term: str) -> int:
        found = self.of([term])[0]
        if found < 0:
            raise KeyError(term)
        return int(found)

    def of(self, terms: Sequence[str]) -> NDArray[np.int64]:
        """The place of each term, -1 where there is none: one search for all of a question's terms."""
        wanted = np.fromiter(map(_code, terms), np.uint64, len(terms))
        at = np.minimum(np.searchsorted(self.codes, wanted), max(len(self.codes) - 1, 0))
        if not len(self.codes):
            return np.full(len(terms), -1)
        return np.where((self.codes[at] == wanted) & (wanted > 0), self.places[at], -1).astype(np.int64)

    def __iter__(self) -> Iterator[str]:
        for code in self.codes.tolist():
            yield "".join(chr(sign) for sign in (code >> 32, code & 0xFFFFFFFF) if sign)

    def __len__(self) -> int:
        return len(self.codes)


def _code(term: str) -> int:
    """A term of one or two signs as a number; 0, which is none, for any other."""
    if len(term) == 2:
        return ord(term[0]) << 32 | ord(term[1])
    return ord(term) << 32 if len(term) == 1 else 0


def _coded(name: str, places: Mapping[str, int]) -> _Arrays:
    codes = np.array([_code(term) for term in places], np.uint64)
    order = np.argsort(codes, kind="stable")
    return {f"{name}.codes": codes[order], f"{name}.places": np.array(list(places.values()), np.int32)[order]}


def save(ranker: Ranker, folder: Path, **card: Any) -> None:
    """Write a ranker into a folder that is not there yet; `card` is kept beside it in words. Raises OSError."""
    partial = folder.with_name(folder.name + ".part")
    partial.mkdir(parents=True, exist_ok=True)
    for name, array in _arrays(ranker).items():
        np.save(partial / f"{name}.npy", array, allow_pickle=False)
    facts = {"format": FORMAT, "clues": list(CLUES), "even": list(ranker.even), "articles": len(ranker.ids)}
    facts |= {"questions": len(ranker.past.led_to), "sizes": _sizes(ranker)}
    if ranker.trees is not None:
        facts |= {"first": ranker.trees.first, "depth": ranker.trees.depth}
    (partial / _CARD).write_text(json.dumps(facts | card, ensure_ascii=False, indent=1) + "\n", "utf-8")
    partial.rename(folder)


def _sizes(ranker: Ranker) -> dict[str, int]:
    return {name: one.size for name, one in _postings(ranker).items()}


def _postings(ranker: Ranker) -> dict[str, Postings]:
    corpus = ranker.corpus
    found = {"words": corpus.words, "titled": corpus.titled, "names": corpus.names}
    if ranker.past.led_to:
        found |= {"past_words": ranker.past.words, "questions": ranker.past.questions}
    return found


def _arrays(ranker: Ranker) -> _Arrays:
    corpus, past = ranker.corpus, ranker.past
    kept: _Arrays = {"ids": np.array(ranker.ids), "law": corpus.law, "law_sizes": corpus.law_sizes}
    kept["everyday"] = corpus.everyday
    kept |= {"points": corpus.points, "axes.idf": corpus.axes.idf, "axes.axes": corpus.axes.axes}
    kept |= _coded("axes", corpus.axes.places)
    kept |= {name: getattr(ranker, name) for name in ("middles", "spreads", "weights")}
    for name, one in _postings(ranker).items():
        kept |= _coded(name, one.places) | {f"{name}.{part}": getattr(one, part) for part in _POSTINGS}
    if past.led_to:
        kept |= _past_arrays(past)
    if ranker.trees is not None:
        kept |= {f"trees.{part}": getattr(ranker.trees, part) for part in _TREES}
    return kept


def _past_arrays(past: Past) -> _Arrays:
    table = past.bridge.table
    many = np.cumsum([0, *map(len, past.led_to)])
    return {
        "past.points": past.points, "past.led_here": past.led_here, "past.law_led": past.law_led,
        "past.led_to": np.array([*chain(*past.led_to)], np.int64), "past.led_starts": many.astype(np.int64),
        "bridge.data": table.data, "bridge.indices": table.indices, "bridge.indptr": table.indptr,
        "bridge.to_point": past.bridge.to_point, "bridge.to_law": past.bridge.to_law,
    }  # fmt: skip


def card(folder: Path) -> dict[str, Any]:
    """What is written beside a ranker. Raises BadRanker."""
    try:
        facts: dict[str, Any] = json.loads((folder / _CARD).read_text("utf-8"))
        if facts["format"] != FORMAT or facts["clues"] != list(CLUES):
            raise BadRanker(f"{folder}: made by another version of this program; make it anew")
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise problem if isinstance(problem, BadRanker) else BadRanker(f"{folder}: no ranker: {problem}") from problem
    return facts


def load(folder: Path) -> Ranker:
    """Map a ranker into memory. Raises BadRanker."""
    facts = card(folder)
    try:
        files = {one.stem: np.load(one, mmap_mode="r", allow_pickle=False) for one in folder.glob("*.npy")}
        kept = {name: np.asarray(array) for name, array in files.items()}  # plain views: each slice of a memmap costs
        return _put_together(facts, kept)
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise BadRanker(f"{folder}: no ranker: {problem}") from problem


def _put_together(facts: Mapping[str, Any], kept: _Arrays) -> Ranker:
    def postings(name: str) -> Postings:
        places = CodedTerms(kept[f"{name}.codes"], kept[f"{name}.places"])
        arrays: dict[str, Any] = {part: kept[f"{name}.{part}"] for part in _POSTINGS}
        return Postings(places=places, **arrays, size=int(facts["sizes"][name]))

    axes = Axes(CodedTerms(kept["axes.codes"], kept["axes.places"]), kept["axes.idf"], kept["axes.axes"])
    words, titled, names = map(postings, ("words", "titled", "names"))
    corpus = Corpus(kept["law"], kept["law_sizes"], kept["everyday"], words, titled, names, axes, kept["points"])
    past = _past(kept, corpus, postings("past_words"), postings("questions")) if facts["questions"] else nothing(corpus)
    trees = None
    if "trees.clue" in kept:
        arrays: dict[str, Any] = {part: np.array(kept[f"trees.{part}"]) for part in _TREES}
        trees = Trees(**arrays, first=facts["first"], depth=facts["depth"])
    first, second, third, fourth = map(float, facts["even"])
    scales = kept["middles"], kept["spreads"], kept["weights"]
    return Ranker(kept["ids"].tolist(), corpus, past, *scales, trees, (first, second, third, fourth))


def _past(kept: _Arrays, corpus: Corpus, words: Postings, questions: Postings) -> Past:
    starts: list[int] = kept["past.led_starts"].tolist()
    every: list[int] = kept["past.led_to"].tolist()
    led_to: Sequence[tuple[int, ...]] = [tuple(every[first:last]) for first, last in pairwise(starts)]
    parts = kept["bridge.data"], kept["bridge.indices"], kept["bridge.indptr"]
    table = csr_matrix(parts, shape=(len(led_to), len(corpus.axes.idf)))
    bridge = Bridge(table, kept["past.points"], kept["bridge.to_point"], kept["bridge.to_law"])
    return Past(words, questions, kept["past.points"], led_to, kept["past.led_here"], kept["past.law_led"], bridge)


def nothing(corpus: Corpus) -> Past:
    """A memory without questions."""
    points = np.zeros((0, corpus.points.shape[1]), np.float32)
    articles, laws = len(corpus.law), len(corpus.law_sizes)
    bridge = Bridge(
        corpus.axes.table([]), points, np.zeros((0, points.shape[1]), np.float32), np.zeros((0, laws), np.float32)
    )
    zeros = np.zeros(articles, np.float32), np.zeros(laws, np.float32)
    return Past(corpus.words, build([]), points, [], *zeros, bridge)
