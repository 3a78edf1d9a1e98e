"""Precedents: found, opened, written, checked by another; and what is at hand beside a dispute."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from jiean.disputes import commands, queries
from jiean.disputes.models import Kind, Precedent
from jiean.disputes.pages.forms import PrecedentForm, ReasonForm
from jiean.kernel.actor import Actor, Role
from jiean.kernel.errors import NotFound
from jiean.kernel.http import actor_of, attempt, door, is_fragment

READERS = (Role.COMMANDER, Role.OFFICER, Role.SOCIAL_WORKER, Role.MEDIATOR)
WRITERS = (Role.OFFICER, Role.MEDIATOR)


@door(*READERS)
def precedents(request: HttpRequest) -> HttpResponseBase:
    """Released precedents: by likeness to words that come by POST and stand in no address, else those that helped most."""
    actor = actor_of(request)
    words = request.POST.get("q", "")[:500].replace("\x00", "").strip()
    kind = request.GET.get("kind", "") if request.GET.get("kind") in Kind.values else ""
    rows = queries.similar(actor, words, kind, limit=20) if words else queries.newest(actor, kind)
    context = {"rows": rows, "words": words, "kind": kind, "kinds": Kind.choices, "to_check": queries.to_check(actor)}
    return render(request, "disputes/precedents.html", context)


@door(*READERS)
@require_GET
def precedent(request: HttpRequest, precedent_id: int) -> HttpResponseBase:
    """One precedent; that it was opened is counted, by whom is not."""
    return _shown(request, precedent_id)


def _shown(request: HttpRequest, precedent_id: int, refused: dict[str, ReasonForm] | None = None) -> HttpResponseBase:
    view = queries.precedent(actor_of(request), precedent_id)
    if view.row.state == Precedent.State.RELEASED and refused is None:
        commands.count_opening(Actor.system(), precedent_id)
    names = {name: ReasonForm(auto_id=f"{name}_%s") for name in ("return", "withdraw")} | (refused or {})
    context = {
        "view": view, "row": view.row, "return_form": names["return"], "withdraw_form": names["withdraw"],
        "written_by": view.names.get(view.row.written_by_id or 0, ""),
        "checked_by": view.names.get(view.row.checked_by_id or 0, ""),
    }  # fmt: skip
    return render(request, "disputes/precedent.html", context, status=422 if refused else 200)


@door(Role.COMMANDER, *WRITERS)
@require_POST
def judge(request: HttpRequest, precedent_id: int, name: str) -> HttpResponseBase:
    """Release it, send it back, take it out of use."""
    actor = actor_of(request)
    if name == "release":
        commands.release_precedent(actor, precedent_id)
        messages.success(request, _("已发布。"))
        return redirect("disputes:precedents")
    deed = {"return": commands.return_precedent, "withdraw": commands.withdraw_precedent}.get(name)
    if deed is None:
        raise NotFound
    form = ReasonForm(request.POST, auto_id=f"{name}_%s")
    if (
        form.is_valid()
        and attempt(form, lambda: deed(actor, precedent_id, reason=form.cleaned_data["reason"])) is not None
    ):
        messages.success(request, _("已保存。"))
        return redirect("disputes:precedents")
    return _shown(request, precedent_id, {name: form})


@door(*WRITERS)
@never_cache
def write(request: HttpRequest, dispute_id: int) -> HttpResponseBase:
    """A text proposed without the people, for a person to finish."""
    actor = actor_of(request)
    told = queries.precedent_proposal(actor, dispute_id)
    form = PrecedentForm(request.POST or None, initial={"facts": told.facts, "terms_words": told.terms})
    if (
        form.is_valid()
        and attempt(form, lambda: commands.write_precedent(actor, dispute_id, **form.cleaned_data)) is not None
    ):
        messages.success(request, _("已保存，等另一个人核对。"))
        return redirect("disputes:precedents")
    context = {"form": form, "dispute": told.dispute}
    return render(request, "disputes/write_precedent.html", context, status=422 if form.errors else 200)


@door(*READERS)
@require_GET
@never_cache
def beside(request: HttpRequest, dispute_id: int) -> HttpResponseBase:
    """Precedents, figures and articles for a dispute; asked for by its page once that is shown."""
    found = queries.beside(actor_of(request), dispute_id)
    page = "disputes/_beside.html" if is_fragment(request) else "disputes/beside.html"
    return render(request, page, {"found": found, "dispute_id": dispute_id})
