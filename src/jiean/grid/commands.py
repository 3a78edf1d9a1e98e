"""Every change of the ground."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Manager
from django.utils.translation import gettext_lazy as _
from shapely import total_bounds
from shapely.geometry import shape

from jiean.grid.access import Can
from jiean.grid.events import AreasChanged, PremisesChanged
from jiean.grid.imports import Area, ImportPlan, read_areas
from jiean.grid.models import AreaDraft, Cell, Community, KeyPoint, Premises, Town, new_token
from jiean.grid.queries import cell_at, community_names
from jiean.kernel.access import admit, allow, fetch
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.errors import Invalid
from jiean.kernel.events import announce
from jiean.kernel.pinyin import search_key
from jiean.kernel.text import clean
from jiean.kernel.workflow import change


@command
def propose_areas(actor: Actor, plan: ImportPlan) -> AreaDraft:
    """Keep a map read from a file until it is confirmed or dropped. Raises Forbidden."""
    draft = AreaDraft.objects.create(account_id=actor.account_id, plan=plan.as_json())
    return admit(Can.DRAW_AREAS, actor, draft)


@command
def propose_drawn_areas(actor: Actor, outlines: bytes) -> AreaDraft:
    """Keep a map another room drew, GeoJSON as the import reads it, until it is confirmed or dropped. Raises Forbidden."""
    return propose_areas(actor, read_areas(outlines, known=community_names()))


@command
def adopt_areas(
    actor: Actor, draft_id: int, *, town_name: str = "", gaps_are_right: bool = False, version: int | None = None
) -> Town:
    """Import a kept map. Raises NotFound, IllegalMove, Invalid, Conflict."""
    draft = fetch(Can.DRAW_AREAS, actor, AreaDraft, draft_id, version=version)
    AreaDraft.WORKFLOW.move(draft, AreaDraft.State.ADOPTED, by=actor)
    return import_areas(actor, ImportPlan.from_json(draft.plan), town_name=town_name, gaps_are_right=gaps_are_right)


@command
def drop_areas(actor: Actor, draft_id: int) -> AreaDraft:
    """Throw a kept map away. Raises NotFound, IllegalMove."""
    draft = fetch(Can.DRAW_AREAS, actor, AreaDraft, draft_id)
    AreaDraft.WORKFLOW.move(draft, AreaDraft.State.DROPPED, by=actor, plan={"areas": [], "findings": []})
    return draft


@command
def import_areas(actor: Actor, plan: ImportPlan, *, town_name: str = "", gaps_are_right: bool = False) -> Town:
    """Write a map whole: a plan with cells replaces the cells, codes keep their rows, what is missing falls out of use.

    Raises Forbidden, and Invalid while the plan has errors, or warnings nobody has confirmed.
    """
    allow(Can.DRAW_AREAS, actor)
    if plan.errors:
        raise Invalid(plan=_("文件里还有 %(count)d 处错误，没有导入任何内容。") % {"count": len(plan.errors)})
    if plan.warnings and not gaps_are_right:
        raise Invalid(gaps_are_right=_("有空隙、空洞或越界的地方，请核对后勾选确认。"))
    communities = _write_communities(plan.communities)
    if plan.cells:
        _write_cells(plan.cells, communities)
    here = _write_town(clean(town_name, 40, field="town_name"))
    if plan.cells:
        _place_again()
    announce(AreasChanged(here.pk))
    return here


@command
def add_premises(
    actor: Actor,
    *,
    code: str = "",
    name: str,
    kind: Premises.Kind,
    lon: float,
    lat: float,
    address: str = "",
    token: str = "",
) -> Premises:
    """Put a place on the map; without a code it takes the token of its QR code. Raises Forbidden, Invalid."""
    token = token or new_token()
    code = clean(code, 20, field="code") or f"P-{token}"
    if Premises.objects.filter(code=code).exists():
        raise Invalid(code=_("这个编号已经有了。"))
    name = clean(name, 60, field="name", required=True)
    cell = cell_at(lon, lat)
    row = Premises(code=code, token=token, name=name, pinyin=search_key(name), kind=kind, lon=lon, lat=lat, cell=cell)
    row.address = clean(address, 120, field="address")
    row.save(force_insert=True)
    admit(Can.KEEP_PREMISES, actor, row)
    announce(PremisesChanged(row.pk, row.cell_id))
    return row


@command
def move_premises(actor: Actor, premises_id: int, *, lon: float, lat: float, version: int | None = None) -> Premises:
    """Move a place's pin; its cell follows. Raises NotFound, Conflict, Forbidden."""
    row = fetch(Can.KEEP_PREMISES, actor, Premises, premises_id, version=version)
    change(row, lon=lon, lat=lat, cell=cell_at(lon, lat))
    admit(Can.KEEP_PREMISES, actor, row)
    announce(PremisesChanged(row.pk, row.cell_id))
    return row


@command
def add_key_point(
    actor: Actor,
    *,
    name: str,
    kind: KeyPoint.Kind,
    lon: float,
    lat: float,
    dwell_min: int = 10,
    visits_per_shift: int = 2,
) -> KeyPoint:
    """Name a spot patrols visit. Raises Forbidden, Invalid."""
    name = clean(name, 60, field="name", required=True)
    if KeyPoint.objects.filter(name=name).exists():
        raise Invalid(name=_("这个名称已经有了。"))
    row = KeyPoint.objects.create(
        name=name,
        kind=kind,
        lon=lon,
        lat=lat,
        cell=cell_at(lon, lat),
        dwell_min=dwell_min,
        visits_per_shift=visits_per_shift,
    )
    return admit(Can.KEEP_KEY_POINTS, actor, row)


def _write_communities(areas: tuple[Area, ...]) -> dict[str, Community]:
    """Communities by code after the import. A name list without outlines leaves the outlines as they are."""
    rows = [
        Community(code=area.code, name=area.name, kind=area.kind, boundary=area.boundary, active=True) for area in areas
    ]
    for columns, some in (
        (["name", "kind", "active", "boundary"], [row for row in rows if row.boundary is not None]),
        (["name", "kind", "active"], [row for row in rows if row.boundary is None]),
    ):
        Community.objects.bulk_create(some, update_conflicts=True, unique_fields=["code"], update_fields=columns)
    return {row.code: row for row in Community.objects.defer("boundary")}


def _write_cells(areas: tuple[Area, ...], communities: dict[str, Community]) -> None:
    rows = [
        Cell(
            code=area.code,
            name=area.name,
            community=communities[area.community],
            boundary=area.boundary,
            lon=area.lon,
            lat=area.lat,
            active=True,
        )
        for area in areas
    ]
    Cell.objects.exclude(code__in=[row.code for row in rows]).update(active=False)
    Cell.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name", "community", "boundary", "lon", "lat", "active"],
    )


def _write_town(name: str) -> Town:
    """The jurisdiction's box over all active outlines, and a new stamp so that every process reads the map again."""
    outlines = [
        shape(boundary)
        for model in (Cell, Community)
        for boundary in model._default_manager.filter(active=True).values_list("boundary", flat=True)
        if boundary
    ]
    if not outlines:
        raise Invalid(plan=_("还没有任何边界，请先导入网格的 GeoJSON。"))
    west, south, east, north = (float(edge) for edge in total_bounds(outlines))
    box = {"west": west, "south": south, "east": east, "north": north}
    box |= {"lon": (west + east) / 2, "lat": (south + north) / 2}
    here = Town.objects.select_for_update().first()
    if here is None:
        return Town.objects.create(name=name or str(_("本辖区")), **box)
    change(here, areas_stamp=uuid.uuid4(), name=name or here.name, **box)
    return here


def _place_again() -> None:
    """Places and key points fall into the cells as they are drawn now."""
    _into_cells(Premises.objects)
    _into_cells(KeyPoint.objects)


def _into_cells(places: Manager[Any]) -> None:
    rows = list(places.all())
    for row in rows:
        row.cell = cell_at(row.lon, row.lat)
    places.bulk_update(rows, ["cell"], batch_size=500)
