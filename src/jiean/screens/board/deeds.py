"""What the dispatcher may do with an incident beside sending units: end its stage, or one of the rarer moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jiean.design.clash import Difference, side_by_side
from jiean.dispatch import commands
from jiean.dispatch.models import Incident
from jiean.dispatch.queries import IncidentDetail, IncidentRow, incident_by_number
from jiean.kernel.actor import Actor
from jiean.kernel.errors import Invalid
from jiean.screens.board.picture import Words
from jiean.screens.endings import FeedbackForm, ResultForm

State = Incident.State
Deed = Callable[[Actor, IncidentRow, str, int | None], object]


@dataclass(frozen=True)
class Move:
    """A rarer deed on an incident: its word, what it asks for, and when it is offered."""

    code: str
    word: Words
    ask: Words
    deed: Deed
    leads_to: str = ""
    choices: tuple[tuple[Any, Any], ...] = ()
    on_map: bool = False
    after: bool = False
    """Offered once the matter is over on the board."""

    @property
    def is_bare(self) -> bool:
        """Whether one tap does it, with nothing to fill in."""
        return not (self.ask or self.choices or self.on_map)

    def fits(self, detail: IncidentDetail) -> bool:
        return self.leads_to in detail.next_states if self.leads_to else detail.row.is_open


def _with_reason(command: Callable[..., object]) -> Deed:
    return lambda actor, row, value, version: command(actor, row.id, reason=value, version=version)


def _bare(command: Callable[..., object]) -> Deed:
    return lambda actor, row, _value, version: command(actor, row.id, version=version)


def _number(value: str) -> int | None:
    return int(value) if value.strip().isdecimal() else None


def _grade(actor: Actor, row: IncidentRow, value: str, version: int | None) -> object:
    return commands.grade_incident(actor, row.id, grade=_number(value) or 0, version=version)


def _kind(actor: Actor, row: IncidentRow, value: str, version: int | None) -> object:
    return commands.grade_incident(actor, row.id, grade=row.grade, kind=value, version=version)


def _relocate(actor: Actor, row: IncidentRow, value: str, version: int | None) -> object:
    lon, _comma, lat = value.partition(",")
    try:
        point = float(lon), float(lat)
    except ValueError:
        raise Invalid(_("请在地图上选一个位置。")) from None
    return commands.relocate_incident(actor, row.id, lon=point[0], lat=point[1], version=version)


def _merge(actor: Actor, row: IncidentRow, value: str, version: int | None) -> object:
    into = incident_by_number(actor, _number(value) or 0)
    if into is None:
        raise Invalid(_("没有找到这个编号的警情。"))
    return commands.merge_incidents(actor, row.id, into.id)


GRADES = ((1, _("一级")), (2, _("二级")), (3, _("三级")), (4, _("四级")))
WHY = _("原因")
MOVES = (
    Move("grade", _("改级别"), _("级别"), _grade, choices=GRADES),
    Move("kind", _("改类别"), _("类别"), _kind, choices=tuple(Incident.Kind.choices)),
    Move("relocate", _("改地点"), _("在地图上点新的位置"), _relocate, on_map=True),
    Move("merge", _("并入另一起"), _("另一起的编号"), _merge, State.MERGED),
    Move("refer", _("移交他处"), WHY, _with_reason(commands.refer_incident), State.REFERRED),
    Move("unfounded", _("记为不属实"), WHY, _with_reason(commands.mark_unfounded), State.UNFOUNDED),
    Move("cancel", _("取消警情"), WHY, _with_reason(commands.cancel_incident), State.CANCELLED),
    Move("void", _("作废警情"), WHY, _with_reason(commands.void_incident), State.VOIDED),
    Move("review", _("审核通过"), "", _bare(commands.review_incident), State.REVIEWED, after=True),
    Move("archive", _("存档"), "", _bare(commands.archive_incident), State.ARCHIVED, after=True),
    Move("reopen", _("重开警情"), WHY, _with_reason(commands.reopen_incident), State.GRADED, after=True),
)
_BY_CODE = {move.code: move for move in MOVES}


def moves_for(detail: IncidentDetail) -> list[Move]:
    """The rarer moves an incident offers now; one that is over is reviewed, put away or opened again."""
    is_open = detail.row.is_open and detail.row.state != State.FED_BACK
    return [move for move in MOVES if move.fits(detail) and move.after != is_open]


def ending_form(row: IncidentRow, data: Any = None) -> forms.Form | None:
    """The form that ends the incident's present stage, if it can be ended now."""
    if row.state == State.HANDLED:
        return FeedbackForm(data, outcome=row.outcome, version=row.version)
    if any(order.state == "ON_SCENE" for order in row.orders):
        return ResultForm(data, version=row.version)
    return None


def end_stage(actor: Actor, incident_id: int, form: forms.Form) -> object:
    """Do what the form says."""
    if isinstance(form, FeedbackForm):
        return commands.feed_back(actor, incident_id, **form.cleaned_data)
    return commands.clear_incident(actor, incident_id, **form.cleaned_data)


def make_move(actor: Actor, row: IncidentRow, code: str, value: str, version: int | None) -> object:
    """Do the move of this code. Raises Invalid for an unknown one, and whatever the command refuses with."""
    if code not in _BY_CODE:
        raise Invalid(move=_("没有这一步。"))
    return _BY_CODE[code].deed(actor, row, value, version)


def move_beside(current: Incident, code: str, value: str) -> list[Difference]:
    """What the dispatcher wanted beside the incident as it stands, for a move that came second."""
    move = _BY_CODE[code]
    words = {str(one): str(label) for one, label in move.choices}
    stands = str(getattr(current, code, "")) if move.choices else ""
    mine = Difference(move.word, words.get(value, value) or str(move.word), words.get(stands, stands))
    return [mine, *side_by_side(current)]
