"""Whose address a request came from when a proxy stands in front: what locks out guessers must not take all people for one."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase


class ClientAddress:
    """Puts the caller's own address where the proxies of the station wrote it; what the caller wrote before them is not believed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.PROXIES:
            told = request.headers.get("X-Forwarded-For", "").split(",")
            if len(told) >= settings.PROXIES and _is_address(told[-settings.PROXIES].strip()):
                request.META["REMOTE_ADDR"] = told[-settings.PROXIES].strip()
        return self.get_response(request)


def _is_address(words: str) -> bool:
    try:
        ipaddress.ip_address(words)
    except ValueError:
        return False
    return True
