"""The desk's buttons: each posts one form to one command and comes back to the report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from jiean.design.clash import retyped, side_by_side
from jiean.intake import commands
from jiean.intake.models import Kind, Outcome, Referral, Urgency
from jiean.intake.pages.desk import STAFF, page_of
from jiean.intake.pages.forms import (
    AnswerForm,
    HoldForm,
    ReferForm,
    RejectForm,
    ReplyForm,
    SplitForm,
    SupplementForm,
    TriageForm,
    VersionedForm,
)
from jiean.intake.queries import report_detail
from jiean.kernel.actor import Actor
from jiean.kernel.errors import Conflict, NotFound
from jiean.kernel.http import actor_of, attempt, door, row_ids
from jiean.vault.commands import open_record
from jiean.vault.models import MatterKind, Purpose

Given = dict[str, Any]
Deed = Callable[[Actor, int, Given], object]


def _accept(actor: Actor, report_id: int, given: Given) -> object:
    kind, urgency = Kind(given["kind"]), Urgency(given["urgency"])
    return commands.accept_as_incident(actor, report_id, kind=kind, urgency=urgency, version=given["version"])


def _correct(actor: Actor, report_id: int, given: Given) -> object:
    return commands.correct_report(
        actor,
        report_id,
        kind=Kind(given["kind"]),
        urgency=Urgency(given["urgency"]),
        lon=given["lon"],
        lat=given["lat"],
        version=given["version"],
    )


def _refer(actor: Actor, report_id: int, given: Given) -> object:
    return commands.refer_report(
        actor, report_id, given["organisation_id"], reason=given["reason"], version=given["version"]
    )


def _rule(actor: Actor, report_id: int, given: Given) -> object:
    return commands.rule_referral(
        actor, report_id, given["organisation_id"], reason=given["reason"], version=given["version"]
    )


def _answer(actor: Actor, report_id: int, given: Given) -> object:
    outcome = Outcome(given["outcome"])
    return commands.answer_report(actor, report_id, outcome=outcome, answer=given["answer"], version=given["version"])


def _split(actor: Actor, report_id: int, given: Given) -> object:
    texts = [line.strip() for line in given["texts"].splitlines() if line.strip()]
    return commands.split_report(actor, report_id, texts=texts)


def _reply(state: Referral.State) -> Deed:
    def reply(actor: Actor, report_id: int, given: Given) -> object:
        running = _running(actor, report_id)
        return commands.answer_referral(actor, running.pk, state=state, reply=given["reply"], version=given["version"])

    return reply


def _recall(actor: Actor, report_id: int, given: Given) -> object:
    running = _running(actor, report_id)
    return commands.recall_referral(actor, running.pk, reason=given["reply"], version=given["version"])


def _running(actor: Actor, report_id: int) -> Referral:
    running = report_detail(actor, report_id).running_referral
    if running is None:
        raise NotFound
    return running


def _hold(actor: Actor, report_id: int, given: Given) -> object:
    review_at = timezone.make_aware(dt.datetime.combine(given["review_on"], dt.time()))
    return commands.hold_report(actor, report_id, ground=given["ground"], reason=given["reason"], review_at=review_at)


_DEEDS: dict[str, tuple[str, type[forms.Form], Deed]] = {
    "accept": ("triage_form", TriageForm, _accept),
    "mediate": (
        "triage_form",
        TriageForm,
        lambda actor, report_id, given: commands.accept_as_dispute(actor, report_id, version=given["version"]),
    ),
    "correct": ("triage_form", TriageForm, _correct),
    "refer": ("refer_form", ReferForm, _refer),
    "rule": ("refer_form", ReferForm, _rule),
    "reject": (
        "reject_form",
        RejectForm,
        lambda actor, report_id, given: commands.reject_report(actor, report_id, **given),
    ),
    "answer": ("answer_form", AnswerForm, _answer),
    "close": (
        "merge_form",  # shown above the page: it has none of the fields its neighbours show
        VersionedForm,
        lambda actor, report_id, given: commands.close_report(actor, report_id, **given),
    ),
    "split": ("split_form", SplitForm, _split),
    "add": (
        "supplement_form",
        SupplementForm,
        lambda actor, report_id, given: commands.add_supplement(actor, report_id, **given),
    ),
    "undo-merge": (
        "merge_form",
        forms.Form,
        lambda actor, report_id, _given: commands.undo_merge(actor, report_id),
    ),
    "hold": ("hold_form", HoldForm, _hold),
    "release": (
        "merge_form",
        forms.Form,
        lambda actor, report_id, _given: commands.release_report(actor, report_id),
    ),
    "sign": ("reply_form", ReplyForm, _reply(Referral.State.ACCEPTED)),
    "return": ("reply_form", ReplyForm, _reply(Referral.State.REFUSED)),
    "finish": ("reply_form", ReplyForm, _reply(Referral.State.DONE)),
    "recall": ("reply_form", ReplyForm, _recall),
}


@door(*STAFF)
@require_POST
def deed(request: HttpRequest, report_id: int, name: str) -> HttpResponseBase:
    """One deed on one report. A refused form comes back on the page with what was typed."""
    actor = actor_of(request)
    if name not in _DEEDS:
        raise NotFound
    slot, form_class, run = _DEEDS[name]
    form = form_class(request.POST, request.FILES)
    try:
        if form.is_valid() and (done := attempt(form, lambda: run(actor, report_id, form.cleaned_data))) is not None:
            messages.success(request, _("已保存。"))
            return _after(done, report_id)
    except Conflict as clash:
        return _came_second(request, report_id, slot, form, clash)
    return render(request, "intake/report_page.html", page_of(actor, report_id, **{slot: form}), status=422)


def _after(done: object, report_id: int) -> HttpResponseBase:
    """Back to the report; from one that is finished now, whose page would ask for a purpose, back to the queue."""
    if getattr(done, "is_finished", False):
        return redirect("intake:desk")
    return redirect("intake:report-page", report_id)


def _came_second(
    request: HttpRequest, report_id: int, slot: str, form: forms.Form, clash: Conflict
) -> HttpResponseBase:
    """What was set beside what stands now. Words stay in their form; kind, level and pin are shown as they are now."""
    if clash.current is None:
        raise clash
    shown: Given = {"clash": side_by_side(clash.current, form)}
    if not isinstance(form, TriageForm) and "version" in form.fields:
        shown[slot] = retyped(form, clash.current.version)
    return render(request, "intake/report_page.html", page_of(actor_of(request), report_id, **shown), status=409)


@door(*STAFF)
@require_POST
def merge(request: HttpRequest, report_id: int) -> HttpResponseBase:
    """Link the ticked reports near by into this one."""
    ticked = row_ids(request.POST.getlist("report"))
    form = forms.Form(request.POST)
    if attempt(form, lambda: commands.merge_reports(actor_of(request), report_id, ticked[:50])) is not None:
        messages.success(request, _("已合并，可以随时撤销。"))
        return redirect("intake:report-page", report_id)
    context = page_of(actor_of(request), report_id, merge_form=form)
    return render(request, "intake/report_page.html", context, status=422)


@door(*STAFF)
@require_POST
def contact(request: HttpRequest, report_id: int) -> HttpResponseBase:
    """Open the reporter's contact for a purpose; the look is recorded."""
    actor = actor_of(request)
    report = report_detail(actor, report_id).report
    purpose = request.POST.get("purpose", "")
    if report.contact_id is None or purpose not in Purpose.values:
        raise NotFound
    opened = open_record(
        actor,
        report.contact_id,
        purpose=Purpose(purpose),
        matter_kind=MatterKind.REPORT,
        matter_id=report_id,
    )
    answer = render(request, "intake/report_page.html", page_of(actor, report_id, opened=opened))
    answer["Cache-Control"] = "no-store"
    return answer
