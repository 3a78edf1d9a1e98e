"""Deeds on what belongs together: two reports told apart, hot issues proposed by the clock and judged by a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TypeVar

from django.utils.translation import gettext_lazy as _

from jiean.engine.masking import mask, plain
from jiean.intake.access import Can
from jiean.intake.events import HotIssueChanged, ReportChanged
from jiean.intake.models import HotIssue, HotIssueReport, Report, ToldApart
from jiean.kernel.access import allow, fetch
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.errors import Invalid
from jiean.kernel.events import announce
from jiean.kernel.text import clean
from jiean.kernel.workflow import change, note

NAME_LIMIT = 40
T = TypeVar("T")


@command
def tell_apart(actor: Actor, report_id: int, other_id: int) -> bool:
    """Keep that two reports are not about one thing; whether that was new. Raises NotFound, Invalid."""
    if report_id == other_id:
        raise Invalid(report_ids=_("请选择另一件上报。"))
    first, second = (fetch(Can.TRIAGE, actor, Report, pk) for pk in sorted((report_id, other_id)))
    made = ToldApart.objects.get_or_create(first=first, second=second)[1]
    if made:
        announce(ReportChanged(report_id, first.cell_id if first.pk == report_id else second.cell_id))
    return made


@command
def untell_apart(actor: Actor, report_id: int, other_id: int) -> bool:
    """Take that back: the pair may be offered again. Whether there was anything to take back. Raises NotFound."""
    first, second = (fetch(Can.TRIAGE, actor, Report, pk) for pk in sorted((report_id, other_id)))
    gone = ToldApart.objects.filter(first=first, second=second).delete()[0]
    return bool(gone)


@command
def propose_issues(actor: Actor, groups: Sequence[Sequence[int]]) -> int:
    """Keep groups of reports as hot issues to be judged; return how many are new.

    A group that shares a report with a known issue makes that one grow, whatever was said of it: what a person dismissed
    is not proposed again under another number.
    """
    allow(Can.PROPOSE_ISSUES, actor)
    return sum(_propose(list(group)) for group in groups)


def _propose(group: Sequence[int]) -> bool:
    held = dict(HotIssueReport.objects.filter(report__in=group).values_list("report_id", "issue_id"))
    rows = [row for row in Report.objects.filter(pk__in=group).order_by("pk") if row.pk not in held]
    if not rows:
        return False
    if held:
        issue = HotIssue.objects.get(pk=Counter(held.values()).most_common(1)[0][0])
    else:
        issue = HotIssue.objects.create(
            kind=_most(row.kind for row in rows), cell_id=_most(row.cell_id for row in rows)
        )
    HotIssueReport.objects.bulk_create(HotIssueReport(issue=issue, report=row) for row in rows)
    change(issue)
    announce(HotIssueChanged(issue.pk, issue.cell_id))
    return not held


def _most(values: Iterable[T]) -> T:
    """What occurs most often, the earliest of equals."""
    return Counter(values).most_common(1)[0][0]


@command
def judge_issue(
    actor: Actor, issue_id: int, *, state: HotIssue.State, name: str | None = None, version: int | None = None
) -> HotIssue:
    """Confirm a hot issue, dismiss it or put it back; a name given replaces the old. Raises NotFound, IllegalMove, Conflict, Invalid."""
    issue = fetch(Can.JUDGE_ISSUES, actor, HotIssue, issue_id, version=version)
    fields = {} if name is None else {"name": _place_name(name)}
    HotIssue.WORKFLOW.move(issue, state, by=actor, **fields)
    announce(HotIssueChanged(issue.pk, issue.cell_id))
    return issue


@command
def rename_issue(actor: Actor, issue_id: int, *, name: str, version: int | None = None) -> HotIssue:
    """Give a hot issue a name of a place and a thing; an empty one takes the old away. Raises NotFound, Conflict, Invalid."""
    issue = fetch(Can.JUDGE_ISSUES, actor, HotIssue, issue_id, version=version)
    change(issue, name=_place_name(name))
    note(issue, by=actor, code="renamed")
    announce(HotIssueChanged(issue.pk, issue.cell_id))
    return issue


def _place_name(name: str) -> str:
    """Names of people, telephones and numbers of doors have no place in the name of an issue. Raises Invalid."""
    kept = clean(name, NAME_LIMIT, field="name").replace("\n", " ")
    if mask(kept) != plain(kept):
        raise Invalid(name=_("热点只说地方和事情，不写人名、电话和门牌。"))
    return kept
