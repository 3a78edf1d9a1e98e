"""Choosing the role to act in."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from jiean.kernel.actor import PERSONAL_ROLES, Role
from jiean.kernel.http import SignInFirst, actor_of, public_door
from jiean.people.commands import choose_role
from jiean.people.queries import own_roles
from jiean.people.sessions import ROLE_KEY

HOMES: dict[Role, str] = {
    Role.COMMANDER: "/board",
    Role.DISPATCHER: "/board",
    Role.ADMIN: "/staff",
    Role.AUDITOR: "/glass/review",
    Role.LANDLORD: "/",
    Role.RESIDENT: "/",
}
"""The first page of each role; whoever is not named works in the field."""

FIELD_HOME = "/my"


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=[(role.value, role.label) for role in PERSONAL_ROLES])
    next = forms.CharField(required=False)


@public_door
def choose(request: HttpRequest) -> HttpResponseBase:
    """The roles one holds as large buttons; with a single one the page passes it by."""
    actor = actor_of(request)
    if not actor.is_signed_in:
        raise SignInFirst
    if getattr(request.user, "password_issued_at", None):
        messages.warning(request, _("这是系统管理员给的密码，请先换成您自己的，再开始工作。"))
        return redirect("account_change_password")
    roles = own_roles(actor)
    if request.method == "POST":
        form = RoleForm(request.POST)
        if form.is_valid():
            return _act_in(request, Role(form.cleaned_data["role"]), form.cleaned_data["next"])
    elif len(roles) == 1 and actor.role == roles[0] and "stay" not in request.GET:
        return HttpResponseRedirect(_home(request, roles[0], request.GET.get("next", "")))
    context = {"roles": roles, "next": request.GET.get("next", "")}
    return render(request, "people/role.html", context)


def _act_in(request: HttpRequest, role: Role, after: str) -> HttpResponseBase:
    choose_role(actor_of(request), role)
    request.session[ROLE_KEY] = role.value
    request.session.cycle_key()
    return HttpResponseRedirect(_home(request, role, after))


def _home(request: HttpRequest, role: Role, after: str) -> str:
    if after.startswith("/") and url_has_allowed_host_and_scheme(
        after, {request.get_host()}, require_https=request.is_secure()
    ):
        return after
    return HOMES.get(role, FIELD_HOME)
