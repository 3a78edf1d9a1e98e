"""The command line of the board: ``1042`` opens, ``/a 1042 PTU-2`` sends, ``/s 3 scene`` stamps."""

from __future__ import annotations

import json
import re

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiean.dispatch.commands import assign_unit
from jiean.dispatch.queries import IncidentRow, UnitRow, incident_by_number, unit_by_call_sign, units_now
from jiean.kernel.actor import Actor
from jiean.kernel.errors import Invalid
from jiean.kernel.http import actor_of, door
from jiean.screens.search import keep_asked
from jiean.screens.shell import COMMAND
from jiean.screens.steps import take_step

STEP_WORDS = {"ack": "ack", "route": "go", "go": "go", "scene": "scene", "clear": "clear"}
MOST_SIGNS = 80


def incident_of(actor: Actor, word: str) -> IncidentRow:
    """The incident of a number. Raises Invalid."""
    row = incident_by_number(actor, int(word)) if word.isascii() and word.isdecimal() else None
    if row is None:
        raise Invalid(_("没有编号 %(word)s 的警情。") % {"word": word})
    return row


def unit_of(actor: Actor, word: str) -> UnitRow:
    """The unit of a call sign, or of the number at its end where only one unit has it. Raises Invalid."""
    if (exact := unit_by_call_sign(actor, word)) is not None:
        return exact
    ending = [unit for unit in units_now(actor) if re.fullmatch(rf"\D+0*{re.escape(word)}", unit.call_sign)]
    if len(ending) == 1:
        return ending[0]
    signs = " ".join(unit.call_sign for unit in ending)
    raise Invalid(
        _("有几个单元叫 %(word)s：%(signs)s。") % {"word": word, "signs": signs}
        if ending
        else _("没有呼号 %(word)s 的单元。") % {"word": word}
    )


def send(actor: Actor, number: str, call_sign: str) -> tuple[str, int]:
    """``/a``: a unit to an incident."""
    incident, unit = incident_of(actor, number), unit_of(actor, call_sign)
    assign_unit(actor, incident.id, unit.id)
    return _("已派 %(sign)s 去 %(number)s") % {"sign": unit.call_sign, "number": incident.number}, incident.id


def stamp(actor: Actor, call_sign: str, word: str) -> tuple[str, int]:
    """``/s``: a stamp on the one order a unit holds. Never on any other."""
    unit = unit_of(actor, call_sign)
    if word not in STEP_WORDS:
        raise Invalid(_("状态写 ack、route、scene 或 clear。"))
    if unit.assignment_id is None or unit.incident_id is None:
        raise Invalid(_("%(sign)s 现在没有任务。") % {"sign": unit.call_sign})
    take_step(actor, unit.assignment_id, STEP_WORDS[word])
    return _("已记下 %(sign)s：%(word)s") % {"sign": unit.call_sign, "word": word}, unit.incident_id


def obey(actor: Actor, line: str) -> tuple[str, int]:
    """Do what a line says; answers words and the incident to open. Raises Invalid when it makes no sense."""
    match line.split():
        case [number] if number.isascii() and number.isdecimal():
            return "", incident_of(actor, number).id
        case ["/a", number, call_sign]:
            return send(actor, number, call_sign)
        case ["/s", call_sign, word]:
            return stamp(actor, call_sign, word.lower())
        case _other:
            raise Invalid(_("没看懂。写编号，或 /a 编号 呼号，或 /s 呼号 状态。"))


@require_POST
@door(*COMMAND)
def board_command(request: HttpRequest) -> HttpResponseBase:
    """Obey one line. Plain words are looked for instead."""
    line = request.POST.get("line", "").strip()[:MOST_SIGNS]
    if line and not line.startswith("/") and not line.isdecimal():
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = reverse("screens:search")
        return keep_asked(answer, line)
    said, incident_id = obey(actor_of(request), line)
    answer = render(request, "screens/_command.html", {"said": said})
    answer["HX-Trigger"] = json.dumps({"jiean:open": {"value": incident_id}, "jiean:changed": bool(said)})
    return answer
