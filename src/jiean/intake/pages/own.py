"""A reporter's own page by number and code: what is held, why, until when, who looked; correct, object, take along."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from jiean.intake import own, tracking
from jiean.intake.commands import Contact, ask_rights
from jiean.intake.pages.forms import CorrectForm, ObjectForm
from jiean.intake.pages.tracking import own_detail
from jiean.intake.queries import Detail
from jiean.kernel.actor import Actor
from jiean.kernel.errors import NotFound
from jiean.kernel.holds import hold_on
from jiean.kernel.http import attempt, public_door
from jiean.vault.models import MatterKind

_FORMS: dict[str, type[forms.Form]] = {"correct": CorrectForm, "object": ObjectForm}


def _context(detail: Detail, **given: Any) -> dict[str, Any]:
    report = detail.report
    held = own.held_of(detail)
    context = {
        "report": report,
        "hold": hold_on(MatterKind.REPORT, report.pk),
        "held": held,
        "groups": own.grouped(held),
        "looks": own.looks(report),
        "requests": own.rights_of(report),
        "correct_form": CorrectForm(auto_id="correct_%s"),
        "object_form": ObjectForm(auto_id="object_%s"),
    }
    return context | given


@public_door
@never_cache
@require_GET
def own_data(request: HttpRequest, number: str) -> HttpResponseBase:
    """The page."""
    return render(request, "intake/own.html", _context(own_detail(request, number)))


@public_door
@never_cache
@require_GET
def own_file(request: HttpRequest, number: str, kind: str) -> HttpResponseBase:
    """The same to take along: as data, or as a sheet to print."""
    detail = own_detail(request, number)
    if kind not in ("json", "html"):
        raise NotFound
    answer: HttpResponse
    if kind == "json":
        answer = JsonResponse(own.as_document(detail), json_dumps_params={"ensure_ascii": False, "indent": 1})
    else:
        answer = render(request, "intake/own_sheet.html", _context(detail))
    answer["Content-Disposition"] = f'attachment; filename="{detail.report.number}.{kind}"'
    return answer


@public_door
@require_POST
def ask(request: HttpRequest, number: str, kind: str) -> HttpResponseBase:
    """Ask for a correction, or object. A refused form comes back with what was typed."""
    detail = own_detail(request, number)
    if kind not in _FORMS:
        raise NotFound
    form = _FORMS[kind](request.POST, auto_id=f"{kind}_%s")
    if form.is_valid() and attempt(form, lambda: _asked(detail, number, kind, form.cleaned_data)) is not None:
        messages.success(request, _("已收到您的要求，五个工作日内答复您。"))
        return redirect("intake:own-data", number)
    return render(request, "intake/own.html", _context(detail, **{f"{kind}_form": form}), status=422)


def _asked(detail: Detail, number: str, kind: str, given: dict[str, Any]) -> object:
    return ask_rights(
        Actor.public(),
        detail.report.pk,
        kind=kind,
        about=given["about"],
        words=given["words"],
        contact=Contact(given.get("name", ""), given.get("phone", "")),
        code=tracking.code_of(number),
    )
