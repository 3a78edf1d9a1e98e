"""`python -m jiean.engine.retrieval statutes|cases`: rank files of documents for a file of queries."""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from jiean.engine.retrieval.cases import Case, CaseLibrary
from jiean.engine.retrieval.statutes import Article, Asked, learn

MOST = 100


class BadFile(ValueError):
    """A file that cannot be read; the words name file and line."""


def parser() -> argparse.ArgumentParser:
    """The words this command understands."""
    top = argparse.ArgumentParser(prog="python -m jiean.engine.retrieval")
    todo = top.add_subparsers(dest="what", required=True)
    for name, words in (
        ("statutes", "articles for lay questions"),
        ("cases", "each query's candidates, most alike first"),
    ):
        one = todo.add_parser(name, help=words)
        one.add_argument("--corpus", type=Path, required=True, metavar="CORPUS.jsonl.gz")
        one.add_argument("--queries", type=Path, required=True, metavar="Q.jsonl.gz")
        one.add_argument("--out", type=Path, required=True, metavar="RUN.tsv")
        one.add_argument("--seed", type=int, default=0)
        one.add_argument("--json", action="store_true", help="answer as JSON")
    todo.choices["statutes"].add_argument(
        "--train", type=Path, metavar="TRAIN.jsonl.gz", help="past questions with gold"
    )
    return top


def main(words: Sequence[str] | None = None) -> int:
    """Run the command; 0 when done, 1 with one line on standard error when not."""
    asked = parser().parse_args(words)
    try:
        run = _statutes(asked) if asked.what == "statutes" else _cases(asked)
        lines = 0
        with asked.out.open("w", encoding="utf-8") as out:
            for query_id, ranked in run:
                for place, (found, score) in enumerate(ranked, start=1):
                    out.write(f"{query_id}\t{found}\t{place}\t{score:.6f}\n")
                    lines += 1
    except (BadFile, OSError) as problem:
        print(problem, file=sys.stderr)
        return 1
    print(json.dumps({"lines": lines}) if asked.json else f"{lines} lines")
    return 0


_Run = Iterable[tuple[str, Sequence[tuple[str | int, float]]]]


def _statutes(asked: argparse.Namespace) -> _Run:
    articles = [
        Article(row["id"], str(row["law"]), str(row["text"])) for row in _rows(asked.corpus, ("id", "law", "text"))
    ]
    places = {str(article.id): place for place, article in enumerate(articles)}
    past = [_asked(row, places) for row in _rows(asked.train, ("query", "gold"))] if asked.train else []
    queries = list(_rows(asked.queries, ("qid", "query")))
    ranker = learn(articles, past, seed=asked.seed)
    return ((str(row["qid"]), ranker.rank(str(row["query"]), MOST)) for row in queries)


def _asked(row: Mapping[str, Any], places: Mapping[str, int]) -> Asked:
    led = [str(one) for needed in row["gold"] for one in (needed if isinstance(needed, list) else [needed])]
    return Asked(str(row["query"]), tuple(dict.fromkeys(places[one] for one in led if one in places)))


def _cases(asked: argparse.Namespace) -> _Run:
    queries = list(_rows(asked.queries, ("qid", "query", "candidates")))
    wanted = {str(one) for row in queries for one in row["candidates"]}
    cases = [
        Case(str(row["id"]), str(row["facts"]), str(row.get("reason") or ""))
        for row in _rows(asked.corpus, ("id", "facts"))
        if str(row["id"]) in wanted
    ]
    library = CaseLibrary.of(cases, seed=asked.seed)
    return (
        (str(row["qid"]), library.rank(str(row["query"]), [str(one) for one in row["candidates"]])[:MOST])
        for row in queries
    )


def _rows(path: Path, needed: tuple[str, ...]) -> Iterator[Mapping[str, Any]]:
    opener = gzip.open if path.suffix == ".gz" else Path.open
    try:
        with opener(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _row(line, needed, f"{path}:{number}")
    except (OSError, EOFError, UnicodeDecodeError) as problem:
        raise BadFile(f"{path}: {problem}") from problem


def _row(line: str, needed: tuple[str, ...], where: str) -> Mapping[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as problem:
        raise BadFile(f"{where}: no JSON: {problem}") from problem
    if not isinstance(row, dict) or any(name not in row for name in needed):
        raise BadFile(f"{where}: an object with {', '.join(needed)} is needed")
    return row


if __name__ == "__main__":
    sys.exit(main())
