"""My day without a network: a shell with nothing of anybody on it, which a browser keeps; what fills it lies sealed on the telephone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from jiean.design.offline import KeptPage, keep_page
from jiean.kernel.http import public_door

keep_page(
    KeptPage(
        "/my",
        "/my/offline",
        (
            "design/layout.css",
            "design/tables.css",
            "screens/my.css",
            "screens/my-offline.js",
            "screens/deeds.js",
            "screens/door.js",
        ),
        only=True,
    )
)


@public_door
@require_GET
def my_offline(request: HttpRequest) -> HttpResponse:
    """The shell."""
    return render(request, "screens/my_offline.html")
