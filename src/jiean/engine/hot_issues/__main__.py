"""`python -m jiean.engine.hot_issues IN.jsonl.gz OUT.jsonl`: which reports of a file are about one thing."""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from jiean.engine.hot_issues.grouping import Grouped, Parameters, Reported, group, index


def parser() -> argparse.ArgumentParser:
    """The words this command understands."""
    top = argparse.ArgumentParser(prog="python -m jiean.engine.hot_issues")
    top.add_argument(
        "reports", type=Path, metavar="IN.jsonl.gz", help="objects with n or id, title, text, time; perhaps lon, lat"
    )
    top.add_argument("out", type=Path, metavar="OUT.jsonl")
    top.add_argument("--offers", type=Path, metavar="PAIRS.tsv", help="also write the pairs offered for merging")
    top.add_argument("--json", action="store_true", help="answer as JSON")
    return top


def main(words: Sequence[str] | None = None) -> int:
    """Run the command; 0 when done, 1 with one line on standard error when not."""
    asked = parser().parse_args(words)
    try:
        reports = _reports(asked.reports)
        found = group(index(reports, Parameters()))
        _write(asked, reports, found)
    except (OSError, EOFError, ValueError) as problem:
        print(f"{asked.reports}: {problem}", file=sys.stderr)
        return 1
    answer = {"reports": len(reports), "issues": len(found.issues), "offers": len(found.offers)}
    print(json.dumps(answer) if asked.json else ", ".join(f"{count} {name}" for name, count in answer.items()))
    return 0


def _reports(path: Path) -> list[Reported]:
    opener = gzip.open if path.suffix == ".gz" else Path.open
    with opener(path, "rt", encoding="utf-8") as lines:
        return [_report(json.loads(line), number) for number, line in enumerate(lines, start=1) if line.strip()]


def _report(row: Any, number: int) -> Reported:
    if not isinstance(row, Mapping) or "time" not in row:
        raise ValueError(f"line {number}: an object with time, title and text is needed")
    day = datetime.fromisoformat(str(row["time"])).timestamp() / 86400
    title, body = str(row.get("title") or ""), str(row.get("text") or "")
    return Reported(row.get("n", row.get("id", number)), title, body, day, row.get("lon"), row.get("lat"))


def _write(asked: argparse.Namespace, reports: Sequence[Reported], found: Grouped) -> None:
    with asked.out.open("w", encoding="utf-8") as out:
        for report, label in zip(reports, found.labels.tolist(), strict=True):
            out.write(json.dumps({"id": report.id, "group": label}, ensure_ascii=False) + "\n")
    if asked.offers:
        with asked.offers.open("w", encoding="utf-8") as out:
            for pair in found.offers:
                out.write(f"{reports[pair.first].id}\t{reports[pair.second].id}\t{pair.likeness:.4f}\n")


if __name__ == "__main__":
    sys.exit(main())
