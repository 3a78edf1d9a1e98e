"""Breaking the glass, the one matter it opens, and the review by somebody else."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from jiean.kernel import clocks
from jiean.kernel.access import holds
from jiean.kernel.actor import Actor, Role
from jiean.kernel.http import actor_of, attempt, door, request_key, row_ids
from jiean.people.queries import names_of
from jiean.vault import queries
from jiean.vault.access import Can, kinds_with_numbers
from jiean.vault.commands import break_glass, open_record, review_glass, tell_glass
from jiean.vault.glass import GLASS_LASTS, HIDDEN_AT_MOST, REVIEW_WITHIN
from jiean.vault.models import Glass, MatterKind, Purpose

RESCUERS = (Role.COMMANDER, Role.DISPATCHER, Role.OFFICER, Role.SOCIAL_WORKER)


def _kinds() -> list[tuple[str, Any]]:
    return [(one.value, one.label) for one in kinds_with_numbers()]


class BreakForm(forms.Form):
    """One matter by its number, the danger in words, and that it is one to life."""

    kind = forms.ChoiceField(label=_("事项种类"), choices=_kinds)
    number = forms.CharField(label=_("编号"), max_length=20)
    reason = forms.CharField(label=_("什么危险"), max_length=500, widget=forms.Textarea({"rows": 3}))
    danger = forms.BooleanField(label=_("有生命危险，来不及按平常的办法"), required=False)


class ReviewForm(forms.Form):
    """Right or wrong, why, and from when the resident may see it."""

    verdict = forms.ChoiceField(label=_("审核结论"), choices=Glass.Verdict.choices, widget=forms.RadioSelect)
    words = forms.CharField(label=_("审核说明"), max_length=500, widget=forms.Textarea({"rows": 2}))
    hide_days = forms.IntegerField(
        label=_("多少天后再告诉本人（现在安全填 0）"), min_value=0, max_value=HIDDEN_AT_MOST.days, initial=0
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


@door(*RESCUERS)
@never_cache
def glass(request: HttpRequest) -> HttpResponseBase:
    """Break the glass of one matter; what one has open is listed."""
    actor = actor_of(request)
    form = BreakForm(request.POST or None)
    if form.is_valid() and (broken := attempt(form, lambda: _broken(request, actor, form.cleaned_data))):
        messages.success(request, _("已打开这一件，六十分钟后自动关上。值班指挥长已经知道。"))
        return redirect("vault:glass-matter", broken.pk)
    shown = {"form": form, "running": queries.own_glasses(actor), "minutes": GLASS_LASTS.seconds // 60}
    return render(request, "vault/glass.html", shown, status=422 if form.errors else 200)


def _broken(request: HttpRequest, actor: Actor, given: dict[str, Any]) -> Glass:
    kind, number = MatterKind(given["kind"]), given["number"]
    deed = break_glass.keyed(request_key(request))
    return deed(actor, kind, number, reason=given["reason"], danger=given["danger"])


@door(*RESCUERS)
@never_cache
def glass_matter(request: HttpRequest, glass_id: int) -> HttpResponseBase:
    """The one matter; its contact is opened by one more step."""
    actor = actor_of(request)
    broken, told = tell_glass(actor, glass_id)
    kind, matter_id = MatterKind(broken.matter_kind), broken.matter_id
    opened = {}
    wanted = row_ids([request.POST.get("record", "")]) if request.method == "POST" else []
    for record_id in set(wanted) & set(told.record_ids):
        opened = open_record(actor, record_id, purpose=Purpose.EMERGENCY, matter_kind=kind, matter_id=matter_id)
    masks = queries.masked(told.record_ids)
    return render(
        request, "vault/glass_matter.html", {"broken": broken, "told": told, "masks": masks, "opened": opened}
    )


@door(Role.COMMANDER, Role.AUDITOR)
@never_cache
@require_GET
def glasses(request: HttpRequest) -> HttpResponseBase:
    """What was broken, what waits for review, what is late."""
    return _shown(request)


@door(Role.AUDITOR)
@require_POST
def review(request: HttpRequest, glass_id: int) -> HttpResponseBase:
    """Judge one."""
    form = ReviewForm(request.POST, auto_id=f"glass{glass_id}_%s")
    judge = lambda: _reviewed(actor_of(request), glass_id, form.cleaned_data)  # noqa: E731
    if form.is_valid() and attempt(form, judge) is not None:
        messages.success(request, _("已审核。"))
        return redirect("vault:glasses")
    return _shown(request, (glass_id, form), 422)


def _reviewed(actor: Actor, glass_id: int, given: dict[str, Any]) -> Glass:
    verdict = Glass.Verdict(given["verdict"])
    return review_glass(
        actor, glass_id, verdict=verdict, words=given["words"], hide_days=given["hide_days"], version=given["version"]
    )


def _shown(request: HttpRequest, sent: tuple[int, ReviewForm] | None = None, status: int = 200) -> HttpResponseBase:
    actor = actor_of(request)
    rows = queries.glasses(actor)
    names = names_of([row.account_id for row in rows] + [row.reviewed_by_id or 0 for row in rows])
    late = clocks.now() - REVIEW_WITHIN
    lines = [
        {
            "row": row,
            "who": names.get(row.account_id, ""),
            "reviewer": names.get(row.reviewed_by_id or 0, ""),
            "role": Role(row.role).label,
            "is_late": row.reviewed_at is None and row.started_at < late,
            "due_at": row.started_at + REVIEW_WITHIN,
            "form": _form(actor, row, sent),
        }
        for row in rows
    ]
    return render(request, "vault/glasses.html", {"lines": lines}, status=status)


def _form(actor: Actor, row: Glass, sent: tuple[int, ReviewForm] | None) -> ReviewForm | None:
    if row.reviewed_at is not None or not holds(Can.REVIEW_GLASS, actor) or row.account_id == actor.account_id:
        return None
    if sent and sent[0] == row.pk:
        return sent[1]
    return ReviewForm(initial={"version": row.version}, auto_id=f"glass{row.pk}_%s")
