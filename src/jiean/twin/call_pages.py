"""The calls to expect: asking for them anew, the coming day and week, and how well the method did on days it had not seen."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from jiean.kernel.actor import Role
from jiean.kernel.errors import NotFound
from jiean.kernel.http import actor_of, door
from jiean.kernel.sheets import csv_lines
from jiean.twin.commands import ask_calculation
from jiean.twin.expecting import shown_calls, table_rows
from jiean.twin.models import Calculation
from jiean.twin.queries import newest_calls

WHO = (Role.COMMANDER,)


@door(*WHO)
def calls(request: HttpRequest) -> HttpResponse:
    """The newest expectation; a post asks for another one."""
    actor = actor_of(request)
    if request.method == "POST":
        made = ask_calculation(actor, kind=Calculation.Kind.CALLS, asked={})
        return redirect("twin:calculation", made.pk)
    kept, kind = newest_calls(actor), request.GET.get("kind", "")
    found = shown_calls(kept.shown, kind) if kept is not None and kept.shown is not None else None
    return render(request, "twin/calls.html", {"found": found, "kind": kind})


@door(*WHO)
def calls_file(request: HttpRequest) -> HttpResponse:
    """Every cell, hour and kind of the coming day with its interval, as a table to take away."""
    kept = newest_calls(actor_of(request))
    if kept is None or kept.shown is None:
        raise NotFound
    lines = csv_lines(("cell", "hour", "kind", "expected", "low", "high"), table_rows(kept.shown))
    answer = HttpResponse("".join(lines), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="expected-calls.csv"'
    return answer
