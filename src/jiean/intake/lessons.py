"""What the station's own decisions teach, the models made from them, and how they do: reads only, nothing is put in use here."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from jiean.engine.masking import mask
from jiean.engine.triage.judge import judge
from jiean.engine.triage.learner import fit
from jiean.engine.triage.model import BadModel, Model, load
from jiean.engine.triage.reports import Report as Taught
from jiean.engine.triage.starting import starting_set
from jiean.intake.advice import BODIES, IN_USE, model_in_use, models_folder
from jiean.intake.models import Referral, Report
from jiean.kernel import clocks
from jiean.kernel.holds import held_ids
from jiean.vault.models import MatterKind

COMPARED = 500
"""So many of the newest reports are judged by both models when one is looked at."""

A_PERSON = "a person"
_WEEKS = 8


def routed() -> Iterator[Taught]:
    """Reports whose destination a person settled: sent to a body that did not refuse, or taken up by the police.

    A report taken up counts for the police in whatever state it is now; the last decision counts. Names, numbers and
    addresses are masked. Reports with a red flag are left out: rules decide them, whatever was learnt; so are those under a legal
    hold, which are kept for nothing else.
    """
    kept = (Referral.State.ACCEPTED, Referral.State.DONE)
    taken = Report.objects.filter(incident_id__isnull=False, red_flag=False).order_by("pk")
    sent = Referral.objects.filter(state__in=kept, report__red_flag=False).order_by("sent_at")
    labels = {pk: (text, "police") for pk, text in taken.values_list("pk", "text").iterator()}
    for pk, text, code in sent.values_list("report_id", "report__text", "organisation__code").iterator():
        labels[pk] = (text, code)
    for pk in held_ids(MatterKind.REPORT):
        labels.pop(pk, None)
    return (Taught(pk, "", mask(text), code) for pk, (text, code) in labels.items())


def taught_first() -> list[Taught]:
    """The starting set, under the codes of the station's bodies."""
    return [replace(one, label=BODIES.get(one.label, one.label)) for one in starting_set()]


def fitted() -> tuple[Model, int]:
    """A model fitted on the starting set and the station's routes, and how many were the station's. Raises TooLittle.

    It takes a minute: ask for it outside of any deed, then keep it by one.
    """
    own = list(routed())
    return fit([*taught_first(), *own], trained_on=clocks.local_day(clocks.now()).isoformat()), len(own)


def versions() -> list[str]:
    """Models kept, the newest first."""
    held = sorted(models_folder().glob("*/model.json"), key=lambda card: card.stat().st_mtime, reverse=True)
    return [card.parent.name for card in held]


def chosen(version: str = "") -> str:
    """A version given must be one that is kept; else the newest. Raises LookupError."""
    names = versions()
    if version and version not in names:
        raise LookupError(f"there is no model {version}; there are: {', '.join(reversed(names)) or 'none'}")
    if not names:
        raise LookupError("there is no model yet; run `jiean triage train`")
    return version or names[0]


def kept_model(version: str) -> Model:
    """Raises LookupError, BadModel."""
    return load(models_folder() / chosen(version))


def named() -> Path:
    """The file that names the model in use."""
    return models_folder() / IN_USE


def in_use() -> dict[str, str]:
    """``version`` and ``before``; empty where rules alone advise. Raises BadModel."""
    try:
        return {name: str(value) for name, value in json.loads(named().read_text("utf-8")).items()}
    except FileNotFoundError:
        return {}
    except (ValueError, AttributeError) as problem:
        raise BadModel(f"{named()}: {problem}") from problem


@dataclass(frozen=True, slots=True)
class Changes:
    """What a model would answer otherwise than the one in use: (from, to, how many), most first; codes, or ``A_PERSON``."""

    compared: int
    rows: list[tuple[str, str, int]]

    @property
    def changed(self) -> int:
        return sum(count for _, _, count in self.rows)


def changes(model: Model, most: int = COMPARED) -> Changes:
    """Both models on the newest reports without a red flag."""
    now = model_in_use()
    texts = list(Report.objects.filter(red_flag=False).order_by("-pk").values_list("text", flat=True)[:most])
    often = Counter((_answer(now, text), _answer(model, text)) for text in texts)
    rows = [(old, new, count) for (old, new), count in often.most_common() if old != new]
    return Changes(len(texts), rows)


def _answer(model: Model | None, text: str) -> str:
    found = judge(model, "", text) if model else None
    return found.labels[0] if found and found.answered else A_PERSON


@dataclass(frozen=True, slots=True)
class LabelFigures:
    """One destination on held-out reports: how many it is of, how often right when said, how often found; None of nothing."""

    label: str
    of: int
    precision: float | None
    recall: float | None
    said: tuple[int, ...]


def by_label(model: Model) -> list[LabelFigures]:
    """Precision and recall of each destination, from the confusion table of the model's card."""
    table = model.card.confusion
    columns = [sum(row[place] for row in table) for place in range(len(table))]
    return [
        LabelFigures(label, sum(row), _share(row[place], columns[place]), _share(row[place], sum(row)), tuple(row))
        for place, (label, row) in enumerate(zip(model.card.labels, table, strict=True))
    ]


def _share(part: int, of: int) -> float | None:
    return 100 * part / of if of else None


@dataclass(frozen=True, slots=True)
class Week:
    """Reports of one week: the day it begins, how many were judged by a model, and the shares in per cent.

    unsure : left to a person · corrected : of those a person routed, sent elsewhere than proposed
    """

    begins: dt.date
    judged: int
    unsure: float | None
    routed: int
    corrected: float | None


def drift() -> list[Week]:
    """Week by week, the newest first: a rise of either share says that people write or decide otherwise than was learnt."""
    since = clocks.now() - dt.timedelta(weeks=_WEEKS)
    wanted = Report.objects.filter(received_at__gte=since, red_flag=False)
    sent = _sent_since(since)
    rows: dict[dt.date, list[tuple[bool, bool, bool | None]]] = {}
    for pk, at, advice, incident_id in wanted.values_list("pk", "received_at", "advice", "incident_id").iterator():
        day = clocks.local_day(at)
        went = sent.get(pk) or ("police" if incident_id else "")
        codes = {reason.get("code") for reason in advice.get("reasons", ())}
        wrong = went != advice.get("destination", "") if went else None
        told = ("model" in advice, bool(codes & {"not_sure", "unread"}), wrong)
        rows.setdefault(day - dt.timedelta(days=day.weekday()), []).append(told)
    return [_week(begins, rows[begins]) for begins in sorted(rows, reverse=True)]


def _sent_since(since: dt.datetime) -> dict[int, str]:
    """Where reports were sent and kept: the last body's code by report."""
    sent = Referral.objects.filter(sent_at__gte=since, state__in=(Referral.State.ACCEPTED, Referral.State.DONE))
    return dict(sent.order_by("sent_at").values_list("report_id", "organisation__code"))


def _week(begins: dt.date, rows: list[tuple[bool, bool, bool | None]]) -> Week:
    judged = [unsure for by_model, unsure, _ in rows if by_model]
    routed_ = [wrong for _, _, wrong in rows if wrong is not None]
    return Week(begins, len(judged), _share(sum(judged), len(judged)), len(routed_), _share(sum(routed_), len(routed_)))
