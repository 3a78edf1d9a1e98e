"""The desk: the queue, one report with everything beside it, the entry, the export."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jiean.design.words import listed
from jiean.disputes.commands import end_ticket
from jiean.disputes.models import Ticket
from jiean.disputes.queries import told_of
from jiean.grid.queries import bounds, cells, premises_by_token
from jiean.intake import journal, queries
from jiean.intake.access import Can
from jiean.intake.advice import Similar, rank_similar
from jiean.intake.models import Channel, Kind, Referral, Report, Urgency
from jiean.intake.pages.forms import (
    AnswerForm,
    EntryForm,
    HoldForm,
    ReferForm,
    RejectForm,
    ReplyForm,
    SplitForm,
    SupplementForm,
    TriageForm,
)
from jiean.intake.pages.report import MOST_COMPARED, MOST_SIMILAR, new_key, or_kept, taken
from jiean.intake.pages.tracking import served
from jiean.intake.steps import desk_steps, responsible_desk
from jiean.intake.words import advice_words, fired_words, flag_words, likeliest_words, look_at_quarrel, marked
from jiean.kernel import audit
from jiean.kernel.access import holds
from jiean.kernel.actor import Actor, Role
from jiean.kernel.holds import hold_on
from jiean.kernel.http import actor_of, attempt, door, is_fragment, row_ids
from jiean.kernel.sheets import csv_lines, xlsx_bytes
from jiean.people.models import Organisation
from jiean.people.queries import destinations, names_of, who_answers
from jiean.vault.models import MatterKind
from jiean.vault.queries import masked, may_look

DESK = (Role.COMMANDER, Role.DISPATCHER)
STAFF = (*DESK, Role.OFFICER, Role.SOCIAL_WORKER, Role.MEDIATOR)
ENTRY = (*DESK, Role.OFFICER, Role.SOCIAL_WORKER)
HEADER = (_("编号"), _("级别"), _("类型"), _("状态"), _("来源"), _("网格"), _("场所"), _("收到时间"), _("到期时间"))
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def chosen(request: HttpRequest) -> queries.Filter:
    """The filter in the address, what makes no sense there left out; words are posted, so that they stand in no address."""
    given = request.GET
    states = tuple(state for state in given.getlist("state") if state in Report.State.values)
    return queries.Filter(
        states=states or tuple(Report.OPEN),
        kind=given.get("kind", ""),
        cell_id=_number(given.get("cell", "")),
        urgency=_number(given.get("urgency", "")),
        channel=given.get("channel", ""),
        late=given.get("late") == "1",
        ruling=given.get("ruling") == "1",
        words=request.POST.get("q", "")[:60].replace("\x00", "").strip(),
    )


def _number(words: str) -> int | None:
    return next(iter(row_ids([words])), None)


@door(*STAFF)
@require_http_methods(["GET", "POST"])
def queue(request: HttpRequest) -> HttpResponseBase:
    """The queue with its filters; the fragment alone when the live page asks."""
    actor = actor_of(request)
    wanted = chosen(request)
    found = queries.queue(actor, wanted, page=_number(request.GET.get("page", "")) or 1)
    pager = Paginator(range(found.total), queries.PAGE_SIZE).page(found.page)
    context = {"found": found, "wanted": wanted, "pager_page": pager, "filters": _filters(request, wanted)}
    if is_fragment(request):
        return render(request, "intake/_queue.html", context)
    choices = {
        "kinds": Kind.choices,
        "urgencies": Urgency.choices,
        "states": Report.State.choices,
        "cells": cells(),
        "may_enter": actor.role in ENTRY,
        "may_see_models": holds(Can.SEE_MODELS, actor),
        "journal": journal.state(),
        "may_answer_rights": holds(Can.ANSWER_RIGHTS, actor),
        "referrals": [] if holds(Can.TRIAGE, actor) else queries.referrals_to_own_body(actor),
    }
    return render(request, "intake/desk.html", context | choices)


def _filters(request: HttpRequest, wanted: queries.Filter) -> dict[str, Any]:
    """The filters that are on: their words by their name in the address."""
    labels: dict[str, Any] = {}
    if request.GET.getlist("state"):
        labels["state"] = listed(str(Report.State(state).label) for state in wanted.states)
    if wanted.kind in Kind.values:
        labels["kind"] = Kind(wanted.kind).label
    if wanted.urgency in Urgency.values:
        labels["urgency"] = Urgency(wanted.urgency).label
    if wanted.cell_id is not None:
        labels["cell"] = next((str(cell) for cell in cells() if cell.pk == wanted.cell_id), _("网格"))
    labels |= {"late": _("只看超时")} if wanted.late else {}
    labels |= {"ruling": _("只看待裁定")} if wanted.ruling else {}
    return labels


@door(*DESK)
@require_GET
def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The list on the screen as a file, without words and contacts."""
    rows = queries.exported(actor_of(request), chosen(request))
    audit.write([audit.draft("intake.exported", actor_of(request), {})])
    header = [str(words) for words in HEADER]
    answer: HttpResponseBase
    if kind == "csv":
        answer = StreamingHttpResponse(csv_lines(header, rows), content_type="text/csv; charset=utf-8")
    else:
        answer = HttpResponse(xlsx_bytes(str(_("上报")), header, rows), content_type=_XLSX)
    answer.headers["Content-Disposition"] = f'attachment; filename="reports.{kind}"'
    return answer


@or_kept
@door(*ENTRY)
def entry(request: HttpRequest) -> HttpResponseBase:
    """Take a report at the desk, by phone, or on the beat: text first, the rest as it comes."""
    actor = actor_of(request)
    form = EntryForm(request.POST or None, request.FILES or None, initial={"key": new_key(), "channel": "desk_phone"})
    form.fields["text"].widget.attrs["autofocus"] = True
    if actor.role not in DESK:
        del form.fields["channel"]
    if request.method == "POST" and form.is_valid():
        channel = Channel(form.cleaned_data.get("channel", Channel.OFFICER))
        place = premises_by_token(request.POST.get("token", "")[:20])
        made = attempt(form, lambda: taken(form, actor, channel, place))
        if made is not None:
            _of_number(request, actor, made)
            messages.success(request, _("已登记 %(number)s。") % {"number": made.number})
            return redirect("intake:entry" if "another" in request.POST else _after(actor, made))
    context = {"form": form, "bounds": bounds()}
    return render(request, "intake/entry.html", context, status=422 if form.errors else 200)


def _of_number(request: HttpRequest, actor: Actor, made: Report) -> None:
    """A report told at a hive post serves the number it was told of, where the address names one."""
    for ticket_id in row_ids([request.GET.get("ticket", "")]):
        end_ticket(actor, ticket_id, Ticket.State.SERVED, report_id=made.pk)


@door(*DESK, Role.OFFICER)
@require_POST
def caller(request: HttpRequest) -> HttpResponseBase:
    """The caller's own open matters beside the entry; the number is posted, so that it stands in no address."""
    actor = actor_of(request)
    if not may_look(actor):  # the entry goes on without it: nobody is kept from taking a report
        return render(request, "intake/_caller.html", {"prove": settings.PROVE_URL})
    rows = queries.open_of_caller(actor, request.POST.get("phone", "")[:20])
    return render(request, "intake/_caller.html", {"rows": rows})


def _after(actor: Actor, made: Report) -> str:
    """The report's own page, if the one who entered it may see it; an officer may report from another's cell."""
    return f"/desk/{made.pk}" if queries.holds_report(actor, made.pk) else "/desk"


@door(*STAFF)
@require_GET
def report_page(request: HttpRequest, report_id: int) -> HttpResponseBase:
    """One report."""
    return render(request, "intake/report_page.html", page_of(actor_of(request), report_id))


def page_of(actor: Actor, report_id: int, **given: Any) -> dict[str, Any]:
    """Everything the page of a report shows to this actor; ``given`` replaces forms that were refused."""
    detail = queries.report_detail(actor, report_id)
    report = detail.report
    bodies = destinations()
    names = {body.code: body.name for body in bodies}
    handlers = {line.account_id for line in detail.history if line.account_id}
    near = holds(Can.TRIAGE, actor) and report.is_open and report.lon is not None and report.lat is not None
    context: dict[str, Any] = {
        "detail": detail,
        "report": report,
        "place": queries.place_of(report),
        "steps": desk_steps(detail, names_of(handlers) if handlers else {}),
        "desk": responsible_desk(detail),
        "reasons": advice_words(report.advice, names),
        "flags": flag_words(report.advice),
        "likeliest": likeliest_words(report.advice, names),
        "told": marked(report.text, fired_words(report.advice)),
        "signs": look_at_quarrel(report.kind, _all_said(detail)) if report.is_open else [],
        "contact": masked([report.contact_id]).get(report.contact_id or 0),
        "holders": who_answers(report.cell_id) if report.cell_id else [],
        "bounds": bounds(),
    }
    context |= _similar_to(report, bool(detail.merged)) if near else {}
    if isinstance(refused := given.get("refer_form"), ReferForm):
        refused.offer(bodies)
    return context | _dispute_of(report) | _may(actor) | _forms(detail, bodies) | given


def _dispute_of(report: Report) -> dict[str, Any]:
    """The dispute made of a report; an untouched one and one that became an incident have none."""
    may_have = report.state != Report.State.NEW and report.incident_id is None
    return {"dispute": told_of(report_id=report.pk) if may_have else None}


def _all_said(detail: queries.Detail) -> str:
    return "。".join((detail.report.text, *(one.text for one in detail.supplements)))


def _similar_to(report: Report, has_merged: bool) -> dict[str, Any]:
    """What is offered for merging, and what else lies near; what a person told apart is offered no more."""
    place = (report.lon or 0.0, report.lat or 0.0)
    found = queries.similar_open(*place, but=report.pk, limit=MOST_COMPARED)
    ranked = rank_similar(report.text, place, found, limit=MOST_SIMILAR, at=report.received_at)
    sure = [one for one in ranked if one.offered and not one.near.told_apart]
    return {
        "offers": _offers(report, has_merged, sure),
        "near": [one for one in ranked if one not in sure],
        "apart": [one for one in ranked if one.near.told_apart],
    }


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer to merge: ``other`` goes into ``lead``."""

    similar: Similar
    lead: int
    lead_number: str
    other: int


def _offers(report: Report, has_merged: bool, found: Sequence[Similar]) -> list[Offer]:
    """The earlier report leads, unless others were merged into the later one already."""
    made = []
    for one in found:
        ours_is_older = has_merged == one.near.leads and report.pk < one.report.pk
        lead = report if has_merged > one.near.leads or ours_is_older else one.report
        other = one.report if lead is report else report
        made.append(Offer(one, lead.pk, lead.number, other.pk))
    return made


def _may(actor: Actor) -> dict[str, bool]:
    """Which of the desk's buttons the actor's role has."""
    cans = {
        "triage": Can.TRIAGE,
        "rule": Can.RULE,
        "answer": Can.ANSWER,
        "reply": Can.ANSWER_REFERRAL,
        "hold": Can.HOLD,
    }
    return {f"may_{name}": holds(can, actor) for name, can in cans.items()}


def _forms(detail: queries.Detail, bodies: Sequence[Organisation]) -> dict[str, Any]:
    report = detail.report
    started = {"version": report.version}
    body = next((one.pk for one in bodies if one.code == report.advice.get("destination")), None)
    running: Referral | None = detail.running_referral
    triage = started | {"kind": report.kind, "urgency": report.urgency, "lon": report.lon, "lat": report.lat}
    return {
        "hold": hold_on(MatterKind.REPORT, report.pk),
        "hold_form": HoldForm(),
        "triage_form": TriageForm(initial=triage),
        "refer_form": ReferForm(bodies=bodies, initial=started | {"organisation_id": body}, auto_id="refer_%s"),
        "reject_form": RejectForm(initial=started, auto_id="reject_%s"),
        "answer_form": AnswerForm(initial=started, auto_id="answer_%s"),
        "split_form": SplitForm(auto_id="split_%s"),
        "supplement_form": SupplementForm(auto_id="supplement_%s"),
        "reply_form": ReplyForm(initial={"version": running.version if running else 1}, auto_id="reply_%s"),
    }


@door(*STAFF)
@require_GET
def photo(request: HttpRequest, report_id: int, photo_id: int) -> HttpResponseBase:
    """A photo of a report the actor may see."""
    return served(queries.photo(actor_of(request), report_id, photo_id))
