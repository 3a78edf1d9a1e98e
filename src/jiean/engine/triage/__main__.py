"""`python -m jiean.engine.triage fit|predict`: learn from files of reports, judge files of reports."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from jiean.engine.triage.judge import Judgement, judge
from jiean.engine.triage.learner import Parameters, TooLittle, fit
from jiean.engine.triage.model import BadModel, load, save
from jiean.engine.triage.reports import BadReports, read_reports


def parser() -> argparse.ArgumentParser:
    """The words this command understands."""
    top = argparse.ArgumentParser(prog="python -m jiean.engine.triage")
    todo = top.add_subparsers(dest="what", required=True)
    learn = todo.add_parser("fit", help="learn from labelled reports")
    learn.add_argument("train", type=Path, nargs="+", metavar="TRAIN.jsonl.gz")
    learn.add_argument("--model", type=Path, required=True, metavar="DIR")
    learn.add_argument("--trained-on", default="", metavar="DATE", help="date to write on the model's card")
    learn.add_argument("--precision", type=float, default=0.95, help="wanted of what is answered (default 0.95)")
    learn.add_argument("--seed", type=int, default=0)
    learn.add_argument("--json", action="store_true", help="answer as JSON")
    say = todo.add_parser("predict", help="judge reports")
    say.add_argument("--model", type=Path, required=True, metavar="DIR")
    say.add_argument("reports", type=Path, metavar="IN.jsonl.gz")
    say.add_argument("out", type=Path, metavar="OUT.jsonl")
    say.add_argument("--json", action="store_true", help="answer as JSON")
    return top


def main(words: Sequence[str] | None = None) -> int:
    """Run the command; 0 when done, 1 with one line on standard error when not."""
    asked = parser().parse_args(words)
    try:
        answer = _fit(asked) if asked.what == "fit" else _predict(asked)
    except (BadReports, BadModel, TooLittle, ValueError, OSError) as problem:
        print(problem, file=sys.stderr)
        return 1
    lines = [json.dumps(answer, ensure_ascii=False)] if asked.json else [f"{k}: {v}" for k, v in answer.items()]
    print("\n".join(lines))
    return 0


def _fit(asked: argparse.Namespace) -> dict[str, object]:
    reports = read_reports(asked.train)
    wanted = Parameters(precision=asked.precision)
    model = fit(reports, trained_on=asked.trained_on, seed=asked.seed, parameters=wanted)
    save(model, asked.model)
    figures = {name: round(value, 4) for name, value in model.card.figures.items()}
    return {"version": model.version, "reports": model.card.reports, "threshold": model.card.threshold} | figures


def _predict(asked: argparse.Namespace) -> dict[str, object]:
    model = load(asked.model)
    reports = read_reports([asked.reports])
    answered = police = 0
    with asked.out.open("w", encoding="utf-8") as out:
        for report in reports:
            found = judge(model, report.title, report.body)
            answered += found.answered
            police += found.police
            out.write(json.dumps(_line(report.id, found), ensure_ascii=False) + "\n")
    return {"version": model.version, "reports": len(reports), "answered": answered, "police": police}


def _line(report_id: str | int, found: Judgement) -> dict[str, object]:
    return {
        "id": report_id,
        "label": found.labels[0],
        "confidence": round(found.confidence, 6),
        "answered": found.answered,
        "second": found.labels[-1],
        "police": found.police,
        "red_flags": list(found.red_flags),
        "reasons": [{"code": one.code, "about": one.about, "words": list(one.words)} for one in found.reasons],
    }


if __name__ == "__main__":
    sys.exit(main())
