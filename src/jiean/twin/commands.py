"""Asking for a trial or a calculation, stopping it, and what its job keeps; plans of cells from draft to import."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from jiean.grid.commands import propose_drawn_areas
from jiean.kernel import clocks
from jiean.kernel.access import admit, fetch
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.errors import Conflict, Invalid
from jiean.kernel.events import announce
from jiean.kernel.workflow import change, note
from jiean.twin.access import Can
from jiean.twin.cell_ground import kept_ground
from jiean.twin.cell_plans import as_areas, sheet_of
from jiean.twin.errands import Errands
from jiean.twin.events import CalculationAsked, CalculationMoved, CellPlanChanged, TrialAsked, TrialMoved
from jiean.twin.models import Calculation, CellPlan, Trial

TRIALS = Errands(Trial, TrialAsked, TrialMoved, _("已有 %(count)d 个推演在排队，请等一个完成。"))
CALCULATIONS = Errands(
    Calculation, CalculationAsked, CalculationMoved, _("已有 %(count)d 个测算在排队，请等一个完成。")
)


@command
def ask_trial(actor: Actor, *, asked: Mapping[str, Any]) -> Trial:
    """Ask for a scenario to be played. Raises Forbidden, and Conflict when too many wait already."""
    trial = Trial.objects.create(asked=dict(asked), asked_at=clocks.now())
    admit(Can.ASK, actor, trial)
    return TRIALS.begin(actor, trial)


@command
def stop_trial(actor: Actor, trial_id: int) -> Trial:
    """Stop a trial; what it had is not kept. Raises NotFound, IllegalMove."""
    return TRIALS.stop(actor, fetch(Can.ASK, actor, Trial, trial_id))


@command
def take_up_trial(actor: Actor, trial_id: int) -> Trial:
    """Begin with a trial that waits. Raises NotFound."""
    return TRIALS.take_up(actor, fetch(Can.CARRY_OUT, actor, Trial, trial_id))


@command
def tell_progress(actor: Actor, trial_id: int, *, done_share: float) -> Trial:
    """Say how far a running trial is. Raises NotFound."""
    return TRIALS.tell(fetch(Can.CARRY_OUT, actor, Trial, trial_id), done_share)


@command
def keep_result(actor: Actor, trial_id: int, *, shown: Mapping[str, Any]) -> Trial:
    """Keep what a running trial showed. Raises NotFound."""
    return TRIALS.keep(actor, fetch(Can.CARRY_OUT, actor, Trial, trial_id), lambda: shown)


@command
def give_up_trial(actor: Actor, trial_id: int, *, why: str) -> Trial:
    """Say that a trial cannot be played, with the engine's reason. Raises NotFound."""
    return TRIALS.give_up(actor, fetch(Can.CARRY_OUT, actor, Trial, trial_id), why)


@command
def ask_calculation(actor: Actor, *, kind: Calculation.Kind, asked: Mapping[str, Any]) -> Calculation:
    """Ask for posts, cells or the calls to come to be worked out. Raises Forbidden, and Conflict when too many wait already."""
    made = Calculation.objects.create(kind=kind, asked=dict(asked), asked_at=clocks.now())
    admit(Can.ASK, actor, made)
    return CALCULATIONS.begin(actor, made)


@command
def stop_calculation(actor: Actor, calculation_id: int) -> Calculation:
    """Stop a calculation; what it had is not kept. Raises NotFound, IllegalMove."""
    return CALCULATIONS.stop(actor, fetch(Can.ASK, actor, Calculation, calculation_id))


@command
def take_up_calculation(actor: Actor, calculation_id: int) -> Calculation:
    """Begin with one that waits. Raises NotFound."""
    return CALCULATIONS.take_up(actor, fetch(Can.CARRY_OUT, actor, Calculation, calculation_id))


@command
def tell_calculation(actor: Actor, calculation_id: int, *, done_share: float) -> Calculation:
    """Say how far a running calculation is. Raises NotFound."""
    return CALCULATIONS.tell(fetch(Can.CARRY_OUT, actor, Calculation, calculation_id), done_share)


@command
def keep_calculation(actor: Actor, calculation_id: int, *, shown: Mapping[str, Any]) -> Calculation:
    """Keep what a running calculation found. Raises NotFound."""
    return CALCULATIONS.keep(actor, fetch(Can.CARRY_OUT, actor, Calculation, calculation_id), lambda: shown)


@command
def keep_cut_cells(
    actor: Actor,
    calculation_id: int,
    *,
    ground: Mapping[str, Any],
    cell: Sequence[int],
    cells: Sequence[Any],
    forced: float,
) -> Calculation:
    """Keep a division as a draft for the commander, unless it was stopped meanwhile. Raises NotFound."""
    made = fetch(Can.CARRY_OUT, actor, Calculation, calculation_id)

    def drafted() -> Mapping[str, Any]:
        plan = draft_cells(actor, asked=made.asked | {"forced": forced}, ground=ground, cell=cell, cells=cells)
        return {"plan": plan.pk}

    return CALCULATIONS.keep(actor, made, drafted)


@command
def give_up_calculation(actor: Actor, calculation_id: int, *, why: str) -> Calculation:
    """Say that there is no answer, with the engine's reason. Raises NotFound."""
    return CALCULATIONS.give_up(actor, fetch(Can.CARRY_OUT, actor, Calculation, calculation_id), why)


@command
def draft_cells(
    actor: Actor, *, asked: Mapping[str, Any], ground: Mapping[str, Any], cell: Sequence[int], cells: Sequence[Any]
) -> CellPlan:
    """Keep a division somebody asked for, with the ground it was made for. Raises Forbidden."""
    plan = CellPlan.objects.create(
        asked=dict(asked), ground=dict(ground), cell=list(cell), cells=list(cells), made_at=clocks.now()
    )
    admit(Can.DRAFT_CELLS, actor, plan)
    note(plan, by=actor, code="drafted")
    announce(CellPlanChanged(plan.pk, plan.state))
    return plan


@command
def move_piece(actor: Actor, plan_id: int, *, piece: int, to: int) -> CellPlan:
    """Give a piece of ground to another cell of a draft. Raises NotFound, Invalid, Conflict."""
    plan = fetch(Can.PLAN_CELLS, actor, CellPlan, plan_id)
    if plan.state != CellPlan.State.DRAFT:
        raise Conflict(_("方案已经不是草案，不能再改。"))
    if not (0 <= piece < len(plan.cell) and 0 <= to < len(plan.cells)):
        raise Invalid(to=_("没有这个小块或网格。"))
    cell = list(plan.cell)
    cell[piece] = to
    change(plan, cell=cell)
    announce(CellPlanChanged(plan.pk, plan.state))
    return plan


@command
def accept_cells(actor: Actor, plan_id: int, *, starts_on: dt.date, version: int | None = None) -> CellPlan:
    """Accept a draft for a day not past; the map changes only when the administrator imports it. Raises NotFound, Invalid, Conflict."""
    plan = fetch(Can.PLAN_CELLS, actor, CellPlan, plan_id, version=version)
    if starts_on < clocks.local(clocks.now()).date():
        raise Invalid(starts_on=_("日期已经过了。"))
    if sheet_of(kept_ground(plan.pk), plan.asked, plan.cell, plan.cells).refused:
        raise Invalid(starts_on=_("还有不许违反的规则，改好再采用。"))
    return _change_plan(actor, plan, CellPlan.State.ACCEPTED, starts_on=starts_on)


@command
def drop_cells(actor: Actor, plan_id: int) -> CellPlan:
    """Throw a plan away. Raises NotFound, IllegalMove."""
    return _change_plan(actor, fetch(Can.PLAN_CELLS, actor, CellPlan, plan_id), CellPlan.State.DROPPED)


@command
def hand_over_cells(actor: Actor, plan_id: int) -> CellPlan:
    """Lay an accepted plan before the import of areas, from its day on; there it is confirmed or dropped.

    Raises NotFound, Invalid, IllegalMove.
    """
    plan = fetch(Can.HAND_OVER_CELLS, actor, CellPlan, plan_id)
    if plan.starts_on is not None and clocks.local(clocks.now()).date() < plan.starts_on:
        raise Invalid(starts_on=_("还没到采用的那一天，到时再导入。"))
    draft = propose_drawn_areas(actor, as_areas(kept_ground(plan.pk), plan.cell, plan.cells))
    return _change_plan(actor, plan, CellPlan.State.HANDED_OVER, area_draft_id=draft.pk)


def _change_plan(actor: Actor, plan: CellPlan, to: CellPlan.State, **fields: Any) -> CellPlan:
    CellPlan.WORKFLOW.move(plan, to, by=actor, code=to.lower(), **fields)
    announce(CellPlanChanged(plan.pk, plan.state))
    return plan
