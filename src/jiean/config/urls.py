"""Addresses: each room under its own names, the API, the tiles."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, URLResolver, include, path

from jiean.config.health import PATH, health
from jiean.config.tiles import tiles
from jiean.kernel.api import api
from jiean.kernel.errors import NotFound
from jiean.kernel.http import public_door

handler404 = "jiean.kernel.http.page_not_found"

_ROOMS = [app.name for app in apps.get_app_configs() if app.name.startswith("jiean.")]

for _room in _ROOMS:
    if _room != "jiean.kernel" and find_spec(f"{_room}.api"):
        api.add_router("", import_module(f"{_room}.api").router)

CLOSED = (
    "email/", "signup/", "confirm-email/", "confirm-email/<path:rest>", "password/set/", "password/reset/", "password/reset/<path:rest>",
    "login/code/<path:rest>",
)  # fmt: skip
"""Ways in that allauth brings and a station has not: by mail, by a code sent, by signing up."""


@public_door
def closed(request: HttpRequest, rest: str = "") -> HttpResponseBase:
    """No such page, whoever asks. Raises NotFound."""
    raise NotFound


urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", api.urls),
    *(path(f"accounts/{one}", closed) for one in CLOSED),
    path("accounts/", include("allauth.urls")),
    path(PATH[1:], health, name="health"),
    path("tiles/<slug:name>.pmtiles", tiles, name="tiles"),
    *(path("", include(f"{_room}.urls")) for _room in _ROOMS if find_spec(f"{_room}.urls")),
]
