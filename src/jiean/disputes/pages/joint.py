"""Joint mediation: what the lead does on the dispute's page, and the page of one body's own part."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from jiean.disputes import commands, queries
from jiean.disputes.access import Can
from jiean.disputes.commands.joint import WITHIN
from jiean.disputes.models import Dispute, JoinedBody
from jiean.disputes.pages import forms as ours
from jiean.disputes.pages.deeds import Deed, Given
from jiean.disputes.queries import Detail
from jiean.kernel.access import visible
from jiean.kernel.actor import Actor, Role
from jiean.kernel.errors import NotFound
from jiean.kernel.http import actor_of, attempt, door

HELPERS = (Role.OFFICER, Role.SOCIAL_WORKER, Role.MEDIATOR)
CARD = "joint"
_SAVED = _("已保存。")


def _release(actor: Actor, dispute_id: int, given: Given) -> object:
    return commands.release_body(actor, dispute_id, given["joined_id"], reason=given["reason"])


def _helping(detail: Detail) -> bool:
    return any(one.row.state in JoinedBody.OPEN for one in detail.bodies)


JOINT: dict[str, Deed] = {
    "ask-body": Deed(_("邀请协办"), "users", ours.AskBodyForm, Can.ARRANGE, WITHIN,
                     lambda actor, dispute_id, given: commands.ask_body(actor, dispute_id, **given), card=CARD),
    "release-body": Deed(_("解除协办"), "x", ours.ReleaseForm, Can.ARRANGE, WITHIN, _release, when=_helping, card=CARD),
}  # fmt: skip


@door(*HELPERS)
def joining(request: HttpRequest, joined_id: int) -> HttpResponseBase:
    """A body's own part: sign or refuse, then say what it found."""
    actor = actor_of(request)
    line = queries.own_joining(actor, joined_id)
    row = line.row
    kind: type[forms.Form] = ours.JoiningForm if row.state == JoinedBody.State.ASKED else ours.OpinionForm
    form = kind(request.POST or None, initial={"version": row.version, "opinion": row.opinion})
    if form.is_valid() and attempt(form, lambda: _done(actor, row, dict(form.cleaned_data))) is not None:
        messages.success(request, _SAVED)
        return redirect("disputes:list") if row.state == JoinedBody.State.ASKED else redirect(request.path)
    sees = visible(Can.SEE, actor, Dispute).filter(pk=row.dispute_id).exists()
    context = {"line": line, "row": row, "form": form if row.state in JoinedBody.OPEN else None, "sees": sees}
    return render(request, "disputes/joining.html", context, status=422 if form.errors else 200)


def _done(actor: Actor, row: JoinedBody, given: dict[str, Any]) -> JoinedBody:
    if row.state == JoinedBody.State.ASKED:
        return commands.answer_joining(actor, row.pk, **given | {"joins": given["joins"] == "yes"})
    if row.state not in JoinedBody.INSIDE:
        raise NotFound
    return commands.give_opinion(actor, row.pk, **given)
