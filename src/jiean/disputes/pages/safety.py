"""The safety of a dispute: deeds of its card, words opened, a step ended; and the commander's page of flags."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from jiean.disputes import commands, queries
from jiean.disputes.access import Can
from jiean.disputes.models import Dispute
from jiean.disputes.pages import forms as ours
from jiean.disputes.pages.deeds import Deed, Given, Run
from jiean.disputes.queries import Detail
from jiean.kernel.actor import Actor, Role
from jiean.kernel.http import actor_of, door

KEEPERS = (Role.COMMANDER, Role.OFFICER, Role.MEDIATOR)
CARD = "safety"


def _without_version(command: Callable[..., object]) -> Run:
    def run(actor: Actor, dispute_id: int, given: Given) -> object:
        del given["version"]
        return command(actor, dispute_id, **given)

    return run


def _given(command: Callable[..., object]) -> Run:
    return lambda actor, dispute_id, given: command(actor, dispute_id, **given)


def _has_flag(detail: Detail) -> bool:
    return detail.safety is not None and detail.safety.flag is not None


def _no_flag(detail: Detail) -> bool:
    return detail.safety is not None and detail.safety.flag is None


def _unreviewed(detail: Detail) -> bool:
    flag = detail.safety.flag if detail.safety else None
    return flag is not None and flag.reviewed_at is None


def _asked(detail: Detail) -> bool:
    return detail.safety is not None and bool(detail.safety.looks)


_ANY = tuple(Dispute.State)
SAFETY: dict[str, Deed] = {
    "flag": Deed(_("提出民转刑提示"), "flag", ours.FlagForm, Can.FLAG, Dispute.LIVE, _given(commands.raise_flag),
                 when=_no_flag, card=CARD),
    "no-flag": Deed(_("看过，不需要提示"), "check", ours.NoFlagForm, Can.ANSWER_LOOK, Dispute.LIVE,
                    _without_version(commands.answer_look), when=_asked, card=CARD),
    "review": Deed(_("复核：提示成立"), "circle-check", ours.OptionalReasonForm, Can.REVIEW_FLAG, _ANY,
                   _without_version(commands.review_flag), when=_unreviewed, card=CARD),
    "renew": Deed(_("续期三十天"), "refresh", ours.ReasonsForm, Can.FLAG, _ANY,
                  _without_version(commands.renew_flag), when=_has_flag, card=CARD),
    "lower": Deed(_("解除提示"), "x", ours.ReasonForm, Can.REVIEW_FLAG, _ANY, _without_version(commands.lower_flag),
                  when=_has_flag, card=CARD),
    "protect": Deed(_("采取保护措施"), "shield", ours.ProtectForm, Can.PROTECT, Dispute.LIVE,
                    _given(commands.protect_parties), card=CARD),
    "call": Deed(_("记一次来电"), "phone-call", ours.PlainForm, Can.ANSWER_LOOK, Dispute.LIVE,
                 lambda actor, dispute_id, given: commands.note_call(actor, dispute_id), card=CARD),
}  # fmt: skip
"""In the order the card shows them."""


@door(*KEEPERS)
@require_POST
def end_step(request: HttpRequest, dispute_id: int, protection_id: int) -> HttpResponseBase:
    """End a step that is needed no more."""
    commands.end_protection(actor_of(request), dispute_id, protection_id)
    messages.success(request, _("已保存。"))
    return redirect("disputes:dispute", dispute_id)


@door(Role.COMMANDER)
@require_GET
@never_cache
def flags(request: HttpRequest) -> HttpResponseBase:
    """Flags that are up, and what nobody has looked at yet."""
    actor = actor_of(request)
    context = {"flags": queries.open_flags(actor), "looks": queries.looks_waiting(actor)}
    return render(request, "disputes/flags.html", context)
