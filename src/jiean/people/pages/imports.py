"""Staff from a table: template, upload, preview, yes or no."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from jiean.design.clash import side_by_side
from jiean.grid.queries import cell_ids_by_code
from jiean.kernel.actor import Actor, Role
from jiean.kernel.errors import Conflict
from jiean.kernel.http import actor_of, attempt, door
from jiean.kernel.sheets import read_sheet, xlsx_bytes
from jiean.people import commands, queries
from jiean.people.imports import COLUMNS, EXAMPLE, StaffPlan, read_staff
from jiean.people.models import StaffDraft

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LARGEST = 10_000_000


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("人员表格"),
        help_text=_("xlsx 或 csv，第一行是表头。先看预览，确认后才写入。"),
        allow_empty_file=True,
        widget=forms.FileInput({"accept": ".xlsx,.csv"}),
    )


class AdoptForm(forms.Form):
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)


@door(Role.ADMIN)
def template(request: HttpRequest) -> HttpResponseBase:
    """The table to fill in, with one example."""
    answer = HttpResponse(xlsx_bytes(str(_("人员")), COLUMNS, [EXAMPLE]), content_type=XLSX)
    answer["Content-Disposition"] = 'attachment; filename="staff.xlsx"'
    return answer


@door(Role.ADMIN)
def upload(request: HttpRequest) -> HttpResponseBase:
    """Read a table and keep it for the preview."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        raw = form.cleaned_data["file"].read(LARGEST + 1)
        draft = attempt(form, lambda: commands.propose_staff(actor_of(request), _plan(raw)))
        if draft:
            return redirect("people:staff-draft", draft.pk)
    return render(request, "people/upload.html", {"form": form}, status=422 if form.errors else 200)


def _plan(raw: bytes) -> StaffPlan:
    sheet = read_sheet(raw)
    usernames = [row.get("用户名", "") for _number, row in sheet.rows]
    return read_staff(
        sheet,
        cells=cell_ids_by_code(),
        organisations=queries.organisations_by_name(),
        taken=queries.taken_usernames(usernames),
    )


@door(Role.ADMIN)
def preview(request: HttpRequest, draft_id: int) -> HttpResponseBase:
    """What the import would write; one button writes all of it, another nothing."""
    actor = actor_of(request)
    draft = queries.staff_draft(actor, draft_id)
    if request.method == "POST" and request.POST.get("deed") == "drop":
        commands.drop_staff(actor, draft_id)
        messages.success(request, _("已放弃，没有写入任何人。"))
        return redirect("people:staff")
    if request.method == "POST":
        return _adopted(request, draft, AdoptForm(request.POST))
    return render(request, "people/preview.html", _shown(draft, AdoptForm(initial={"version": draft.version})))


def _adopted(request: HttpRequest, draft: StaffDraft, form: AdoptForm) -> HttpResponseBase:
    """Write all of it, or say why nothing was written."""
    try:
        if form.is_valid() and _adopt(actor_of(request), draft.pk, form):
            messages.success(request, _("已导入，角色等待值班指挥长确认。"))
            return redirect("people:staff")
    except Conflict as clash:
        if clash.current is None:
            raise
        shown = _shown(draft, form) | {"clash": side_by_side(clash.current)}
        return render(request, "people/preview.html", shown, status=409)
    return render(request, "people/preview.html", _shown(draft, form), status=422)


def _adopt(actor: Actor, draft_id: int, form: AdoptForm) -> bool:
    version = form.cleaned_data["version"]
    return attempt(form, lambda: commands.adopt_staff(actor, draft_id, version=version)) is not None


def _shown(draft: StaffDraft, form: forms.Form) -> dict[str, object]:
    plan = StaffPlan.from_json(draft.plan)
    faulty: dict[int, list[tuple[str, str]]] = {}
    for fault in plan.faults:
        faulty.setdefault(fault.number, []).append((fault.column, fault.words))
    rows = [(line, faulty.get(line.number, [])) for line in plan.lines]
    return {"draft": draft, "plan": plan, "rows": rows, "form": form}
