"""Looking somebody up, and the supervisor's answers to many look-ups."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from jiean.kernel.actor import Actor, Role
from jiean.kernel.http import actor_of, attempt, door, row_ids
from jiean.people.queries import names_of
from jiean.vault import queries
from jiean.vault.commands import answer_look_ups, look_up, look_up_named
from jiean.vault.models import Kind

LOOKERS = (Role.COMMANDER, Role.DISPATCHER, Role.OFFICER)


class PersonForm(forms.Form):
    """A whole number, or a name together with an address; in one standing."""

    kind = forms.ChoiceField(label=_("身份"), choices=Kind.choices)
    phone = forms.CharField(label=_("电话"), max_length=20, required=False)
    id_number = forms.CharField(label=_("身份证号"), max_length=20, required=False)
    name = forms.CharField(label=_("姓名"), max_length=40, required=False)
    address = forms.CharField(label=_("地址"), max_length=200, required=False)


@door(*LOOKERS)
@never_cache
def person(request: HttpRequest) -> HttpResponseBase:
    """At most five, masked. What is looked for is posted and stands in no address."""
    form, actor = PersonForm(request.POST or None), actor_of(request)
    found = attempt(form, lambda: _found(actor, form.cleaned_data)) if form.is_valid() else None
    return render(request, "vault/person.html", {"form": form, "found": found}, status=422 if form.errors else 200)


def _found(actor: Actor, given: dict[str, Any]) -> list[Any]:
    kind = Kind(given["kind"])
    for field in ("phone", "id_number"):
        if given[field]:
            return look_up(actor, kind, field, given[field])
    return look_up_named(actor, kind, given["name"], given["address"])


@door(Role.COMMANDER)
@never_cache
@require_GET
def look_ups(request: HttpRequest) -> HttpResponseBase:
    """Who looked many people up and waits for an answer."""
    rows = queries.open_questions(actor_of(request))
    names = names_of(row.account_id for row in rows)
    return render(request, "vault/look_ups.html", {"lines": [(row, names.get(row.account_id, "")) for row in rows]})


@door(Role.COMMANDER)
@require_POST
def answer(request: HttpRequest, question_id: int) -> HttpResponseBase:
    """Yes or no."""
    version = next(iter(row_ids([request.POST.get("version", "")])), None)
    answer_look_ups(actor_of(request), question_id, allowed=request.POST.get("allowed") == "yes", version=version)
    messages.success(request, _("已答复。"))
    return redirect("vault:look-ups")
