"""The doors of closed roads: the map and the list, closing, keeping closed, opening; and a crew's way round them on the phone."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from jiean.dispatch.access import CREW_ROLES
from jiean.dispatch.advice import (
    closed_lines,
    crew_way,
    feature,
    forget_roads,
    streets_like,
    suggest_closure,
)
from jiean.dispatch.commands import close_road, extend_closure, reopen_road, restore_closure
from jiean.dispatch.models import RoadClosure
from jiean.dispatch.queries import closures_now, watch_now
from jiean.grid.queries import bounds
from jiean.kernel import clocks
from jiean.kernel.actor import Actor, Role
from jiean.kernel.command import Command
from jiean.kernel.errors import Invalid
from jiean.kernel.http import actor_of, attempt, door, is_fragment, request_key

DESK = (Role.COMMANDER, Role.DISPATCHER)
HOURS = (
    (1, _("1 小时")), (2, _("2 小时")), (4, _("4 小时")), (8, _("8 小时")), (24, _("1 天")), (72, _("3 天")),
    (168, _("7 天")), (720, _("30 天")), (2160, _("90 天")),
)  # fmt: skip
DEEDS: dict[str, Command[..., RoadClosure]] = {
    "extend": extend_closure,
    "reopen": reopen_road,
    "restore": restore_closure,
}
_MOMENT = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class ClosureForm(forms.Form):
    """A line drawn on the map or a street's name, why, and for how long."""

    line = forms.JSONField(required=False, widget=forms.HiddenInput)
    street = forms.CharField(
        label=_("路名"), max_length=80, required=False, help_text=_("画了线可不填；只填路名就封整条路"),
        widget=forms.TextInput({"list": "closure-streets", "autocomplete": "off"}),
    )  # fmt: skip
    heading = forms.ChoiceField(label=_("方向"), required=False, choices=RoadClosure.Heading.choices)
    reason = forms.ChoiceField(label=_("原因"), choices=RoadClosure.Reason.choices)
    words = forms.CharField(label=_("说明"), max_length=120, required=False)
    hours = forms.TypedChoiceField(label=_("封多久"), coerce=int, choices=HOURS, initial=2)
    starts_at = forms.DateTimeField(
        label=_("从什么时候起"), required=False, widget=_MOMENT, help_text=_("不填就是现在")
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="closure-%s")

    def clean_line(self) -> list[list[float]]:
        """Points as numbers, or nothing."""
        return _points(self.cleaned_data["line"])


def _points(given: object) -> list[list[float]]:
    try:
        points = [[float(lon), float(lat)] for lon, lat in given or ()]  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        raise forms.ValidationError(_("请在地图上重新画线。")) from None
    if not all(abs(lon) <= 180 and abs(lat) <= 90 for lon, lat in points):
        raise forms.ValidationError(_("请在地图上重新画线。"))
    return points


@door(*DESK)
def closures(request: HttpRequest) -> HttpResponse:
    """What is closed, on a map and as a list; a POST closes a road. A page, or the list and form alone."""
    actor = actor_of(request)
    form = ClosureForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        closed = attempt(form, lambda: _close(request, actor, form))
        if closed is not None and not is_fragment(request):
            return redirect("dispatch:closures")
        form = ClosureForm() if closed is not None else form
    return _shown(request, actor, form)


def _close(request: HttpRequest, actor: Actor, form: ClosureForm) -> RoadClosure:
    given = form.cleaned_data
    found = suggest_closure(given["line"], given["street"], given["heading"])
    closure = close_road.keyed(request_key(request))(actor, named=found.named, **given)
    forget_roads()
    return closure


def _shown(request: HttpRequest, actor: Actor, form: ClosureForm) -> HttpResponse:
    rows = closures_now(actor)
    context = {
        "form": form, "rows": rows, "now": clocks.now(), "hours": HOURS, "watch": watch_now(actor),
        "closed_count": sum(row.state == RoadClosure.State.CLOSED for row in rows), "is_drawn": form.is_bound,
    }  # fmt: skip
    if is_fragment(request):
        return render(request, "dispatch/_closures.html", context)
    return render(request, "dispatch/closures.html", context | {"bounds": bounds()})


@require_POST
@door(*DESK)
def closure_deed(request: HttpRequest, closure_id: int) -> HttpResponse:
    """Keep a road closed for longer, open it, or take the opening back."""
    actor, deed = actor_of(request), request.POST.get("deed", "")
    if deed not in DEEDS:
        raise Invalid
    given: dict[str, int] = {}
    if deed == "extend":
        given["hours"] = _number(request.POST.get("hours", ""))
    DEEDS[deed].keyed(request_key(request))(actor, closure_id, **given)
    forget_roads()
    return _shown(request, actor, ClosureForm()) if is_fragment(request) else redirect("dispatch:closures")


@door(*DESK)
def closure_map(request: HttpRequest) -> JsonResponse:
    """The closed stretches; with ``line`` or ``street`` those that would be closed, and what to say of them."""
    rows = [row for row in closures_now(actor_of(request)) if row.state == RoadClosure.State.CLOSED]
    if not (request.GET.get("line") or request.GET.get("street")):
        return JsonResponse(closed_lines(rows))
    try:
        line = _points(json.loads(request.GET.get("line") or "[]"))
    except (ValueError, forms.ValidationError):
        raise Invalid from None
    heading = request.GET.get("heading", "")
    if heading not in RoadClosure.Heading.values:
        raise Invalid
    try:
        found = suggest_closure(line, request.GET.get("street", ""), heading)
    except Invalid as refusal:
        words = " ".join(map(str, refusal.fields.values())) or str(refusal.message)
        return JsonResponse({"words": words, "feature": None})
    return JsonResponse({"words": found.words, "feature": feature(found.lines, 0, found.named)})


@door(*DESK)
def closure_streets(request: HttpRequest) -> HttpResponse:
    """Names of streets for the field that is being typed in."""
    return render(request, "dispatch/_streets.html", {"names": streets_like(request.GET.get("street", ""))})


@door(*CREW_ROLES)
def my_way(request: HttpRequest, assignment_id: int) -> HttpResponse:
    """The way to the incident of one of my orders, for the phone."""
    way = crew_way(actor_of(request), assignment_id)
    return render(request, "dispatch/_my_way.html", {"way": way, "assignment_id": assignment_id})


def _number(words: str) -> int:
    if not (words.isascii() and words.isdecimal() and len(words) < 5):
        raise Invalid
    return int(words)
