"""A party's own page by number and code: where it stands, who has it, one's own record, who looked; and one's rights as buttons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from jiean.disputes import commands
from jiean.disputes.commands.mediating import BEFORE_TALKS
from jiean.disputes.models import Appointment, Dispute, Party
from jiean.disputes.own import looks
from jiean.disputes.pages.choosing import OwnChoiceForm, OwnSpeechForm, offered_to_party
from jiean.disputes.pages.forms import OwnReasonForm, RateForm, TrackForm, WishForm
from jiean.disputes.pages.proof import proved, show
from jiean.disputes.papers import open_roads
from jiean.disputes.queries import Own, own_dispute, paper_lines
from jiean.disputes.queries.papers import SHARED
from jiean.disputes.steps import clock_lines, party_steps, responsible
from jiean.kernel import clocks
from jiean.kernel.actor import Actor
from jiean.kernel.errors import NotFound
from jiean.kernel.guesses import one_guess
from jiean.kernel.http import attempt, public_door

PUBLIC = Actor.public()
_BEFORE = (Dispute.State.REGISTERED, Dispute.State.DIVERTED, Dispute.State.ACCEPTED, Dispute.State.MEDIATING)
_AGAIN = (Dispute.State.CLOSED, Dispute.State.WITHDRAWN, Dispute.State.REFERRED, Dispute.State.FOLLOW_UP)


@public_door
@never_cache
def track(request: HttpRequest) -> HttpResponseBase:
    """Ask for number and code."""
    form = TrackForm(request.POST or None, initial={"number": request.GET.get("number", "")[:20]})
    if form.is_valid():
        try:
            with one_guess(request):
                own = own_dispute(form.cleaned_data["number"], form.cleaned_data["code"])
        except NotFound:
            form.add_error(None, _("编号和查询码对不上，请核对。查询码在调解员给您的告知单上。"))
        else:
            answer = redirect("disputes:own", own.dispute.number)
            show(request, answer, own)
            return answer
    return render(request, "disputes/track.html", {"form": form}, status=422 if form.errors else 200)


@public_door
@never_cache
@require_GET
def own_page(request: HttpRequest, number: str) -> HttpResponseBase:
    """The page."""
    return render(request, "disputes/own.html", _context(proved(request, number)))


def _to_come(own: Own) -> list[Appointment]:
    """Meetings agreed on that are not over."""
    at = clocks.now()
    return [one for one in own.booked if one.state == Appointment.State.PLANNED and one.ends_at > at]


def _context(own: Own, **given: Any) -> dict[str, Any]:
    dispute = own.dispute
    context = {
        "own": own,
        "dispute": dispute,
        "desk": responsible(own),
        "steps": party_steps(own),
        "clock_lines": clock_lines(own.clocks, clocks.now()),
        "looks": looks(dispute),
        "booked": _to_come(own) if dispute.state in BEFORE_TALKS else [],
        "papers": paper_lines(pair for pair in own.story.papers if pair[0].kind in SHARED),
        "may_withdraw": dispute.state in _BEFORE,
        "may_refuse": dispute.state in BEFORE_TALKS and dispute.mediator_id is not None,
        "may_wish": dispute.is_live and not dispute.outcome,
        "may_ask_again": dispute.state in _AGAIN and dispute.erased_at is None,
        "roads": open_roads() if dispute.outcome and dispute.outcome != "settled" else (),
        "may_rate": bool(dispute.outcome) and dispute.erased_at is None,
        "rate_form": RateForm(auto_id="rate_%s"),
        "wish_form": WishForm(auto_id="wish_%s", initial={"wish": own.party.wish}),
        "withdraw_form": OwnReasonForm(auto_id="withdraw_%s"),
        "refuse_form": OwnReasonForm(auto_id="refuse_%s"),
        "again_form": OwnReasonForm(auto_id="again_%s"),
    }
    return context | _choosing(own) | given


def _choosing(own: Own) -> dict[str, Any]:
    """Whom a party may choose, and whether it said how it would be spoken to."""
    dispute = own.dispute
    may_choose = dispute.state in _BEFORE and dispute.manner == "people" and own.party.standing in Party.SIDES
    offered = offered_to_party(own) if may_choose else []
    return {
        "may_choose": may_choose,
        "chosen": dict(offered).get(own.party.chosen_mediator_id or 0, ""),
        "has_speech": own.party.speech_id is not None,
        "choose_form": OwnChoiceForm(
            auto_id="choose_%s", offered=offered, initial={"account_id": own.party.chosen_mediator_id or ""}
        ),
        "speech_form": OwnSpeechForm(auto_id="speech_%s"),
    }


def _form_of(name: str, own: Own, sent: Any) -> forms.Form:
    given: dict[str, Any] = {"offered": offered_to_party(own)} if name == "choose" else {}
    return _DEEDS[name][0](sent, auto_id=f"{name}_%s", **given)


def _rate(own: Own, given: dict[str, Any]) -> Party:
    satisfied = given["satisfied"] == "yes"
    return commands.rate_own(PUBLIC, own.party.pk, satisfied=satisfied, words=given["words"], code=own.code)


Run = Callable[[Own, dict[str, Any]], object]
_DEEDS: dict[str, tuple[type[forms.Form], Run]] = {
    "wish": (WishForm, lambda own, given: commands.wish_openness(PUBLIC, own.party.pk, code=own.code, **given)),
    "withdraw": (OwnReasonForm, lambda own, given: commands.withdraw_own(PUBLIC, own.party.pk, code=own.code, **given)),
    "refuse": (
        OwnReasonForm,
        lambda own, given: commands.refuse_mediator(PUBLIC, own.party.pk, code=own.code, **given),
    ),
    "choose": (
        OwnChoiceForm,
        lambda own, given: commands.choose_mediator(PUBLIC, own.party.pk, code=own.code, **given),
    ),
    "speech": (
        OwnSpeechForm,
        lambda own, given: commands.wish_own_speech(PUBLIC, own.party.pk, code=own.code, **given),
    ),
    "rate": (RateForm, _rate),
    "again": (OwnReasonForm, lambda own, given: commands.ask_again(PUBLIC, own.party.pk, code=own.code, **given)),
}


@public_door
@require_POST
def own_deed(request: HttpRequest, number: str, name: str) -> HttpResponseBase:
    """One of a party's own deeds; a refused form comes back with what was typed."""
    own = proved(request, number)
    if name not in _DEEDS:
        raise NotFound
    run = _DEEDS[name][1]
    form = _form_of(name, own, request.POST)
    if form.is_valid() and attempt(form, lambda: run(own, form.cleaned_data)) is not None:
        messages.success(request, _("已收到，谢谢您。"))
        return redirect("disputes:own", number)
    return render(request, "disputes/own.html", _context(own, **{f"{name}_form": form}), status=422)
