"""The papers of a dispute as lists show them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count

from jiean.disputes.models import Dispute, Paper


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A paper in a list: how many have signed, and whether it is the newest edition."""

    paper: Paper
    signed: int
    newest: bool


def paper_lines(rows: Iterable[tuple[Paper, int]]) -> list[PaperLine]:
    """Papers with how many signed each, in the order they were issued."""
    told = list(rows)
    newest = {(one.kind, one.serial): one.pk for one, _signed in told}
    return [PaperLine(one, signed, newest[one.kind, one.serial] == one.pk) for one, signed in told]


def papers_of(dispute: Dispute) -> list[PaperLine]:
    """The papers of a dispute the caller has read already. One statement."""
    rows = dispute.papers.filter(content_id__isnull=False).annotate(signed=Count("signatures"))
    return paper_lines((one, one.signed) for one in rows)
