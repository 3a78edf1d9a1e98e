"""Planning cells: asking for a division, its map before and after, edits, and the way into the import of areas."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from jiean.grid.queries import bounds, cells
from jiean.kernel import clocks
from jiean.kernel.access import holds
from jiean.kernel.actor import Role
from jiean.kernel.http import actor_of, attempt, door
from jiean.twin import commands, queries
from jiean.twin.access import Can
from jiean.twin.cell_ground import Ground, kept_ground
from jiean.twin.cell_plans import as_areas, drawn, piece_at, piece_between, pieces_drawn, sheet_of
from jiean.twin.models import Calculation, CellPlan

WHO, PLANNERS = (Role.COMMANDER, Role.ADMIN), (Role.COMMANDER,)


class CellsForm(forms.Form):
    """How the town should be cut."""

    cells = forms.IntegerField(label=_("分成几个网格"), min_value=1, max_value=999)
    borders = forms.ChoiceField(
        label=_("村社的边界"),
        choices=(("preferred", _("尽量不跨")), ("kept", _("一律不跨")), ("free", _("可以跨"))),
        help_text=_("一律不跨时，各村社只能分到整数个网格，负荷往往匀不开。"),
    )

    stay = forms.ChoiceField(
        label=_("现在的网格"),
        choices=(("0.25", _("尽量少动")), ("2", _("能不动就不动")), ("0", _("重新分，动多少都行"))), required=False,
        help_text=_("动得越少，形状和负荷让得越多；动了多少小块，方案里写明。"),
    )  # fmt: skip

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        rows = cells()
        choices = [(row.code, f"{row.code} {row.name}") for row in rows]
        self.fields["fixed"] = forms.MultipleChoiceField(label=_("不动的网格"), required=False, choices=choices)
        self.fields["cells"].initial = len(rows)


class AcceptForm(forms.Form):
    """The yes to a plan."""

    starts_on = forms.DateField(
        label=_("自哪天起"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), input_formats=["%Y-%m-%d"]
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class MoveForm(forms.Form):
    """One piece to another cell: by two cells, or by two points on the map."""

    start = forms.IntegerField(min_value=0, required=False)
    goal = forms.IntegerField(min_value=0, required=False)
    lon = forms.FloatField(required=False)
    lat = forms.FloatField(required=False)
    to_lon = forms.FloatField(required=False)
    to_lat = forms.FloatField(required=False)


@door(*WHO)
def plans(request: HttpRequest) -> HttpResponse:
    """Plans made so far, and a form for another one."""
    actor = actor_of(request)
    form = CellsForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data | {"stay": float(form.cleaned_data["stay"] or 0)}
        made = attempt(form, lambda: commands.ask_calculation(actor, kind=Calculation.Kind.CELLS, asked=asked))
        if made is not None:
            return redirect("twin:calculation", made.pk)
    context = {"form": form, "plans": queries.cell_plans(actor), "may_plan": holds(Can.PLAN_CELLS, actor)}
    return render(request, "twin/cells.html", context, status=422 if form.errors else 200)


@door(*WHO)
def plan_page(request: HttpRequest, plan_id: int) -> HttpResponse:
    """A plan: the map before and after, what moves, which rules are broken, and what may be done with it."""
    actor = actor_of(request)
    plan = queries.cell_plan(actor, plan_id)
    today = clocks.local(clocks.now()).date()
    context = _shown(plan) | {
        "bounds": bounds(), "accept": AcceptForm(initial={"starts_on": today, "version": plan.version}),
        "may_plan": holds(Can.PLAN_CELLS, actor), "may_import": holds(Can.HAND_OVER_CELLS, actor),
        "due": plan.starts_on is not None and plan.starts_on <= today,
    }  # fmt: skip
    return render(request, "twin/cell_plan.html", context)


def _shown(plan: CellPlan, said: Any = "") -> dict[str, Any]:
    here = kept_ground(plan.pk)
    sheet = sheet_of(here, plan.asked, plan.cell, plan.cells)
    return {"plan": plan, "sheet": sheet, "officers": _officers(here, plan, sheet.lines), "said": said,
            "is_draft": plan.state == CellPlan.State.DRAFT}  # fmt: skip


def _officers(here: Ground, plan: CellPlan, lines: Any) -> list[queries.OfficerLoad]:
    ids = {cell["code"]: cell["id"] for cell in here.cells}
    before = {ids[line.code]: line.before for line in lines if line.before is not None}
    return queries.officer_loads(before, {ids[line.code]: line.after for line in lines if line.code in ids})


@door(*WHO)
def plan_map(request: HttpRequest, plan_id: int) -> JsonResponse:
    """The cells that stand, the plan's, and its pieces, for the map."""
    plan = queries.cell_plan(actor_of(request), plan_id)
    here = kept_ground(plan.pk)
    moved = [
        (was, own) for was, own in zip(here.before.tolist(), plan.cell, strict=True) if plan.cells[own]["before"] != was
    ]
    changed = frozenset(own for _was, own in moved)
    return JsonResponse(
        {
            "before": drawn(here, here.before.tolist(), here.cells, frozenset(was for was, _own in moved)),
            "after": drawn(here, plan.cell, plan.cells, changed), "pieces": pieces_drawn(here, plan.cell, plan.cells),
        }
    )  # fmt: skip


@require_POST
@door(*PLANNERS)
def move(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Give a piece to another cell; the rules are checked and shown at once."""
    actor = actor_of(request)
    plan = queries.cell_plan(actor, plan_id)
    form = MoveForm(request.POST)
    asked = _asked_move(plan, form.cleaned_data) if form.is_valid() else None
    said: Any = _("没有找到可以划过去的小块：两个网格要相邻，划走后原网格不能断开。")
    if asked is not None:
        plan = commands.move_piece(actor, plan_id, piece=asked[0], to=asked[1])
        said = _("已划给 %(code)s。") % {"code": plan.cells[asked[1]]["code"]}
    return render(request, "twin/_cell_plan.html", _shown(plan, said))


def _asked_move(plan: CellPlan, given: dict[str, Any]) -> tuple[int, int] | None:
    """The piece and the cell it should go to, None when there is none such."""
    here, goal = kept_ground(plan.pk), given["goal"]
    if given["lon"] is not None and given["lat"] is not None:
        piece = piece_at(here, given["lon"], given["lat"])
        if given["to_lon"] is not None and given["to_lat"] is not None:
            other = piece_at(here, given["to_lon"], given["to_lat"])
            goal = None if other is None else plan.cell[other]
        return None if piece is None or goal is None else (piece, goal)
    start = given["start"]
    if start is None or goal is None or start == goal:
        return None
    piece = piece_between(here, plan.cell, start, goal)
    return None if piece is None else (piece, goal)


@require_POST
@door(*PLANNERS)
def accept(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Accept a plan for a day."""
    form = AcceptForm(request.POST)
    if form.is_valid():
        attempt(form, lambda: commands.accept_cells(actor_of(request), plan_id, **form.cleaned_data))
    for words in (str(one) for errors in form.errors.values() for one in errors):
        messages.error(request, words)
    return HttpResponseRedirect(reverse("twin:cell-plan", args=[plan_id]))


@require_POST
@door(*PLANNERS)
def drop(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Throw a plan away."""
    commands.drop_cells(actor_of(request), plan_id)
    messages.success(request, _("已放弃，网格没有变化。"))
    return redirect("twin:cells")


@require_POST
@door(Role.ADMIN)
def hand_over(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Lay an accepted plan before the import of areas, where it is confirmed."""
    made = commands.hand_over_cells(actor_of(request), plan_id)
    return redirect("grid:draft", made.area_draft_id or 0)


@door(*WHO)
def plan_file(request: HttpRequest, plan_id: int) -> HttpResponse:
    """The plan as GeoJSON, for `jiean import areas` or another map."""
    plan = queries.cell_plan(actor_of(request), plan_id)
    file = as_areas(kept_ground(plan.pk), plan.cell, plan.cells)
    answer = HttpResponse(file, content_type="application/geo+json")
    answer["Content-Disposition"] = f'attachment; filename="cells-{plan_id}.geojson"'
    return answer
