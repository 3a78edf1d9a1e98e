"""The desk's page of what reporters ask about their own data, and the answers."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from jiean.intake.commands import grant_rights, refuse_rights
from jiean.intake.models import RightsRequest
from jiean.intake.own import open_rights
from jiean.intake.pages.forms import RightsAnswerForm
from jiean.kernel.actor import Actor, Role
from jiean.kernel.http import actor_of, attempt, door
from jiean.vault.queries import masked

ANSWERERS = (Role.COMMANDER, Role.DISPATCHER, Role.AUDITOR)


def _shown(
    request: HttpRequest, sent: tuple[int, RightsAnswerForm] | None = None, status: int = 200
) -> HttpResponseBase:
    rows = open_rights(actor_of(request))
    contacts = masked([row.new_contact_id for row in rows])
    lines = [
        {
            "row": row,
            "contact": contacts.get(row.new_contact_id or 0),
            "form": sent[1] if sent and sent[0] == row.pk else _form(row),
        }
        for row in rows
    ]
    return render(request, "intake/rights.html", {"lines": lines}, status=status)


def _form(row: RightsRequest) -> RightsAnswerForm:
    return RightsAnswerForm(initial={"version": row.version}, auto_id=f"rights{row.pk}_%s")


@door(*ANSWERERS)
@require_GET
def rights(request: HttpRequest) -> HttpResponseBase:
    """What waits for an answer, the first due first."""
    return _shown(request)


@door(*ANSWERERS)
@require_POST
def answer_rights(request: HttpRequest, request_id: int) -> HttpResponseBase:
    """Grant or refuse one request."""
    form = RightsAnswerForm(request.POST, auto_id=f"rights{request_id}_%s")
    if form.is_valid() and attempt(form, lambda: _answered(actor_of(request), request_id, form)) is not None:
        messages.success(request, _("已答复。"))
        return redirect("intake:rights")
    return _shown(request, (request_id, form), 422)


def _answered(actor: Actor, request_id: int, form: RightsAnswerForm) -> RightsRequest:
    given = form.cleaned_data
    if given["done"] == "yes":
        return grant_rights(actor, request_id, answer=given["answer"], version=given["version"])
    return refuse_rights(actor, request_id, ground=given["ground"], answer=given["answer"], version=given["version"])
