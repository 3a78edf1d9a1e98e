"""The twin's pages: asking a scenario in sentences, what a trial showed, and two beside each other."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from jiean.grid.queries import bounds, cells
from jiean.kernel.actor import Role
from jiean.kernel.errors import NotFound
from jiean.kernel.http import actor_of, attempt, door
from jiean.kernel.sheets import csv_lines
from jiean.twin.advice import closures_now, drawn_closed
from jiean.twin.commands import ask_trial, stop_trial
from jiean.twin.models import Trial
from jiean.twin.picture import Picture, compared, picture
from jiean.twin.queries import trial_of, trials

WHO = (Role.COMMANDER,)
TWIN_EVENTS = "twin.TrialAsked twin.TrialMoved"


class ScenarioForm(forms.Form):
    """The scenario as sentences with fields inside them; what is not asked keeps the published value."""

    cars = forms.IntegerField(label=_("车数"), min_value=1, max_value=60, initial=12)
    at = forms.ChoiceField(
        label=_("从哪里出发"),
        choices=(("points", _("分散的点位（系统选）")), ("key_points", _("现有重点点位")), ("base", _("派出所一处"))),
    )
    pooled = forms.ChoiceField(label=_("分工"), choices=(("1", _("每辆车什么警都接")), ("0", _("交通和治安分开"))))
    move_up = forms.BooleanField(label=_("空闲时动态补位"), required=False)
    rain_share = forms.IntegerField(label=_("下雨的时间（%）"), min_value=0, max_value=90, initial=15)
    demand = forms.IntegerField(label=_("警情量（% ，100 为现在）"), min_value=10, max_value=400, initial=100)
    on_scene_min = forms.IntegerField(label=_("现场处置（分钟）"), min_value=1, max_value=240, initial=40)
    declined_share = forms.IntegerField(label=_("被退回的派警（%）"), min_value=0, max_value=50, initial=0)
    break_min = forms.IntegerField(label=_("每八小时休息（分钟）"), min_value=0, max_value=240, initial=0)
    round_stops = forms.IntegerField(label=_("空闲时巡逻的点数"), min_value=0, max_value=20, initial=0)
    closures = forms.BooleanField(
        label=_("绕开现在的封路"), required=False, help_text=_("整个推演都照现在封着的路走。")
    )
    days = forms.IntegerField(label=_("每次推演天数"), min_value=1, max_value=365, initial=60)
    replications = forms.IntegerField(label=_("推演次数"), min_value=2, max_value=200, initial=20)

    def asked(self) -> dict[str, Any]:
        """The engine's own fields."""
        given = dict(self.cleaned_data)
        for name in ("rain_share", "demand", "declined_share"):
            given[name] = given[name] / 100
        return given | {
            "pooled": given["pooled"] == "1",
            "days": float(given["days"]),
            "closures": closures_now() if given["closures"] else [],
        }


@door(*WHO)
def twin(request: HttpRequest) -> HttpResponse:
    """The newest trials, and a form for another one."""
    actor = actor_of(request)
    form = ScenarioForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        trial = attempt(form, lambda: ask_trial(actor, asked=form.asked()))
        if trial is not None:
            return HttpResponseRedirect(reverse("twin:trial", args=[trial.pk]))
    context = {"form": form, "trials": _lines(request), "events": TWIN_EVENTS}
    return render(request, "twin/twin.html", context, status=422 if form.errors else 200)


def _lines(request: HttpRequest) -> list[Picture]:
    return [picture(trial) for trial in trials(actor_of(request))]


@door(*WHO)
def trial_list(request: HttpRequest) -> HttpResponse:
    """The list again."""
    return render(request, "twin/_trials.html", {"trials": _lines(request)})


@door(*WHO)
def trial_page(request: HttpRequest, trial_id: int) -> HttpResponse:
    """One trial: its scenario, what it showed, the map by cell and the replay; beside another one where asked."""
    actor = actor_of(request)
    shown = picture(trial_of(actor, trial_id), cells())
    others = [one for one in trials(actor) if one.state == Trial.State.DONE and one.pk != trial_id]
    beside = request.GET.get("beside", "")
    other = picture(trial_of(actor, int(beside)), cells()) if beside.isdecimal() else None
    context = {
        "shown": shown, "other": other, "others": [picture(one) for one in others], "bounds": bounds(),
        "difference": compared(other, shown) if other else None, "events": TWIN_EVENTS,
    }  # fmt: skip
    return render(request, "twin/trial.html", context)


@door(*WHO)
def trial_state(request: HttpRequest, trial_id: int) -> HttpResponse:
    """How far a trial is; once it has ended the page is asked to load again."""
    shown = picture(trial_of(actor_of(request), trial_id))
    answer = render(request, "twin/_state.html", {"shown": shown})
    if not shown.is_open:
        answer["HX-Refresh"] = "true"
    return answer


@door(*WHO)
def trial_replay(request: HttpRequest, trial_id: int) -> JsonResponse:
    """The replayed day and the cells' shares, for the map."""
    trial = trial_of(actor_of(request), trial_id)
    if trial.state != Trial.State.DONE or trial.shown is None:
        raise NotFound
    wanted = ("posts", "places", "legs", "scenes", "cells", "standard_s")
    closed = drawn_closed(trial.shown.get("closed", ()))
    return JsonResponse({name: trial.shown[name] for name in wanted} | {"closed": closed})


@door(*WHO)
def trial_export(request: HttpRequest, trial_id: int, kind: str) -> HttpResponse:
    """A trial to take away: its parameters and numbers as JSON, or its cells as a table."""
    trial = trial_of(actor_of(request), trial_id)
    if trial.state != Trial.State.DONE or trial.shown is None:
        raise NotFound
    if kind == "json":
        numbers = {name: value for name, value in trial.shown.items() if name not in ("legs", "scenes")}
        return _file(
            JsonResponse({"asked": trial.asked} | numbers, json_dumps_params={"ensure_ascii": False}), trial_id, kind
        )
    rows = [
        (one.code, one.name, one.calls, one.percent, round(one.median_s), "" if one.p90_s is None else round(one.p90_s))
        for one in picture(trial, cells()).cells
    ]
    lines = csv_lines(("cell", "name", "calls", "percent_in_time", "median_s", "p90_s"), rows)
    return _file(HttpResponse("".join(lines), content_type="text/csv; charset=utf-8"), trial_id, kind)


def _file(answer: HttpResponse, trial_id: int, kind: str) -> HttpResponse:
    answer["Content-Disposition"] = f'attachment; filename="trial-{trial_id}.{kind}"'
    return answer


@require_POST
@door(*WHO)
def stop(request: HttpRequest, trial_id: int) -> HttpResponse:
    """Stop a trial."""
    stop_trial(actor_of(request), trial_id)
    return HttpResponseRedirect(reverse("twin:trial", args=[trial_id]))
