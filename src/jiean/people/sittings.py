"""A session stays in the hand it began in: bound to its terminal, told of a new network, few at a time, told of each other.

A cookie that turns up on another sort of terminal ends the session at once. On another network it goes on, as a telephone does
between two masts, but the second factor shown before counts no more: whoever holds the cookie opens nothing sensitive with it.
A copy of the cookie that comes from the same network and calls itself the same terminal is **not** told apart.
"""

from __future__ import annotations

import ipaddress
import re
import secrets
from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from jiean.kernel import audit, clocks
from jiean.kernel.access import PURPOSE_KEY
from jiean.kernel.actor import Actor, Role
from jiean.people.models import Account, Sitting
from jiean.people.store import SITTING_KEY, TOUCHED_EVERY, ends

PLACES = 4
"""So many places one account may be signed in at: a desk, the wall, a telephone, a tablet. One more ends the oldest."""
METHODS_KEY = "account_authentication_methods"
"""Where allauth keeps by what means a session was signed in and proved."""

_DEVICES = (("MicroMessenger", "微信"), ("iPhone", "iPhone"), ("Android", "Android"), ("iPad", "iPad"),
            ("Windows", "Windows"), ("Mac OS", "Mac"), ("Linux", "Linux"))  # fmt: skip
_BROWSERS = ("MicroMessenger", "Edg", "Firefox", "OPR", "Chrome", "CriOS", "Safari")
_PRODUCT = re.compile(r"[A-Za-z][\w.-]{0,19}")
_TOLD = _("这个账号刚在另一处登录。不是您本人的话，请到“我的登录”里结束它，并马上改密码。")


def device_of(request: HttpRequest) -> str:
    """What sort of terminal it is, for the audit; not which one."""
    agent = request.headers.get("User-Agent", "")
    return next((name for mark, name in _DEVICES if mark in agent), "")


def terminal_of(request: HttpRequest) -> str:
    """Sort of terminal and family of browser: what stays the same when a browser is renewed."""
    agent = request.headers.get("User-Agent", "")
    family = next((name for name in _BROWSERS if name in agent), "")
    if not family and (product := _PRODUCT.match(agent)):
        family = product[0]
    return " ".join(word for word in (device_of(request), family) if word)


def network_of(request: HttpRequest) -> str:
    """The network an address lies in: 256 neighbours, or the customer's part of a long address; empty where none is known."""
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return ""
    if address.is_loopback:
        return "localhost"
    return str(ipaddress.ip_network(f"{address}/{24 if address.version == 4 else 48}", strict=False))


def signed_in(sender: object, request: HttpRequest, user: Any, **_more: object) -> None:
    """Somebody signed in: note where, end what is too many, tell the other places, write it into the audit."""
    told = {"number": secrets.token_hex(8), "began": clocks.now().timestamp()}
    request.session[SITTING_KEY] = told | {"terminal": terminal_of(request), "network": network_of(request)}
    others = Sitting.objects.filter(account=user.pk, expire_date__gt=clocks.now())
    others = others.exclude(session_key=request.session.session_key).order_by("-began_at")
    spare = [row.pk for row in others[PLACES - 1 :]]
    Sitting.objects.filter(pk__in=spare).delete()
    others.update(elsewhere=True)
    actor = Actor(Role.PUBLIC, account_id=user.pk, device=device_of(request))
    audit.write([audit.draft("people.signed_in", actor, {"ended": len(spare)}, subject=("people.account", user.pk))])


def password_changed(sender: object, request: HttpRequest, user: Any, **_more: object) -> None:
    """A new password ends every other session, and their rows, so that nobody is shown what is over; it is the account's own."""
    Account.objects.filter(pk=user.pk).update(password_issued_at=None)
    _write_of(request, "people.password_changed", user.pk)
    _end_others(request, user)


def factor_changed(sender: object, request: HttpRequest, user: Any, signal: Any = None, **_more: object) -> None:
    """A second factor that is new, gone or renewed ends every other session, as a new password does."""
    _write_of(request, "people.factor_changed", user.pk)
    _end_others(request, user)


def factor_failed(sender: object, request: HttpRequest, user: Any, **_more: object) -> None:
    """A wrong code, written down."""
    _write_of(request, "people.factor_failed", user.pk)


def sign_in_failed(sender: object, request: HttpRequest | None = None, **_more: object) -> None:
    """Somebody was not let in. Neither the name nor the password is kept: either may have been typed into the other's place."""
    if getattr(request, "axes_locked_out", False):
        return  # not judged at all: a guesser who is locked out fills no audit
    device = device_of(request) if request is not None else ""
    audit.write([audit.draft("people.sign_in_failed", Actor(Role.PUBLIC, device=device), {}, refused="sign_in")])


def signed_out(sender: object, request: HttpRequest, user: Any, **_more: object) -> None:
    """Somebody left by their own button, or was sent away."""
    if user is not None:
        _write_of(request, "people.signed_out", user.pk)


def _end_others(request: HttpRequest, user: Any) -> None:
    told = request.session.get(SITTING_KEY) or {}
    Sitting.objects.filter(account=user.pk).exclude(number=told.get("number", "")).delete()


def keep_in_hand(request: HttpRequest) -> bool:
    """Whether the session may go on here; if not it is over, for whoever has its cookie."""
    told = request.session.get(SITTING_KEY)
    terminal, network = terminal_of(request), network_of(request)
    if told is None or told["terminal"] not in ("", terminal):
        _end(request)
        return False
    if not told["terminal"] and terminal:
        request.session[SITTING_KEY] = told | {"terminal": terminal}
    if network and network != told["network"]:
        _moved(request, network)
    _touch(request)
    return True


def _moved(request: HttpRequest, network: str) -> None:
    """The same terminal on another network: what was proved on the first counts no more."""
    session = request.session
    if session[SITTING_KEY]["network"]:
        shown = [one for one in session.get(METHODS_KEY) or () if one.get("method") != "mfa"]
        session[METHODS_KEY] = shown
        session.pop(PURPOSE_KEY, None)
        _write(request, "people.network_changed")
    session[SITTING_KEY] = session[SITTING_KEY] | {"network": network}


def _end(request: HttpRequest) -> None:
    _write(request, "people.session_ended")
    logout(request)


def _write(request: HttpRequest, action: str) -> None:
    _write_of(request, action, int(request.user.pk or 0))


def _write_of(request: HttpRequest, action: str, account: int) -> None:
    actor = Actor(Role.PUBLIC, account_id=account, device=device_of(request))
    audit.write([audit.draft(action, actor, {}, subject=("people.account", account))])


def _touch(request: HttpRequest) -> None:
    """Note the use, seldom; tell of a sign-in elsewhere, once."""
    row = getattr(request.session, "row", None)
    if row is None or row.began_at is None:
        return
    if row.elsewhere:
        messages.warning(request, _TOLD, fail_silently=True)
    if row.elsewhere or clocks.now() - row.seen_at >= TOUCHED_EVERY:
        row.seen_at, row.expire_date, row.elsewhere = clocks.now(), ends(row.began_at), False
        row.save(update_fields=["seen_at", "expire_date", "elsewhere"])
