"""What is settled before any page: which methods there are, that programs speak HTTPS, and under which names cookies go."""

from __future__ import annotations

from collections.abc import Callable
from http.cookies import SimpleCookie

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.utils.translation import gettext_lazy as _

from jiean.kernel.asgi import cookie_prefix
from jiean.kernel.errors import Refusal
from jiean.kernel.http import problem_response

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
NARROW = "__Secure-"
"""Before the name of a cookie for a part of the addresses only: ``__Host-`` is for the whole host."""


class ClearText(Refusal):
    """A program called by HTTP where the station is reached by HTTPS: led on, its mistake would stay unseen."""

    status = 403
    code = "https_only"
    default = _("这个接口只接受 HTTPS 请求。")


class Doorstep:
    """Refuses what no page takes, and binds every cookie to this very host when the station is reached by HTTPS.

    A browser takes a cookie whose name begins with ``__Host-`` from this host alone, by HTTPS, for all of it: nobody with a
    neighbouring name can plant one. Pages and libraries know cookies by their own names; here they are put on and taken off.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        if settings.SECURE_SSL_REDIRECT and not request.is_secure() and request.path.startswith("/api/"):
            return problem_response(ClearText())
        prefix = cookie_prefix()
        if not prefix:
            return self.get_response(request)
        request.COOKIES = _known(request.COOKIES, prefix)
        answer = self.get_response(request)
        answer.cookies = _bound(answer.cookies, prefix)
        return answer


def _known(sent: dict[str, str], prefix: str) -> dict[str, str]:
    """The cookies that are bound to this host, under their own names; others may be planted and are not looked at."""
    return {
        name.removeprefix(one): value
        for one in (NARROW, prefix)
        for name, value in sent.items()
        if name.startswith(one)
    }


def _bound(cookies: SimpleCookie, prefix: str) -> SimpleCookie:
    made: SimpleCookie = SimpleCookie()
    for name, kept in cookies.items():
        whole = kept["path"] == "/" and not kept["domain"]
        kept["secure"], kept["samesite"] = True, kept["samesite"] or "Lax"
        kept.set(f"{prefix if whole else NARROW}{name}", kept.value, kept.coded_value)
        made[kept.key] = kept
    return made
