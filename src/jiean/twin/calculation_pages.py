"""Calculations: asking for posts, how far the job is, stopping it, and what it found."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from jiean.grid.queries import bounds, cells
from jiean.kernel.actor import Role
from jiean.kernel.http import actor_of, attempt, door
from jiean.twin.advice import closures_now
from jiean.twin.commands import ask_calculation, stop_calculation
from jiean.twin.models import Calculation
from jiean.twin.queries import calculation_of, calculations
from jiean.twin.siting import DEFAULT_POSTS, MOST_POSTS, shown_sites

WHO = (Role.COMMANDER,)
EVENTS = "twin.CalculationAsked twin.CalculationMoved"


class SitesForm(forms.Form):
    """What the posts should do, what stays, and what they may cost."""

    posts = forms.IntegerField(label=_("设几个点"), min_value=1, max_value=MOST_POSTS, initial=DEFAULT_POSTS)
    aim = forms.ChoiceField(
        label=_("按什么选"),
        choices=(
            ("drive", _("平均车程最短")), ("cover", _("五分钟车程内的警情最多")), ("expect", _("车会占着，按有车可派的机会算")),
        ),
    )  # fmt: skip
    busy = forms.IntegerField(
        label=_("一辆车占着的时间（%）"),
        min_value=0,
        max_value=95,
        initial=30,
        help_text=_("只在“按有车可派的机会算”时用。"),
    )
    keep = forms.BooleanField(label=_("现有重点点位都留用"), required=False, help_text=_("留用的算在点数里，不花钱。"))
    closures = forms.BooleanField(label=_("绕开现在的封路"), required=False)
    most_share = forms.IntegerField(
        label=_("一个点最多承担多少警情（%）"), min_value=1, max_value=100, required=False,
        help_text=_("不填就不限；“按有车可派的机会算”时不能限。"),
    )  # fmt: skip
    budget = forms.FloatField(label=_("总预算（万元）"), min_value=0.01, max_value=1e6, required=False)
    cost = forms.FloatField(
        label=_("新设一个点（万元）"), min_value=0, max_value=1e6, required=False,
        help_text=_("填了预算就要填；这时点数是上限。"),
    )  # fmt: skip
    costs = forms.CharField(
        label=_("花费不一样的网格"), required=False, max_length=4000, widget=forms.Textarea({"rows": 3}),
        help_text=_("一行一个：网格编码 空格 万元。"),
    )  # fmt: skip

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        choices = [(row.code, f"{row.code} {row.name}") for row in cells()]
        self.codes = {code for code, _name in choices}
        self.fields["must"] = forms.MultipleChoiceField(label=_("一定要有点的网格"), required=False, choices=choices)
        self.fields["must_not"] = forms.MultipleChoiceField(label=_("不能设点的网格"), required=False, choices=choices)

    def clean_costs(self) -> dict[str, float]:
        """Lines of a cell's code and a number."""
        found: dict[str, float] = {}
        for line in self.cleaned_data["costs"].splitlines():
            words = line.split()
            if not words:
                continue
            price = _number(words[1]) if len(words) == 2 else None
            if price is None or words[0] not in self.codes:
                raise forms.ValidationError(_("“%(line)s”不是网格编码加一个数。"), params={"line": line.strip()[:40]})
            found[words[0]] = price
        return found

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if (given.get("budget") is None) != (given.get("cost") is None):
            self.add_error("cost", _("预算和新设一个点的花费要么都填，要么都不填。"))
        if given.get("aim") == "expect" and given.get("most_share"):
            self.add_error("most_share", _("按有车可派的机会算时，不能限一个点承担多少。"))
        return given

    def asked(self) -> dict[str, Any]:
        """Shares as shares, nothing for what was left out."""
        given = dict(self.cleaned_data)
        return given | {
            "busy": given["busy"] / 100,
            "most_share": (given["most_share"] or 0) / 100,
            "closures": closures_now() if given["closures"] else [],
        }


def _number(words: str) -> float | None:
    try:
        value = float(words)
    except ValueError:
        return None
    return value if 0 <= value <= 1e6 else None


@door(*WHO)
def sites(request: HttpRequest) -> HttpResponse:
    """The newest plans of posts, and a form for another one."""
    actor = actor_of(request)
    form = SitesForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: ask_calculation(actor, kind=Calculation.Kind.SITES, asked=form.asked()))
        if made is not None:
            return redirect("twin:calculation", made.pk)
    context = {"form": form, "made": calculations(actor, Calculation.Kind.SITES), "events": EVENTS}
    return render(request, "twin/sites.html", context, status=422 if form.errors else 200)


@door(*WHO)
def calculation(request: HttpRequest, calculation_id: int) -> HttpResponse:
    """A calculation: how far it is, or what it found; finished cells and calls are shown on their own page."""
    made = calculation_of(actor_of(request), calculation_id)
    if made.state == Calculation.State.DONE and made.shown is not None:
        if made.kind == Calculation.Kind.CELLS:
            return redirect("twin:cell-plan", made.shown["plan"])
        if made.kind == Calculation.Kind.CALLS:
            return redirect("twin:calls")
    return render(request, "twin/calculation.html", _context(made) | {"bounds": bounds(), "events": EVENTS})


def _context(made: Calculation) -> dict[str, Any]:
    ended = made.state == Calculation.State.DONE and made.shown is not None
    found = shown_sites(made.shown or {}, made.asked) if ended and made.kind == Calculation.Kind.SITES else None
    why = (made.shown or {}).get("why", "") if made.state == Calculation.State.FAILED else ""
    return {
        "made": made, "found": found, "is_open": made.state in Calculation.OPEN, "why": why,
        "progress": round(100 * made.done_share), "back": BACK[Calculation.Kind(made.kind)],
    }  # fmt: skip


BACK = {
    Calculation.Kind.SITES: "twin:sites",
    Calculation.Kind.CELLS: "twin:cells",
    Calculation.Kind.CALLS: "twin:calls",
}
"""Where one was asked from."""


@door(*WHO)
def calculation_state(request: HttpRequest, calculation_id: int) -> HttpResponse:
    """How far a calculation is; once it has ended the page is asked to load again."""
    context = _context(calculation_of(actor_of(request), calculation_id))
    answer = render(request, "twin/_calculation_state.html", context)
    if not context["is_open"]:
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
@door(*WHO)
def stop_it(request: HttpRequest, calculation_id: int) -> HttpResponse:
    """Stop a calculation."""
    stop_calculation(actor_of(request), calculation_id)
    return HttpResponseRedirect(reverse("twin:calculation", args=[calculation_id]))
