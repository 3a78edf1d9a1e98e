"""From a session to an actor: once for each request, and in bulk for the live streams."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import constant_time_compare

from jiean.kernel import clocks
from jiean.kernel.access import PROOF_LASTS, PURPOSE_KEY
from jiean.kernel.actor import Actor
from jiean.people.models import Sitting
from jiean.people.queries import accounts_to_act, actor_for
from jiean.people.sittings import METHODS_KEY, device_of, keep_in_hand
from jiean.people.store import SessionStore

ROLE_KEY = "role"
"""Where a session keeps the role chosen for it."""

METHODS_OF_KEY = "account_authentication_methods_user"
"""Where allauth keeps whose session it was that was signed in and proved by ``METHODS_KEY``."""


class ActorMiddleware:
    """Puts ``request.actor``: read from the database for every request, so that what was taken away is gone at once."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            request.actor = actor_at_the_door(request)  # type: ignore[attr-defined]
        except (OperationalError, InterfaceError):
            as_stranger(request)
        known = request.actor.is_signed_in  # type: ignore[attr-defined]
        answer = self.get_response(request)
        if known:
            _keep_nowhere(answer)
            if not request.user.is_authenticated:  # signed out by this very request: what the browser keeps goes too
                answer["Clear-Site-Data"] = '"cache"'
        return answer


def _keep_nowhere(answer: HttpResponseBase) -> None:
    """What somebody signed in is shown is kept by no browser, so that "back" shows nothing once access is gone.

    What names its own keeping (areas, tiles) holds nobody's data; pictures of reports do, whatever they say.
    """
    if not answer.has_header("Cache-Control") or answer.get("Content-Type", "").startswith("image/"):
        answer["Cache-Control"] = "no-store"


def as_stranger(request: HttpRequest) -> None:
    """The database is away: nobody can be known, so doors for staff stay shut; the cookie is kept for when it is back."""
    request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
    request.session, request.actor, request.database_away = SessionStore(), Actor.public(), True  # type: ignore[attr-defined]


def actor_at_the_door(request: HttpRequest) -> Actor:
    """The signed-in actor in the session's role, or the public. A visitor without a session costs no statement."""
    user = request.user if request.session.session_key else None
    if user is None or not user.is_authenticated or not keep_in_hand(request):
        return Actor.public()
    actor = actor_for(user, request.session.get(ROLE_KEY, ""), device_of(request))
    return replace(actor, proved_at=proved_at(request.session), purpose=purpose_of(request.session))


def proved_at(session: SessionBase) -> dt.datetime | None:
    """When the second factor was last shown in a session: by code, passkey or recovery code, never by the password alone."""
    if session.get(METHODS_OF_KEY) != session.get(SESSION_KEY):
        return None
    shown = [one["at"] for one in session.get(METHODS_KEY) or () if one.get("method") == "mfa"]
    return dt.datetime.fromtimestamp(max(shown), dt.UTC) if shown else None


def purpose_of(session: SessionBase) -> str:
    """What the session's actor said to be looking for, while that holds."""
    purpose, said_at = session.get(PURPOSE_KEY) or ("", 0.0)
    age_s = clocks.now().timestamp() - said_at
    return str(purpose) if 0 <= age_s < PROOF_LASTS.total_seconds() else ""


def actors_of(session_keys: Sequence[str]) -> Mapping[str, Actor]:
    """The actors behind session keys, in two statements; keys no longer good are left out."""
    store = SessionStore()
    rows = Sitting.objects.filter(pk__in=session_keys, expire_date__gt=clocks.now())
    contents: dict[str, dict[str, Any]] = {row.session_key: store.decode(row.session_data) for row in rows}
    wanted = {key: content for key, content in contents.items() if content.get(BACKEND_SESSION_KEY)}
    ids = {int(content[SESSION_KEY]) for content in wanted.values()}
    accounts = {str(account.pk): account for account in accounts_to_act(sorted(ids), clocks.now())}
    found = {}
    for key, content in wanted.items():
        account = accounts.get(content[SESSION_KEY])
        if account and constant_time_compare(content.get(HASH_SESSION_KEY, ""), account.get_session_auth_hash()):
            found[key] = actor_for(account, content.get(ROLE_KEY, ""))
    return found
