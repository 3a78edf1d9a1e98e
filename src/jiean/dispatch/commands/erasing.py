"""Taking people out of an incident: words, exact place, contact. Number, kind, times, units and result stay for the figures."""

from __future__ import annotations

import datetime as dt

import h3
from django.utils.translation import gettext_lazy as _

from jiean.dispatch.access import Can
from jiean.dispatch.models import CLOSED, OPEN, Assignment, Incident
from jiean.kernel import clocks, erasures, geo
from jiean.kernel.access import allow, fetch, visible
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.errors import IllegalMove
from jiean.kernel.holds import held_ids, refuse_if_held
from jiean.kernel.models import Transition
from jiean.kernel.registry import PERIODS, Keeping
from jiean.kernel.workflow import change, kind_of
from jiean.vault.commands import drop_record, forget_words
from jiean.vault.models import MatterKind, SealedRecord

ROUGH_PLACE = 7
"""The H3 resolution whose middle stands for the place afterwards: about 5 km², so that no home can be told."""


@command
def forget_incidents(actor: Actor, *, limit: int = 500) -> int:
    """Take people out of incidents that ended three years ago and are not held; return how many. Raises Forbidden."""
    allow(Can.FORGET, actor)
    before = clocks.now() - (PERIODS[Keeping.INCIDENT] or dt.timedelta.max)
    due = visible(Can.FORGET, actor, Incident).filter(state__in=sorted(CLOSED), erased_at=None, updated_at__lt=before)
    due = due.exclude(pk__in=held_ids(MatterKind.INCIDENT))
    rows = list(due.select_for_update(no_key=True).order_by("pk")[:limit])
    for incident in rows:
        _blank(actor, incident)
    return len(rows)


@command
def erase_incident(actor: Actor, incident_id: int) -> Incident:
    """Take people out of one incident, because the one who reported it asked. Raises NotFound, IllegalMove: open, or held."""
    incident = fetch(Can.ERASE, actor, Incident, incident_id)
    if incident.state in OPEN:
        raise IllegalMove(_("警情还没办完，办完才能删除。"))
    refuse_if_held(MatterKind.INCIDENT, incident.pk)
    if incident.erased_at is None:
        _blank(actor, incident)
    return incident


def _blank(actor: Actor, incident: Incident) -> None:
    _take_out(actor, incident)
    erasures.record(MatterKind.INCIDENT, incident.pk)


def _take_out(actor: Actor, incident: Incident) -> None:
    if incident.contact_id is not None and SealedRecord.objects.filter(pk=incident.contact_id).exists():
        drop_record(actor, incident.contact_id)
    forget_words(MatterKind.INCIDENT, [incident.pk])
    Transition.objects.filter(kind=kind_of(incident), subject_id=incident.pk).update(reason="")
    Assignment.objects.filter(incident=incident).update(reason_given="")
    lat, lon = h3.cell_to_latlng(h3.latlng_to_cell(incident.lat, incident.lon, ROUGH_PLACE))
    change(
        incident, summary="", place_words="", outcome="", contact_id=None, erased_at=clocks.now(),
        lon=lon, lat=lat, h3=geo.h3_cell(lon, lat),
    )  # fmt: skip


@erasures.eraser(MatterKind.INCIDENT)
def erase_again(incident_id: int, _scope: str, at: dt.datetime) -> None:
    """What the ledger knows to be erased, erased again in a station that came back from a backup."""
    rows = Incident.objects.select_for_update(no_key=True).filter(pk=incident_id, created_at__lte=at, erased_at=None)
    for incident in rows:
        _take_out(Actor.system(), incident)
