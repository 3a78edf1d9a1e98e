"""The staff list and one person's page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from jiean.design.clash import retyped, side_by_side
from jiean.grid.queries import cells
from jiean.kernel.access import holds
from jiean.kernel.actor import PERSONAL_ROLES, STAFF_ROLES, Actor, Role
from jiean.kernel.errors import Conflict, NotFound
from jiean.kernel.http import actor_of, attempt, door, request_key, row_ids
from jiean.people import commands, queries
from jiean.people.access import Can
from jiean.people.models import Absence, Account, Duty, Organisation

OFFICE = (Role.COMMANDER, Role.DISPATCHER, Role.ADMIN)
_DAY_END = dt.time(23, 59, 59)


def _organisations() -> list[tuple[str, str]]:
    rows = Organisation.objects.filter(active=True).values_list("pk", "name")
    return [("", "—"), *((str(pk), name) for pk, name in rows)]


def _colleagues() -> list[tuple[str, str]]:
    rows = Account.objects.filter(is_active=True).order_by("pinyin", "pk").values_list("pk", "name", "username")
    return [("", "—"), *((str(pk), f"{name}({username})") for pk, name, username in rows)]


def _cell_choices() -> list[tuple[str, str]]:
    return [(str(cell.pk), str(cell)) for cell in cells()]


def _number(words: str) -> int | None:
    return int(words) if words else None


class AccountForm(forms.Form):
    """A new account, or corrections of one."""

    username = forms.CharField(label=_("用户名"), max_length=40, help_text=_("字母和数字，登录时用。"))
    name = forms.CharField(label=_("姓名"), max_length=40)
    phone = forms.CharField(label=_("工作电话"), max_length=20, required=False)
    organisation_id = forms.ChoiceField(label=_("单位"), choices=_organisations, required=False)


class CorrectionForm(AccountForm):
    username = None  # type: ignore[assignment]
    version = forms.IntegerField(widget=forms.HiddenInput)


class GiveRoleForm(forms.Form):
    role = forms.ChoiceField(label=_("角色"), choices=[(role.value, role.label) for role in PERSONAL_ROLES])


class DutyForm(forms.Form):
    cell_id = forms.ChoiceField(label=_("网格"), choices=_cell_choices)
    kind = forms.ChoiceField(
        label=_("职责"), choices=[(kind.value, kind.label) for kind in (Duty.Kind.OFFICER, Duty.Kind.WORKER)]
    )
    note = forms.CharField(label=_("说明"), max_length=500, required=False)


class HandOverForm(forms.Form):
    duty_id = forms.IntegerField(widget=forms.HiddenInput)
    to_account_id = forms.ChoiceField(label=_("交给"), choices=_colleagues)
    note = forms.CharField(label=_("交接说明"), max_length=500)


class AbsenceForm(forms.Form):
    since = forms.DateField(label=_("从"), widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label=_("到"), widget=forms.DateInput({"type": "date"}))
    reason = forms.ChoiceField(label=_("事由"), choices=Absence.Reason.choices)


@door(*OFFICE)
def staff_list(request: HttpRequest) -> HttpResponseBase:
    """Everybody, found by name, pinyin, initials, username, phone or cell: posted, so that nobody's name stands in an address."""
    actor = actor_of(request)
    words = request.POST.get("q", "")[:60].replace("\x00", "")
    context = {
        "rows": queries.staff(actor, words),
        "words": words,
        "waiting": queries.roles_to_confirm(actor),
        "may_add": holds(Can.KEEP_ACCOUNTS, actor),
    }
    return render(request, "people/staff.html", context)


@door(Role.ADMIN)
def new_account(request: HttpRequest) -> HttpResponseBase:
    """Make an account."""
    form = AccountForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        made = attempt(
            form,
            lambda: commands.create_account.keyed(request_key(request))(
                actor_of(request),
                given["username"],
                given["name"],
                phone=given["phone"],
                organisation_id=_number(given["organisation_id"]),
            ),
        )
        if made:
            messages.success(request, _("账号已建立，请授予角色并发放初始密码。"))
            return redirect("people:person", made.pk)
    return render(request, "people/new_account.html", {"form": form}, status=422 if form.errors else 200)


@door(Role.COMMANDER)
@require_POST
def confirm(request: HttpRequest) -> HttpResponseBase:
    """Say yes to the roles ticked."""
    ticked = row_ids(request.POST.getlist("holding"))
    for holding_id in ticked[:300]:
        commands.confirm_role(actor_of(request), holding_id)
    messages.success(request, _("已确认 %(count)d 个角色。") % {"count": len(ticked)})
    return redirect("people:staff")


@door(*STAFF_ROLES)
def person_page(request: HttpRequest, account_id: int) -> HttpResponseBase:
    """One person: roles, duties, and what the actor may change."""
    return render(request, "people/person.html", _person(actor_of(request), account_id))


def _person(actor: Actor, account_id: int, **forms_given: Any) -> dict[str, Any]:
    account = queries.person(actor, account_id)
    started = {"name": account.name, "phone": account.phone, "version": account.version}
    started["organisation_id"] = str(account.organisation_id or "")
    shown: dict[str, Any] = {
        "account": account,
        "holdings": queries.holdings_of(actor, account_id),
        "duties": queries.duties_of(actor, account_id),
        "may_keep": holds(Can.KEEP_ACCOUNTS, actor),
        "may_lift": holds(Can.LIFT_FACTORS, actor) and actor.account_id != account_id,
        "may_give": holds(Can.GIVE_ROLES, actor) and actor.account_id != account_id,
        "may_arrange": holds(Can.ARRANGE_DUTIES, actor),
        "may_hand_over": holds(Can.ARRANGE_DUTIES, actor) or actor.account_id == account_id,
        "now": timezone.now(),
        "correction": CorrectionForm(initial=started),
        "role_form": GiveRoleForm(),
        "duty_form": DutyForm(),
        "hand_over_form": HandOverForm(),
        "absence_form": AbsenceForm(),
    }
    return shown | forms_given


Deed = Callable[[Actor, int, Any], Any]


def _correct(actor: Actor, account_id: int, given: dict[str, Any]) -> None:
    commands.change_account(
        actor,
        account_id,
        name=given["name"],
        phone=given["phone"],
        organisation_id=_number(given["organisation_id"]),
        version=given["version"],
    )


def _assign(actor: Actor, account_id: int, given: dict[str, Any]) -> None:
    commands.assign_duty(actor, account_id, int(given["cell_id"]), Duty.Kind(given["kind"]), note=given["note"])


def _hand_over(actor: Actor, account_id: int, given: dict[str, Any]) -> None:
    commands.hand_over(actor, given["duty_id"], int(given["to_account_id"]), note=given["note"])


def _be_away(actor: Actor, account_id: int, given: dict[str, Any]) -> None:
    zone = timezone.get_current_timezone()
    since = dt.datetime.combine(given["since"], dt.time(), zone)
    until = dt.datetime.combine(given["until"], _DAY_END, zone)
    commands.begin_absence(actor, account_id, since=since, until=until, reason=Absence.Reason(given["reason"]))


_FORMS: dict[str, tuple[str, type[forms.Form], Deed]] = {
    "correct": ("correction", CorrectionForm, _correct),
    "give-role": (
        "role_form",
        GiveRoleForm,
        lambda actor, account_id, given: commands.give_role(actor, account_id, Role(given["role"])),
    ),
    "assign-duty": ("duty_form", DutyForm, _assign),
    "hand-over": ("hand_over_form", HandOverForm, _hand_over),
    "be-away": ("absence_form", AbsenceForm, _be_away),
}


@door(*STAFF_ROLES)
@require_POST
def person_deed(request: HttpRequest, account_id: int, deed: str) -> HttpResponseBase:
    """One change of one person; what was typed stays on the page when it is refused."""
    actor = actor_of(request)
    if deed == "password":
        password = commands.issue_password(actor, account_id)
        return render(request, "people/person.html", _person(actor, account_id, password=password))
    name, form_class, run = _FORMS.get(deed, ("", forms.Form, None))
    form = form_class(request.POST)
    try:
        if run is None:
            _small_deed(request, actor, account_id, deed)
        elif not form.is_valid() or attempt(form, lambda: run(actor, account_id, form.cleaned_data) or True) is None:
            return render(request, "people/person.html", _person(actor, account_id, **{name: form}), status=422)
    except Conflict as clash:
        return _came_second(request, account_id, name, form, clash)
    messages.success(request, _("已保存。"))
    return redirect("people:person", account_id)


def _came_second(
    request: HttpRequest, account_id: int, name: str, form: forms.Form, clash: Conflict
) -> HttpResponseBase:
    """What was set beside what stands now; the words stay in their form, ready to be saved once more."""
    if clash.current is None:
        raise clash
    shown: dict[str, Any] = {"clash": side_by_side(clash.current, form if name else None, also=("until",))}
    if name and "version" in form.fields:
        shown[name] = retyped(form, clash.current.version)
    return render(request, "people/person.html", _person(actor_of(request), account_id, **shown), status=409)


def _small_deed(request: HttpRequest, actor: Actor, account_id: int, deed: str) -> None:
    """Deeds of one button: take a role, end a duty or the sessions, lift lost factors, close the account."""
    if deed == "take-role":
        role = request.POST.get("role", "")
        if role not in Role.values:
            raise NotFound
        commands.take_role(actor, account_id, Role(role))
    elif deed == "end-duty":
        version = row_ids([request.POST.get("version", "")])
        for duty_id in row_ids([request.POST.get("duty_id", "")]) or [0]:
            commands.end_duty(actor, duty_id, version=version[0] if version else None)
    elif deed == "end-sittings":
        commands.end_sittings_of(actor, account_id)
    elif deed == "lift-factors":
        commands.lift_factors(actor, account_id)
    elif deed == "close":
        commands.close_account(actor, account_id)
    else:
        raise NotFound
