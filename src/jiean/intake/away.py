"""The report doors while the database is away: into the journal, and out of it again."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from jiean.grid.queries import premises_by_token
from jiean.intake import journal
from jiean.intake.commands import Contact, submit_report
from jiean.intake.models import Channel
from jiean.kernel.actor import Actor
from jiean.kernel.device_time import DeviceTime
from jiean.kernel.errors import Conflict, Invalid
from jiean.kernel.pictures import Picture


def kept(
    *, text: str, lon: float | None, lat: float | None, place_words: str, token: str, contact: Contact, channel: Channel,
    key: str | None, device_at: dt.datetime | None = None, late: DeviceTime | None = None, photos: Sequence[Picture] = (),
) -> str:  # fmt: skip
    """Keep a report in the journal; its provisional number. Raises Invalid for one that says nothing or no place at all."""
    if not text.strip():
        raise Invalid(text=_("请填写这一项。"))
    if lon is None and not place_words.strip() and not token:
        raise Invalid(place_words=_("请写明在哪里，或者在地图上点一下。"))
    given: dict[str, Any] = {
        "text": text, "lon": lon, "lat": lat, "place_words": place_words, "token": token, "name": contact.name,
        "phone": contact.phone, "channel": str(channel), "device_at": device_at.isoformat() if device_at else None,
        "late": [at.isoformat() if at else None for at in (late.device_at, late.made_at)] if late else None,
        "photos": [[base64.b64encode(one.jpeg).decode(), one.width, one.height] for one in photos],
    }  # fmt: skip
    return journal.keep(given, client_key=key)


def entered(entry: journal.Entry) -> str:
    """Enter one entry by the ordinary deed, under the client's own key; the report's number. Raises what that raises."""
    given = journal.opened(entry)
    key = str(given["key"])
    try:
        return _submitted(given, key)
    except Conflict:  # the key was used for other words: these are another report
        return _submitted(given, entry.id)


def _submitted(given: dict[str, Any], key: str) -> str:
    place = premises_by_token(given["token"]) if given["token"] else None
    report = submit_report.keyed(key)(
        replace(Actor.public(), late=_late(given.get("late"))),
        text=given["text"],
        lon=given["lon"],
        lat=given["lat"],
        place_words=given["place_words"],
        premises_id=place.pk if place else None,
        contact=Contact(given["name"], given["phone"]),
        channel=Channel(given["channel"]),
        **_more(given),
    )
    return report.number


def _late(kept: list[str | None] | None) -> DeviceTime | None:
    """What the device said when the journal took the report; the wait in the journal is not the device's."""
    device_at, made_at = (dt.datetime.fromisoformat(at) if at else None for at in kept or (None, None))
    return DeviceTime(device_at, made_at) if device_at else None


def _more(given: dict[str, Any]) -> dict[str, Any]:
    """What only one of the doors gives: the deed's body is the same as the door's own, so that its key fits."""
    if given["channel"] == Channel.API:
        return {"device_at": dt.datetime.fromisoformat(given["device_at"]) if given["device_at"] else None}
    return {"photos": [Picture(base64.b64decode(jpeg), width, height) for jpeg, width, height in given["photos"]]}


def drain(*, go_on: Callable[[], bool] = lambda: True, wait: bool = True) -> tuple[int, int]:
    """Enter what waits in the journal, as long as one may ``go_on``. Raises Broken, OperationalError."""
    return journal.drain(entered, go_on=go_on, wait=wait)
