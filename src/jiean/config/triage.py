"""``jiean triage train | evaluate | use | back``: learn destinations from the station's own routes, and choose who advises."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator

import django

from jiean.config.start import say
from jiean.engine.triage.learner import TooLittle
from jiean.engine.triage.model import BadModel

DEEDS = ("train", "evaluate", "use", "back")


def words(command: argparse.ArgumentParser) -> None:
    """The words the command understands."""
    command.add_argument("deed", choices=DEEDS)
    command.add_argument("version", nargs="?", default="", help="for evaluate and use; the newest where not given")
    command.add_argument("--json", action="store_true", help="answer as JSON")


def run(deed: str, version: str, *, as_json: bool) -> int:
    """Do one deed; 0 when done, 1 with one line when not."""
    django.setup()
    try:
        answer = {"train": _train, "evaluate": _evaluate, "use": _use, "back": _back}[deed](version)
    except (BadModel, TooLittle, OSError, LookupError) as problem:
        say(f"triage: {problem}")
        return 1
    say(json.dumps(answer, ensure_ascii=False) if as_json else "\n".join(_lines(answer)))
    return 0


def _lines(answer: dict[str, object]) -> Iterator[str]:
    for name, value in answer.items():
        if isinstance(value, dict):
            yield f"{name}:"
            yield from (f"  {inner:<14} {number}" for inner, number in value.items())
        else:
            yield f"{name}: {value}"


def _train(_: str) -> dict[str, object]:
    """Fit on the starting set and the station's routes; nothing is put in use by it."""
    from jiean.intake import commands, lessons  # noqa: PLC0415 — settings load only after django.setup()
    from jiean.kernel.actor import Actor  # noqa: PLC0415

    model, own = lessons.fitted()
    commands.keep_model(Actor.system(), model)
    figures = {name: round(value, 4) for name, value in model.card.figures.items()}
    return {"version": model.version, "reports": model.card.reports, "own": own, "held out": figures}


def _evaluate(version: str) -> dict[str, object]:
    """A model's held-out figures and confusion, and what it would change in the newest reports."""
    from jiean.intake import lessons  # noqa: PLC0415 — settings load only after django.setup()

    model = lessons.kept_model(version)
    found, card = lessons.changes(model), model.card
    table = {label: " ".join(map(str, row)) for label, row in zip(card.labels, card.confusion, strict=True)}
    answer: dict[str, object] = {"version": model.version, "trained on": card.trained_on, "reports": card.reports}
    answer |= {"held out": {name: round(value, 4) for name, value in card.figures.items()}, "confusion": table}
    return answer | {
        "compared": found.compared,
        "would change": {f"{old} → {new}": count for old, new, count in found.rows},
    }


def _use(version: str) -> dict[str, object]:
    from jiean.intake import commands, lessons  # noqa: PLC0415 — settings load only after django.setup()
    from jiean.kernel.actor import Actor  # noqa: PLC0415

    return _told(commands.use_model(Actor.system(), lessons.chosen(version)))


def _back(_: str) -> dict[str, object]:
    """One step back: to the model before, or to the rules alone."""
    from jiean.intake import commands, lessons  # noqa: PLC0415 — settings load only after django.setup()
    from jiean.kernel.actor import Actor  # noqa: PLC0415

    if not lessons.in_use():
        raise LookupError("no model is in use; rules alone advise")
    return _told(commands.step_back(Actor.system()))


def _told(done: dict[str, str]) -> dict[str, object]:
    return {name: version or "rules alone" for name, version in done.items()}
