"""The first page: residents report or follow up; staff go on to the first page of their role."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from jiean.kernel.http import actor_of, public_door
from jiean.screens.shell import Shell


@public_door
def landing(request: HttpRequest) -> HttpResponse:
    """What a resident can do here; nobody signed in has business on it."""
    home = Shell(actor_of(request), request.path).home
    return render(request, "screens/landing.html") if home == "/" else HttpResponseRedirect(home)
