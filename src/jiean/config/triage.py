"""``jiean triage train | evaluate | use | back``: learn destinations from the station's own routes, and choose who advises."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import django

from jiean.config.start import say
from jiean.engine.masking import mask
from jiean.engine.triage.judge import judge
from jiean.engine.triage.learner import TooLittle, fit
from jiean.engine.triage.model import BadModel, Model, load, save
from jiean.engine.triage.reports import Report
from jiean.engine.triage.starting import starting_set

COMPARED = 500
"""So many of the newest reports are judged by both models when one is evaluated."""

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
    from jiean.kernel import clocks  # noqa: PLC0415 — settings load only after django.setup()

    own = list(routed())
    today = clocks.local_day(clocks.now()).isoformat()
    model = fit([*starting_set(), *own], trained_on=today)
    save(model, _folder() / model.version)
    figures = {name: round(value, 4) for name, value in model.card.figures.items()}
    return {"version": model.version, "reports": model.card.reports, "own": len(own), "held out": figures}


def routed() -> Iterator[Report]:
    """Reports whose destination a person settled: sent to a body that did not refuse, or taken up by the police.

    Names, numbers and addresses are masked. Reports with a red flag are left out: rules decide them, whatever was learnt.
    """
    from jiean.intake.models import Referral, Report as Row  # noqa: PLC0415, I001 — models load only after django.setup()

    kept = (Referral.State.ACCEPTED, Referral.State.DONE)
    sent = Referral.objects.filter(state__in=kept, report__red_flag=False).order_by("sent_at")
    taken = Row.objects.filter(state=Row.State.ACCEPTED, red_flag=False).order_by("pk")
    told = chain(
        sent.values_list("report_id", "report__text", "organisation__code").iterator(),
        ((pk, text, "police") for pk, text in taken.values_list("pk", "text").iterator()),
    )
    labels = {pk: (text, code) for pk, text, code in told}
    return (Report(pk, "", mask(text), code) for pk, (text, code) in labels.items())


def _evaluate(version: str) -> dict[str, object]:
    """A model's held-out figures and confusion, and what it would change in the newest reports."""
    from jiean.intake.advice import model_in_use  # noqa: PLC0415 — settings load only after django.setup()
    from jiean.intake.models import Report as Row  # noqa: PLC0415

    model, now = load(_folder() / _chosen(version)), model_in_use()
    texts = list(Row.objects.order_by("-pk").values_list("text", flat=True)[:COMPARED])
    changes: dict[str, int] = {}
    for text in texts:
        old, new = (_answer(one, text) for one in (now, model))
        if old != new:
            changes[f"{old} → {new}"] = changes.get(f"{old} → {new}", 0) + 1
    card = model.card
    table = {label: " ".join(map(str, row)) for label, row in zip(card.labels, card.confusion, strict=True)}
    answer: dict[str, object] = {"version": model.version, "trained on": card.trained_on, "reports": card.reports}
    answer |= {"held out": {name: round(value, 4) for name, value in card.figures.items()}, "confusion": table}
    return answer | {"compared": len(texts), "would change": dict(sorted(changes.items(), key=lambda one: -one[1]))}


def _answer(model: Model | None, text: str) -> str:
    """The destination a model would give by itself, or "a person"."""
    found = judge(model, "", text) if model else None
    return found.labels[0] if found and found.answered else "a person"


def _use(version: str) -> dict[str, object]:
    chosen = load(_folder() / _chosen(version)).version
    before = _in_use().get("version", "")
    _name({"version": chosen, "before": before if before != chosen else _in_use().get("before", "")})
    return {"in use": chosen, "before": before or "rules alone"}


def _back(_: str) -> dict[str, object]:
    """One step back: to the model before, or to the rules alone."""
    now = _in_use()
    if not now:
        raise LookupError("no model is in use; rules alone advise")
    if now.get("before"):
        load(_folder() / now["before"])
        _name({"version": now["before"], "before": now["version"]})
    else:
        _named().unlink()
    return {"in use": now.get("before") or "rules alone", "before": now["version"]}


def _folder() -> Path:
    from jiean.intake.advice import models_folder  # noqa: PLC0415 — settings load only after django.setup()

    return models_folder()


def _named() -> Path:
    from jiean.intake.advice import IN_USE  # noqa: PLC0415 — settings load only after django.setup()

    return _folder() / IN_USE


def _in_use() -> dict[str, str]:
    try:
        return {name: str(value) for name, value in json.loads(_named().read_text("utf-8")).items()}
    except FileNotFoundError:
        return {}
    except (ValueError, AttributeError) as problem:
        raise BadModel(f"{_named()}: {problem}") from problem


def _name(what: dict[str, str]) -> None:
    """Written whole and then moved, so that no reader finds half of it."""
    partial = _named().with_suffix(".part")
    partial.write_text(json.dumps(what) + "\n", "utf-8")
    partial.replace(_named())


def _chosen(version: str) -> str:
    """A version given must be a plain name; else the model saved last."""
    held = sorted(_folder().glob("*/model.json"), key=lambda card: card.stat().st_mtime)
    names = [card.parent.name for card in held]
    if version and version not in names:
        raise LookupError(f"there is no model {version}; there are: {', '.join(names) or 'none'}")
    if not names:
        raise LookupError("there is no model yet; run `jiean triage train`")
    return version or names[-1]
