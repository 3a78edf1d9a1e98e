"""The register of mediators: list, one profile, certificates, teams, and a table brought in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from jiean.design.clash import side_by_side
from jiean.disputes import commands, queries
from jiean.disputes.access import Can
from jiean.disputes.commands import About
from jiean.disputes.imports import COLUMNS, EXAMPLE, MediatorPlan, read_mediators
from jiean.disputes.models import Calling, Dialect, Kind, MediatorDraft, Province
from jiean.disputes.pages.forms import choose
from jiean.grid.models import Premises
from jiean.kernel.access import holds
from jiean.kernel.actor import Actor, Role
from jiean.kernel.errors import Conflict
from jiean.kernel.http import actor_of, attempt, door
from jiean.kernel.sheets import FILE_LIMIT, read_sheet, xlsx_bytes

READERS = (Role.COMMANDER, Role.DISPATCHER, Role.OFFICER, Role.MEDIATOR)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DAYS = ((0, _("周一")), (1, _("周二")), (2, _("周三")), (3, _("周四")), (4, _("周五")), (5, _("周六")), (6, _("周日")))
BASES = (Premises.Kind.HIVE_POST, Premises.Kind.GOVERNANCE_POST, Premises.Kind.POLICE_POST, Premises.Kind.STATION)
MOST_BASES = 300


def several(label: Any, choices: Any, coerce: Any = str) -> forms.TypedMultipleChoiceField:
    """Several of a list, ticked."""
    ticks = forms.CheckboxSelectMultiple
    return forms.TypedMultipleChoiceField(label=label, choices=choices, coerce=coerce, required=False, widget=ticks)


class ProfileForm(forms.Form):
    """What the register says of a mediator."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1, required=False)
    calling = choose(_("身份"), Calling.choices)
    dialects = several(_("会说的方言"), Dialect.choices)
    home_province = choose(_("家乡省份"), Province.choices, required=False)
    kinds = several(_("调解专长"), Kind.choices)
    days = several(_("值守日"), DAYS, int)
    from_hour = forms.IntegerField(label=_("从几点"), min_value=0, max_value=23)
    to_hour = forms.IntegerField(label=_("到几点"), min_value=1, max_value=24)
    most_cases = forms.IntegerField(label=_("最多同时几件"), min_value=1, max_value=99)
    base_id = forms.TypedChoiceField(label=_("常驻地点"), coerce=int, required=False, empty_value=None)
    appointed_until = forms.DateField(
        label=_("聘期至"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    active = forms.BooleanField(label=_("在册"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Premises.objects.filter(kind__in=BASES, active=True).order_by("code")[:MOST_BASES]
        self.fields["base_id"].choices = [("", "—"), *((row.pk, row.name) for row in rows)]  # type: ignore[attr-defined]


class PaperForm(forms.Form):
    name = forms.CharField(label=_("证书"), max_length=60)
    expires_on = forms.DateField(
        label=_("有效期至"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )


class TeamForm(forms.Form):
    """A team: a name and one person for each calling, as far as it has them."""

    name = forms.CharField(label=_("团队"), max_length=60)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [("", "—"), *queries.account_choices()]
        for code, label in Calling.choices:
            field = forms.TypedChoiceField(label=label, coerce=int, required=False, empty_value=None, choices=people)
            self.fields[code] = field

    @property
    def members(self) -> list[tuple[int, str]]:
        """Who was named, as what."""
        return [(pk, code) for code in Calling.values if (pk := self.cleaned_data.get(code)) is not None]


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("调解员表格"), help_text=_("xlsx 或 csv，第一行是表头。先看预览，确认后才写入。"), allow_empty_file=True,
        widget=forms.FileInput({"accept": ".xlsx,.csv"}),
    )  # fmt: skip


class AdoptForm(forms.Form):
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)


@door(*READERS)
@require_GET
def register(request: HttpRequest) -> HttpResponseBase:
    """Everybody who may mediate, by speech and trade. There is no choosing by home: it is nobody's to sort people by."""
    actor = actor_of(request)
    dialect, kind = request.GET.get("dialect", ""), request.GET.get("kind", "")
    found = queries.mediator_register(
        actor, dialect=dialect if dialect in Dialect.values else "", kind=kind if kind in Kind.values else ""
    )
    context = {
        "lines": found, "dialects": Dialect.choices, "kinds": Kind.choices, "dialect": dialect, "kind": kind,
        "may_keep": holds(Can.KEEP_MEDIATORS, actor), "may_import": holds(Can.IMPORT_MEDIATORS, actor),
    }  # fmt: skip
    return render(request, "disputes/mediators.html", context)


@door(*READERS)
def profile(request: HttpRequest, account_id: int) -> HttpResponseBase:
    """One mediator; the commander writes, everybody else reads."""
    actor = actor_of(request)
    line = queries.mediator_line(actor, account_id)
    form = ProfileForm(request.POST or None, initial=_started(line))
    if request.method == "POST" and form.is_valid() and _kept(request, account_id, form):
        return redirect("disputes:mediator", account_id)
    return _profile_page(request, actor, line, form)


def _kept(request: HttpRequest, account_id: int, form: ProfileForm) -> bool:
    given = dict(form.cleaned_data)
    version = given.pop("version")
    made = attempt(form, lambda: commands.keep_mediator(actor_of(request), account_id, About(**given), version=version))
    if made is not None:
        messages.success(request, _("已保存。"))
    return made is not None


def _started(line: queries.MediatorLine) -> dict[str, Any]:
    if line.profile is None:
        return {name: getattr(About(), name) for name in About.__slots__}
    return {name: getattr(line.profile, name) for name in (*About.__slots__, "version")}


def _profile_page(
    request: HttpRequest, actor: Actor, line: queries.MediatorLine, form: forms.Form, paper: forms.Form | None = None
) -> HttpResponseBase:
    context = {
        "line": line, "form": form, "paper_form": paper or PaperForm(auto_id="paper_%s"),
        "may_keep": holds(Can.KEEP_MEDIATORS, actor),
        "day_words": [label for day, label in DAYS if line.profile and day in line.profile.days],
    }  # fmt: skip
    wrong = form.errors or (paper is not None and paper.errors)
    return render(request, "disputes/mediator.html", context, status=422 if wrong else 200)


@door(Role.COMMANDER)
@require_POST
def add_paper(request: HttpRequest, account_id: int) -> HttpResponseBase:
    """Note a certificate."""
    actor = actor_of(request)
    form = PaperForm(request.POST, auto_id="paper_%s")
    if form.is_valid() and _noted(actor, account_id, form):
        messages.success(request, _("已保存。"))
        return redirect("disputes:mediator", account_id)
    line = queries.mediator_line(actor, account_id)
    return _profile_page(request, actor, line, ProfileForm(initial=_started(line)), form)


def _noted(actor: Actor, account_id: int, form: PaperForm) -> bool:
    return attempt(form, lambda: commands.keep_certificate(actor, account_id, **form.cleaned_data)) is not None


@door(Role.COMMANDER)
@require_POST
def drop_paper(request: HttpRequest, certificate_id: int) -> HttpResponseBase:
    """Strike a certificate out."""
    commands.drop_certificate(actor_of(request), certificate_id)
    messages.success(request, _("已删除。"))
    return redirect("disputes:mediators")


@door(*READERS)
def team_page(request: HttpRequest) -> HttpResponseBase:
    """The teams; the commander makes one, or writes an old one anew under its name."""
    actor = actor_of(request)
    form = TeamForm(request.POST or None) if holds(Can.KEEP_MEDIATORS, actor) else None
    if request.method == "POST" and form is not None and form.is_valid():
        given = {"name": form.cleaned_data["name"], "members": form.members}
        if attempt(form, lambda: commands.keep_team(actor, **given)) is not None:
            messages.success(request, _("已保存。"))
            return redirect("disputes:teams")
    wrong = form is not None and form.errors
    return render(
        request, "disputes/teams.html", {"teams": queries.teams(), "form": form}, status=422 if wrong else 200
    )


@door(Role.COMMANDER)
@require_GET
def template(request: HttpRequest) -> HttpResponseBase:
    """The table to fill in, with one example."""
    answer = HttpResponse(xlsx_bytes(str(_("调解员")), COLUMNS, [EXAMPLE]), content_type=XLSX)
    answer["Content-Disposition"] = 'attachment; filename="mediators.xlsx"'
    return answer


@door(Role.COMMANDER)
def upload(request: HttpRequest) -> HttpResponseBase:
    """Read a table and keep it for the preview."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        raw = form.cleaned_data["file"].read(FILE_LIMIT + 1)
        draft = attempt(form, lambda: commands.propose_mediators(actor_of(request), plan_of(raw)))
        if draft:
            return redirect("disputes:mediators-draft", draft.pk)
    return render(request, "disputes/mediators_upload.html", {"form": form}, status=422 if form.errors else 200)


def plan_of(raw: bytes) -> MediatorPlan:
    """A file read against the accounts and places the station has. Raises Invalid."""
    sheet = read_sheet(raw)
    names = queries.known_usernames([row.get("用户名", "") for _number, row in sheet.rows])
    codes = {row.get("常驻地点", "") for _number, row in sheet.rows}
    places = set(Premises.objects.filter(code__in=codes, active=True).values_list("code", flat=True))
    return read_mediators(sheet, accounts=names, places=places)


@door(Role.COMMANDER)
def preview(request: HttpRequest, draft_id: int) -> HttpResponseBase:
    """What the import would write; one button writes all of it, another nothing."""
    actor = actor_of(request)
    draft = queries.mediator_draft(actor, draft_id)
    if request.method == "POST" and request.POST.get("deed") == "drop":
        commands.drop_mediators(actor, draft_id)
        messages.success(request, _("已放弃，没有写入任何人。"))
        return redirect("disputes:mediators")
    if request.method == "POST":
        return _adopted(request, draft, AdoptForm(request.POST))
    return _shown(request, draft, AdoptForm(initial={"version": draft.version}))


def _adopted(request: HttpRequest, draft: MediatorDraft, form: AdoptForm) -> HttpResponseBase:
    """Write all of it, or say why nothing was written."""
    actor = actor_of(request)
    try:
        if form.is_valid() and _adopt(actor, draft.pk, form):
            messages.success(request, _("已导入。"))
            return redirect("disputes:mediators")
    except Conflict as clash:
        if clash.current is None:
            raise
        return _shown(request, draft, form, 409, clash=side_by_side(clash.current))
    return _shown(request, draft, form, 422)


def _adopt(actor: Actor, draft_id: int, form: AdoptForm) -> bool:
    version = form.cleaned_data["version"]
    return attempt(form, lambda: commands.adopt_mediators(actor, draft_id, version=version)) is not None


def _shown(
    request: HttpRequest, draft: MediatorDraft, form: forms.Form, status: int = 200, **more: Any
) -> HttpResponseBase:
    plan = MediatorPlan.from_json(draft.plan)
    faulty: dict[int, list[tuple[str, str]]] = {}
    for fault in plan.faults:
        faulty.setdefault(fault.number, []).append((fault.column, fault.words))
    rows = [(line, faulty.get(line.number, [])) for line in plan.lines]
    context = {"draft": draft, "plan": plan, "rows": rows, "form": form} | more
    return render(request, "disputes/mediators_preview.html", context, status=status)
