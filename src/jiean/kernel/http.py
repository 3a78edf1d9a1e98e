"""Doors: who may enter a view, how a refusal is answered, and where a client's idempotency key stands."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from jiean.kernel import clocks
from jiean.kernel.actor import STAFF_ROLES, Actor, Role
from jiean.kernel.database import answers
from jiean.kernel.device_time import heard
from jiean.kernel.errors import Forbidden, Invalid, ProveYourself, Refusal

View = Callable[..., HttpResponseBase]
R = TypeVar("R")


class Unavailable(Refusal):
    """The database does not answer."""

    status = 503
    code = "unavailable"
    default = _("数据库暂时连不上。新的上报照收，先记在本机；这一页请稍候再试。紧急情况请直接拨打 110。")


class SignInFirst(Refusal):
    """The door is for people who have signed in."""

    status = 401
    code = "sign_in"
    default = _("请先登录。")


def actor_of(request: HttpRequest) -> Actor:
    """Who stands at the door, as people's middleware found; with the device's own time where what they send was done without a network."""
    actor = getattr(request, "actor", None) or Actor.public()
    made = request.META.get("HTTP_X_MADE_AT")
    return (
        actor
        if made is None
        else replace(actor, late=heard(made, request.META.get("HTTP_X_SENT_AT", ""), clocks.now()))
    )


def knock(request: HttpRequest, roles: frozenset[Role] | None) -> None:
    """Check the role at a door; ``None`` is a public door. Raises SignInFirst, Forbidden."""
    if roles is None:
        return
    actor = actor_of(request)
    if not actor.is_signed_in:
        raise Unavailable if getattr(request, "database_away", False) else SignInFirst
    if actor.role not in roles:
        raise Forbidden


def _guarded(view: View, roles: frozenset[Role] | None) -> View:
    @functools.wraps(view)
    def entered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        knock(request, roles)
        return view(request, *args, **kwargs)

    entered.door = roles  # type: ignore[attr-defined]
    return entered


def door(*roles: Role) -> Callable[[View], View]:
    """Open a page to people signed in with one of the roles. A view without a door fails the house tests."""
    return functools.partial(_guarded, roles=frozenset(roles))


def staff_door(view: View) -> View:
    """Open a page to every role of the station's staff."""
    return _guarded(view, frozenset(STAFF_ROLES))


def public_door(view: View) -> View:
    """Open a page to anybody."""
    return _guarded(view, None)


def request_key(request: HttpRequest) -> str | None:
    """The client's idempotency key: the header, else the form's hidden field ``key``."""
    return request.headers.get("Idempotency-Key") or request.POST.get("key") or None


def attempt(form: BaseForm, deed: Callable[[], R]) -> R | None:
    """Do a deed for a form; an Invalid refusal is put beside the fields it names and None comes back."""
    try:
        return deed()
    except Invalid as refusal:
        for name, words in refusal.fields.items():
            form.add_error(name if name in form.fields else None, str(words))
        if not refusal.fields:
            form.add_error(None, str(refusal.message))
        return None


def problem(refusal: Refusal) -> dict[str, Any]:
    """A refusal as a problem document (RFC 9457)."""
    return {
        "type": "about:blank",
        "title": str(refusal.default),
        "status": refusal.status,
        "code": refusal.code,
        "detail": str(refusal.message),
        "fields": {name: str(words) for name, words in refusal.fields.items()},
        "version": getattr(refusal.current, "version", None),
    }


def problem_response(refusal: Refusal) -> JsonResponse:
    """The problem document with its status and media type."""
    return JsonResponse(problem(refusal), status=refusal.status, content_type="application/problem+json")


def row_ids(words: Iterable[str]) -> list[int]:
    """The row ids among what a form sent; anything that cannot be one is left out."""
    return [int(word) for word in words if word.isascii() and word.isdigit() and len(word) < 19]


def is_fragment(request: HttpRequest) -> bool:
    """Whether HTMX asked, and wants a fragment."""
    return request.headers.get("HX-Request") == "true"


class RefusalMiddleware:
    """Turns a refusal into a page, a fragment or a problem document. The only place that catches it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        if isinstance(exception, OperationalError | InterfaceError):
            answers()  # one page that failed throws out every connection a restarted server left dead
            exception = Unavailable()
        if not isinstance(exception, Refusal):
            return None
        return refuse(request, exception)


def refuse(request: HttpRequest, refusal: Refusal) -> HttpResponseBase:
    """Answer a refusal in the form the caller can use."""
    if request.path.startswith("/api/"):
        return problem_response(refusal)
    if isinstance(refusal, SignInFirst) and not is_fragment(request):
        return HttpResponseRedirect(f"{settings.LOGIN_URL}?next={quote(request.get_full_path())}")
    proof = f"{settings.PROVE_URL}?next={quote(_page(request))}" if isinstance(refusal, ProveYourself) else ""
    if proof and not is_fragment(request):
        answer_there = HttpResponseRedirect(proof)
        answer_there.status_code = 303  # whatever was sent is not sent again
        return answer_there
    if is_fragment(request):
        answer = render(request, "design/_refusal.html", {"refusal": refusal, "proof": proof}, status=refusal.status)
        answer["HX-Retarget"], answer["HX-Reswap"] = "#refusal", "innerHTML"
        return answer
    return render(request, "design/refusal.html", {"refusal": refusal}, status=refusal.status)


def own_path(request: HttpRequest, url: str, otherwise: str = "/") -> str:
    """The path of an address of our own, for going back there; of any other, ``otherwise``."""
    if not url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure()):
        return otherwise
    parts = urlsplit(url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return path if path.startswith("/") and not path.startswith("//") else otherwise


def _page(request: HttpRequest) -> str:
    """The page one stood on: of a fragment or something sent, the page that asked for it."""
    if is_fragment(request):
        return own_path(request, request.headers.get("HX-Current-URL", ""))
    if request.method == "GET":
        return request.get_full_path()
    return own_path(request, request.headers.get("Referer", ""))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse | HttpResponseBase:
    """Django's 404, in the house's words."""
    return refuse(request, _PageMissing())


class _PageMissing(Refusal):
    status = 404
    code = "not_found"
    default = _("没有这个页面。")
