"""Hot issues: what the clock proposes, what a person says of it; and two reports told apart."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from jiean.intake import commands
from jiean.intake.access import Can
from jiean.intake.commands.issues import NAME_LIMIT
from jiean.intake.issues import hot_issues
from jiean.intake.models import HotIssue
from jiean.intake.pages.desk import DESK, ENTRY
from jiean.intake.rules import FEWEST_SHOWN, ISSUE_DAYS
from jiean.kernel.access import holds
from jiean.kernel.actor import Actor
from jiean.kernel.errors import Conflict, IllegalMove, NotFound
from jiean.kernel.http import actor_of, attempt, door, is_fragment, row_ids

STATES = {"confirm": HotIssue.State.CONFIRMED, "dismiss": HotIssue.State.DISMISSED, "undo": HotIssue.State.PROPOSED}


class IssueForm(forms.Form):
    """A name for an issue, and the version the person saw."""

    name = forms.CharField(label=_("名称"), max_length=NAME_LIMIT, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)


@door(*ENTRY)
@require_GET
def issues(request: HttpRequest) -> HttpResponseBase:
    """Hot issues of the last weeks."""
    template = "intake/_issues.html" if is_fragment(request) else "intake/issues.html"
    return render(request, template, _context(request, actor_of(request)))


def _context(request: HttpRequest, actor: Actor, **given: Any) -> dict[str, Any]:
    dismissed = request.GET.get("dismissed") == "1"
    found = hot_issues(actor, dismissed=dismissed)
    return {
        "found": found,
        "dismissed": dismissed,
        "may_judge": holds(Can.JUDGE_ISSUES, actor),
        "days": ISSUE_DAYS,
        "fewest": FEWEST_SHOWN,
    } | given


@door(*DESK)
@require_POST
def judge(request: HttpRequest, issue_id: int, deed: str) -> HttpResponseBase:
    """Confirm, dismiss, put back or rename; a refused name comes back on the page."""
    actor, form = actor_of(request), IssueForm(request.POST)
    if deed != "rename" and deed not in STATES:
        raise NotFound
    try:
        if form.is_valid() and attempt(form, lambda: _do(actor, issue_id, deed, form.cleaned_data)) is not None:
            messages.success(request, _("已记下。"))
            return redirect("intake:issues")
    except (Conflict, IllegalMove) as refusal:
        form.add_error(None, str(refusal.message))
    shown = _context(request, actor, form=form, wrong=issue_id)
    return render(request, "intake/issues.html", shown, status=422)


def _do(actor: Actor, issue_id: int, deed: str, given: dict[str, Any]) -> HotIssue:
    if deed == "rename":
        return commands.rename_issue(actor, issue_id, name=given["name"], version=given["version"])
    name = given["name"] if deed == "confirm" else None
    return commands.judge_issue(actor, issue_id, state=STATES[deed], name=name, version=given["version"])


@door(*DESK)
@require_POST
def apart(request: HttpRequest, report_id: int) -> HttpResponseBase:
    """Two reports are not about one thing, or that is taken back."""
    others = row_ids([request.POST.get("other", "")])
    if not others:
        raise NotFound
    actor, back = actor_of(request), request.POST.get("back") == "1"
    (commands.untell_apart if back else commands.tell_apart)(actor, report_id, others[0])
    messages.success(request, _("可以再次提出合并了。") if back else _("记下了，不再提出合并这两件。"))
    return redirect("intake:report-page", report_id)
