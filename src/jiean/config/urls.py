"""Addresses: each room under its own names, the API, the tiles."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.urls import URLPattern, URLResolver, include, path

from jiean.config.health import health
from jiean.config.tiles import tiles
from jiean.kernel.api import api

handler404 = "jiean.kernel.http.page_not_found"

_ROOMS = [app.name for app in apps.get_app_configs() if app.name.startswith("jiean.")]

for _room in _ROOMS:
    if _room != "jiean.kernel" and find_spec(f"{_room}.api"):
        api.add_router("", import_module(f"{_room}.api").router)

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", api.urls),
    path("accounts/", include("allauth.urls")),
    path("healthz", health, name="health"),
    path("tiles/<slug:name>.pmtiles", tiles, name="tiles"),
    *(path("", include(f"{_room}.urls")) for _room in _ROOMS if find_spec(f"{_room}.urls")),
]
