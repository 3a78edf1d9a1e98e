"""Where one is signed in, and the buttons that end it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from jiean.kernel.actor import PERSONAL_ROLES
from jiean.kernel.http import actor_of, door
from jiean.people.commands import end_sittings
from jiean.people.queries import own_sittings
from jiean.people.store import IDLE, LASTS, SITTING_KEY

HOURS = 3600


@door(*PERSONAL_ROLES)
def sittings(request: HttpRequest) -> HttpResponseBase:
    """Every place one's account is signed in at; end one, the others, or all of them."""
    actor, here = actor_of(request), str(request.session[SITTING_KEY]["number"])
    if request.method == "POST":
        only, others = request.POST.get("number", "")[:16], "others" in request.POST
        ended = end_sittings(actor, number=only, but=here if others else "")
        messages.success(request, _("已结束 %(count)d 处登录。") % {"count": ended})
        return redirect("account_login" if only == here or not (only or others) else "people:sittings")
    shown = {"rows": own_sittings(actor), "here": here, "idle_h": int(IDLE.total_seconds() // HOURS)}
    return render(request, "people/sittings.html", shown | {"lasts_h": int(LASTS.total_seconds() // HOURS)})
