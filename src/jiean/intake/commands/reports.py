"""Taking a report: number, cell, proposal, sealed contact, pictures, news, in one transaction; only then do we say "received"."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext_lazy as _

from jiean.grid.models import Premises
from jiean.grid.queries import MAP_VERSION, cell_at
from jiean.intake import album
from jiean.intake.access import Can
from jiean.intake.advice import propose_triage
from jiean.intake.events import RedFlagRaised, ReportSubmitted
from jiean.intake.models import PLACE_LIMIT, TEXT_LIMIT, Channel, Photo, Report
from jiean.intake.rules import TRIAGE
from jiean.kernel import clocks, geo
from jiean.kernel.access import admit
from jiean.kernel.actor import Actor
from jiean.kernel.command import command, write_last
from jiean.kernel.device_time import DeviceTime
from jiean.kernel.errors import Invalid
from jiean.kernel.events import announce
from jiean.kernel.pictures import COUNT_LIMIT, Picture
from jiean.kernel.rows import Change, stored
from jiean.kernel.text import clean
from jiean.vault.commands import NEXT_RECORD, seal_first
from jiean.vault.models import Kind as Role
from jiean.vault.models import MatterKind


@dataclass(frozen=True, slots=True)
class Contact:
    """How the reporter can be reached, if they said so."""

    name: str = ""
    phone: str = ""

    def __bool__(self) -> bool:
        return bool(self.name.strip() or self.phone.strip())


@command
def submit_report(
    actor: Actor,
    *,
    text: str,
    lon: float | None = None,
    lat: float | None = None,
    place_words: str = "",
    premises_id: int | None = None,
    contact: Contact | None = None,
    channel: Channel = Channel.WEB,
    device_at: dt.datetime | None = None,
    photos: Sequence[Picture] = (),
) -> Report:
    """Take a report. Raises Invalid: nothing said, no place at all, a point off the globe, too many photos.

    ``device_at`` is when it was written, as a program says; an outbox tells the same in ``actor.late``. Neither is refused for being
    wrong: what a clock is worth is judged where it is read (``kernel/device_time.py``).
    """
    at = clocks.now()
    said = clean(text, TEXT_LIMIT, field="text", required=True)
    report_id, record_id, ground = _next_ids()
    report = _new(report_id, said, channel, at)
    _put(report, lon, lat, clean(place_words, PLACE_LIMIT, field="place_words"), premises_id, ground)
    told = actor.late or (DeviceTime(device_at) if device_at else None)
    if told is not None:
        report.device_at, report.made_at = told.device_at, told.made_at
    if contact:
        report.contact_id = record_id
        write_last(_sealed(actor, report.pk, contact, record_id))
    write_last({"report": stored(report)})
    keep_photos(report, photos)
    admit(Can.REPORT, actor, report)
    announce(ReportSubmitted(report.pk, report.cell_id, int(report.urgency)))
    if report.red_flag:
        announce(RedFlagRaised(report.pk, report.cell_id))
    return report


def _new(report_id: int, text: str, channel: Channel, at: dt.datetime) -> Report:
    """A report with its number and what the triage proposes for its words; not yet stored."""
    proposal = propose_triage(text)
    return Report(
        pk=report_id,
        number=number_of(report_id, at),
        text=text,
        channel=channel,
        kind=proposal.kind,
        urgency=proposal.urgency,
        red_flag=proposal.red_flag,
        advice=proposal.kept,
        received_at=at,
        due_at=TRIAGE[proposal.urgency].due(at),
    )


def number_of(report_id: int, at: dt.datetime) -> str:
    """The number people say: the year and a running number, B26-000042."""
    return f"B{clocks.local_day(at):%y}-{report_id:06d}"


def _put(
    report: Report, lon: float | None, lat: float | None, words: str, premises_id: int | None, ground: uuid.UUID | None
) -> None:
    """Where it is: the pin, else the premises' own point. Words alone will do; a person then finds the cell."""
    report.premises, report.place_words = _premises(premises_id), words
    if (lon is None) != (lat is None):
        raise Invalid(place_words=_("经度和纬度要一起填写。"))
    if lon is None and report.premises is not None:
        lon, lat = report.premises.lon, report.premises.lat
    if lon is not None and lat is not None:
        if not geo.on_globe(lon, lat):
            raise Invalid(place_words=_("这个位置不在地球上，请重新选点。"))
        report.lon, report.lat, report.cell = lon, lat, cell_at(lon, lat, version=ground)
        report.hexagon = geo.h3_cell(lon, lat)
    elif not words:
        raise Invalid(place_words=_("请写明在哪里，或者在地图上点一下。"))


def _premises(premises_id: int | None) -> Premises | None:
    if premises_id is None:
        return None
    premises = Premises.objects.filter(pk=premises_id, active=True).first()
    if premises is None:
        raise Invalid(premises_id=_("没有这个场所。"))
    return premises


def _next_ids() -> tuple[int, int, uuid.UUID | None]:
    """The ids first, because number and sealed contact are made from them; in the same statement which map stands."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT nextval(pg_get_serial_sequence('intake_report', 'id')), ({NEXT_RECORD}), ({MAP_VERSION})"
        )
        report_id, record_id, ground = cursor.fetchone()
        return int(report_id), int(record_id), ground


def _sealed(actor: Actor, report_id: int, contact: Contact, record_id: int) -> Mapping[str, Change]:
    fields = {"name": contact.name, "phone": contact.phone}
    return seal_first(actor, MatterKind.REPORT, report_id, Role.REPORTER, fields, record_id=record_id)


def keep_photos(report: Report, photos: Sequence[Picture], *, already: int = 0) -> None:
    """Write pictures to the album and their rows beside the report. Raises Invalid when they would be too many."""
    if len(photos) + already > COUNT_LIMIT:
        raise Invalid(photos=_("最多 %(limit)d 张照片。") % {"limit": COUNT_LIMIT})
    if photos:
        Photo.objects.bulk_create(
            Photo(report=report, name=album.store(one.jpeg), width=one.width, height=one.height) for one in photos
        )
