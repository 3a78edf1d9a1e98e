"""The areas pages: the map and its cells, the import with its preview, a new place."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from jiean.design.clash import side_by_side
from jiean.grid import commands, queries
from jiean.grid.access import Can
from jiean.grid.imports import ImportPlan, read_areas
from jiean.grid.imports.plan import FILE_LIMIT
from jiean.grid.models import Premises
from jiean.kernel import geo
from jiean.kernel.access import holds
from jiean.kernel.actor import STAFF_ROLES, Actor, Role
from jiean.kernel.errors import Conflict
from jiean.kernel.http import actor_of, attempt, door, request_key

KEEPERS = (Role.COMMANDER, Role.DISPATCHER, Role.OFFICER)
_DATUM_CHOICES = [
    ("wgs84", _("WGS-84(GPS、OpenStreetMap)")),
    ("gcj02", _("GCJ-02（高德、腾讯）")),
    ("bd09", _("BD-09（百度）")),
]


class UploadForm(forms.Form):
    """A map, a list of names, or both."""

    outlines = forms.FileField(
        label=_("边界文件"),
        required=False,
        allow_empty_file=True,
        help_text=_("GeoJSON，每个区域写明 level、code、name，网格还要写所属村社。"),
        widget=forms.FileInput({"accept": ".geojson,.json"}),
    )
    names = forms.FileField(
        label=_("村社名录"),
        required=False,
        allow_empty_file=True,
        help_text=_("统计用区划代码 csv，至少有 code 和 name 两列。"),
        widget=forms.FileInput({"accept": ".csv,.gz"}),
    )
    street_code = forms.CharField(
        label=_("街道编码"), required=False, max_length=12, help_text=_("名录里有多个街道时填写。")
    )
    datum = forms.ChoiceField(label=_("坐标系"), choices=_DATUM_CHOICES, initial="wgs84")


class AdoptForm(forms.Form):
    """The yes to a preview."""

    town_name = forms.CharField(label=_("辖区名称"), required=False, max_length=40)
    gaps_are_right = forms.BooleanField(label=_("空隙、空洞和越界我都核对过"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)


class PremisesForm(forms.Form):
    """A new place on the map."""

    name = forms.CharField(label=_("名称"), max_length=60)
    kind = forms.ChoiceField(label=_("类型"), choices=Premises.Kind.choices)
    code = forms.CharField(label=_("编号"), max_length=20, required=False, help_text=_("不填则自动编号。"))
    address = forms.CharField(label=_("地址"), max_length=120, required=False)
    lon = forms.FloatField(label=_("经度"), min_value=-180, max_value=180)
    lat = forms.FloatField(label=_("纬度"), min_value=-90, max_value=90)
    datum = forms.ChoiceField(label=_("坐标系"), choices=_DATUM_CHOICES, initial="wgs84")


@door(*STAFF_ROLES)
def areas(request: HttpRequest) -> HttpResponseBase:
    """Communities with their cells, and the map."""
    actor = actor_of(request)
    return render(
        request,
        "grid/areas.html",
        {
            "communities": queries.areas_overview(actor),
            "town": queries.town(),
            "bounds": queries.bounds(),
            "may_draw": holds(Can.DRAW_AREAS, actor),
            "may_keep": holds(Can.KEEP_PREMISES, actor),
        },
    )


@door(*STAFF_ROLES)
def cells_json(request: HttpRequest) -> HttpResponseBase:
    """The cells' outlines for the map."""
    return JsonResponse(queries.cells_geojson(), headers={"Cache-Control": "private, max-age=60"})


@door(Role.ADMIN)
def upload(request: HttpRequest) -> HttpResponseBase:
    """Read files into a plan and keep it for the preview."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        if not form.cleaned_data["outlines"] and not form.cleaned_data["names"]:
            form.add_error("outlines", _("请选择边界文件或村社名录。"))
        elif draft := attempt(form, lambda: commands.propose_areas(actor_of(request), _plan(form.cleaned_data))):
            return redirect("grid:draft", draft.pk)
    return render(request, "grid/upload.html", {"form": form}, status=422 if form.errors else 200)


def _plan(given: dict[str, object]) -> ImportPlan:
    return read_areas(
        _bytes(given["outlines"]),
        _bytes(given["names"]),
        datum=str(given["datum"]),
        street_code=str(given["street_code"]),
        known=queries.community_names(),
    )


def _bytes(file: object) -> bytes:
    """What was sent, one byte past the limit at most: the reader then says that it is too large."""
    return file.read(FILE_LIMIT + 1) if file else b""  # type: ignore[attr-defined]


@door(Role.ADMIN)
def preview(request: HttpRequest, draft_id: int) -> HttpResponseBase:
    """What the import would write and what was found; one button writes all of it, another nothing."""
    actor = actor_of(request)
    draft = queries.area_draft(actor, draft_id)
    if request.method == "POST" and request.POST.get("deed") == "drop":
        commands.drop_areas(actor, draft_id)
        messages.success(request, _("已放弃，网格没有变化。"))
        return redirect("grid:areas")
    form = AdoptForm(request.POST or None, initial={"version": draft.version})
    context = {"draft": draft, "plan": ImportPlan.from_json(draft.plan), "form": form}
    try:
        if form.is_valid() and _adopt(actor, draft_id, form):
            messages.success(request, _("已导入，地图已更新。"))
            return redirect("grid:areas")
    except Conflict as clash:
        if clash.current is None:
            raise
        shown = context | {"clash": side_by_side(clash.current, form)}
        return render(request, "grid/preview.html", shown, status=409)
    return render(request, "grid/preview.html", context, status=422 if form.errors else 200)


def _adopt(actor: Actor, draft_id: int, form: AdoptForm) -> bool:
    given = form.cleaned_data
    adopted = attempt(
        form,
        lambda: commands.adopt_areas(
            actor,
            draft_id,
            town_name=given["town_name"],
            gaps_are_right=given["gaps_are_right"],
            version=given["version"],
        ),
    )
    return adopted is not None


@door(*KEEPERS)
def new_premises(request: HttpRequest) -> HttpResponseBase:
    """Put a place on the map."""
    form = PremisesForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        lon, lat = geo.to_wgs84(given["lon"], given["lat"], given["datum"])
        made = attempt(
            form,
            lambda: commands.add_premises.keyed(request_key(request))(
                actor_of(request),
                code=given["code"],
                name=given["name"],
                kind=Premises.Kind(given["kind"]),
                lon=lon,
                lat=lat,
                address=given["address"],
            ),
        )
        if made:
            messages.success(request, _("已添加场所。"))
            return redirect(f"/place/{made.pk}")
    context = {"form": form, "bounds": queries.bounds()}
    return render(request, "grid/new_premises.html", context, status=422 if form.errors else 200)
