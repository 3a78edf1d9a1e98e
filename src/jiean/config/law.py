"""``jiean law train [FILE] | show``: make what articles are ranked by, of the station's own articles and questions."""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django

from jiean.config.start import say
from jiean.kernel.errors import Refusal


class BadQuestions(ValueError):
    """A file of questions that cannot be read; the words name file and line."""


def words(command: argparse.ArgumentParser) -> None:
    """The words the command understands."""
    command.add_argument("deed", choices=("train", "show"))
    command.add_argument(
        "file", nargs="?", type=Path, metavar="QUESTIONS.jsonl[.gz]",
        help='lines of {"question": "…", "articles": [["law", "number"], …]}; they are masked and kept for this station alone',
    )  # fmt: skip
    command.add_argument("--json", action="store_true", help="answer as JSON")


def run(deed: str, file: Path | None, *, as_json: bool) -> int:
    """Do one deed; 0 when done, 1 with one line when not."""
    django.setup()
    try:
        answer = _train(file) if deed == "train" else _show()
    except (BadQuestions, Refusal, OSError, EOFError) as problem:
        say(f"law: {problem}")
        return 1
    say(json.dumps(answer, ensure_ascii=False) if as_json else "\n".join(f"{k}: {v}" for k, v in answer.items()))
    return 0


def _train(file: Path | None) -> dict[str, Any]:
    """Keep a file's questions, where one is given, and make the ranker anew."""
    from jiean.kernel.actor import Actor  # noqa: PLC0415 — settings load only after django.setup()
    from jiean.law import finding  # noqa: PLC0415
    from jiean.law.commands import keep_lessons, keep_ranker  # noqa: PLC0415

    told: dict[str, Any] = {}
    if file is not None:
        kept = keep_lessons(Actor.system(), list(questions(file)))
        told = {"questions kept": kept.questions, "articles not held": kept.unknown}
    state = finding.state()
    version = keep_ranker(Actor.system(), finding.fitted(), state=state)
    return told | {"version": version} | _show()


def _show() -> dict[str, Any]:
    """What ranks now."""
    from jiean.law import finding  # noqa: PLC0415 — settings load only after django.setup()

    now = finding.in_use()
    return {name: now.get(name, 0) for name in ("articles", "questions")} | {
        "ranks by": ("weights learnt" if now.get("depth") else "weights set by hand") if now else "words alone"
    }


def questions(path: Path) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Questions with law and number of what they led to. Raises BadQuestions, OSError."""
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _question(line, f"{path}:{number}")
    except (UnicodeDecodeError, EOFError) as problem:
        raise BadQuestions(f"{path}: {problem}") from problem


def _question(line: str, where: str) -> tuple[str, list[tuple[str, str]]]:
    try:
        row = json.loads(line)
        return str(row["question"]), [(str(law), str(number)) for law, number in row["articles"]]
    except (ValueError, KeyError, TypeError) as problem:
        raise BadQuestions(f'{where}: {{"question": …, "articles": [[law, number], …]}} is needed') from problem
