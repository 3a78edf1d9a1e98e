"""The pages of the patrol plan: the desk's map and lists, one route's line, and a crew's own list on the phone."""

from __future__ import annotations

import numpy as np
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render

from jiean.dispatch.access import CREW_ROLES
from jiean.dispatch.advice import patrol_line, propose_patrol
from jiean.dispatch.commands import keep_patrol
from jiean.dispatch.queries import my_routes, patrol_now, routes_of
from jiean.grid.queries import bounds
from jiean.kernel.actor import Role
from jiean.kernel.errors import NotFound
from jiean.kernel.http import actor_of, door, request_key

DESK = (Role.COMMANDER, Role.DISPATCHER)


@door(*DESK)
def patrol(request: HttpRequest) -> HttpResponse:
    """The plan that stands; a POST plans the rest of the shift anew."""
    actor = actor_of(request)
    if request.method == "POST":
        found = propose_patrol(actor, np.random.default_rng())
        keep_patrol.keyed(request_key(request))(
            actor, routes=found.routes, left_out=found.left_out, drive_s=found.drive_s, weather=found.weather,
            ends_at=found.ends_at,
        )  # fmt: skip
        return redirect("dispatch:patrol")
    plan = patrol_now(actor)
    context = {"plan": plan, "routes": routes_of(plan) if plan else [], "bounds": bounds()}
    return render(request, "dispatch/patrol.html", context)


@door(*DESK)
def patrol_way(request: HttpRequest, unit_id: int) -> JsonResponse:
    """The line of one unit's route by road. Raises NotFound."""
    plan = patrol_now(actor_of(request))
    route = next((one for one in plan.routes if one["unit"] == unit_id), None) if plan else None
    if route is None:
        raise NotFound
    return JsonResponse({"line": patrol_line(route["stops"])})


@door(*CREW_ROLES)
def my_patrol(request: HttpRequest) -> HttpResponse:
    """My unit's stops in order, for the phone."""
    return render(request, "dispatch/_my_patrol.html", {"routes": my_routes(actor_of(request))})
