"""Choosing who sits at a dispute's table: the forms, what they offer, and the wishes opened for one ranking."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jiean.design.words import listed
from jiean.disputes import commands
from jiean.disputes.advice import MediatorAdvice, rank_mediators
from jiean.disputes.models import Dialect, Party, Province, Room
from jiean.disputes.pages.forms import MOST_ID, MediatorForm, MeetingForm, OfferForm, OwnReasonForm, ReasonForm, choose
from jiean.disputes.queries import Detail, Offers, Own
from jiean.engine.mediators import Wish
from jiean.kernel.actor import Actor
from jiean.vault.commands import open_record
from jiean.vault.models import MatterKind, Purpose

SHOWN = 5
"""How many are proposed before the rest is folded away."""
OFFERED_TO_PARTIES = 12


class ObjectForm(OfferForm, ReasonForm):
    offered = "party_id"
    party_id = forms.IntegerField(label=_("哪一方提出"), min_value=1, max_value=MOST_ID)
    field_order = ("party_id", "reason")


class SpeechForm(OfferForm):
    """How a party would be spoken to: asked, never required."""

    offered = "party_id"
    party_id = forms.IntegerField(label=_("哪一方"), min_value=1, max_value=MOST_ID)
    dialect = choose(_("希望用什么话谈"), Dialect.choices, required=False)
    home = choose(_("希望调解员是哪里人"), Province.choices, required=False)


class TeamForm(OfferForm):
    offered = "team_id"
    team_id = forms.IntegerField(label=_("团队"), min_value=1, max_value=MOST_ID)


class LeaveForm(OfferForm):
    offered = "account_id"
    account_id = forms.IntegerField(label=_("谁离席"), min_value=1, max_value=MOST_ID)


class OwnSpeechForm(forms.Form):
    dialect = choose(_("希望用什么话谈"), Dialect.choices, required=False)
    home = choose(_("希望调解员是哪里人"), Province.choices, required=False)


class OwnChoiceForm(forms.Form):
    """One name of the register, or none."""

    account_id = forms.TypedChoiceField(
        label=_("调解员"), coerce=int, required=False, empty_value=None, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, offered: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account_id"].choices = [("", _("由调解组织安排")), *offered]  # type: ignore[attr-defined]


def fill(form: forms.Form, detail: Detail, ranked: list[MediatorAdvice], given_to: Offers) -> None:
    """Put what can be chosen into a form of this file, and into the one that names the mediator."""
    if isinstance(form, MeetingForm):
        form.offer(room_choices(given_to.rooms))
    elif isinstance(form, MediatorForm):
        form.offer([(one.account_id, one.words) for one in ranked if one.may_be_taken])
    elif isinstance(form, TeamForm):
        form.offer([(line.team.pk, line.words) for line in given_to.teams])
    elif isinstance(form, LeaveForm):
        form.offer(detail.seated)
    elif isinstance(form, ObjectForm | SpeechForm):
        sides = [one for one in detail.parties if one.party.standing in Party.SIDES]
        form.offer([(one.party.pk, one.label) for one in sides])


def wishes(actor: Actor, dispute_id: int) -> tuple[Wish, ...]:
    """What the parties wished for, opened for the ranking; each opening is written down. Raises NotFound, Forbidden."""
    rows = Party.objects.filter(dispute=dispute_id, left_at=None, speech_id__isnull=False).order_by("pk")
    found = []
    for record_id in rows.values_list("speech_id", flat=True):
        opened = open_record(
            actor, record_id or 0, purpose=Purpose.DISPUTE, matter_kind=MatterKind.DISPUTE, matter_id=dispute_id
        )
        told = json.loads(opened.get("note", "{}"))
        found.append(Wish(told.get("dialect", ""), told.get("home", "")))
    return tuple(found)


def offered_to_party(own: Own) -> list[tuple[int, str]]:
    """The fittest as a party reads them: name, body, speech and trade, no numbers."""
    ranked = [one for one in rank_mediators(own.dispute, own.story) if not one.barred][:OFFERED_TO_PARTIES]
    return [(one.account_id, _told(one)) for one in ranked]


def _told(one: MediatorAdvice) -> str:
    line = one.line
    return " · ".join(filter(None, (line.name, line.body, listed(line.dialect_labels), listed(line.kind_labels))))


__all__ = ["LeaveForm", "ObjectForm", "OwnChoiceForm", "OwnReasonForm", "OwnSpeechForm", "SpeechForm", "TeamForm",
           "fill", "offered_to_party", "wishes"]  # fmt: skip


def room_choices(rooms: Sequence[Room]) -> list[tuple[Any, Any]]:
    """The rooms in use, to choose from; none of them is somewhere else."""
    return [("", _("不在调解室")), *((room.pk, str(room)) for room in rooms)]


def slot_of(given: dict[str, Any]) -> commands.Slot:
    """When and where, out of what a form gave; the rest stays there."""
    return commands.Slot(given.pop("starts_at"), given.pop("minutes"), given.pop("room_id"), given.pop("place_words"))
