"""Reports the tests of intake begin with, made by the commands a resident or the desk would use."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image

from jiean.intake.commands import Contact, answer_referral, refer_report, submit_report
from jiean.intake.models import Referral, Report
from jiean.intake.reactions import study_new_reports
from jiean.kernel.actor import Actor
from jiean.people.models import Organisation
from tests.town import MARKET_AT, Town

PUBLIC = Actor.public()
QUARREL = "市场门口两个邻居吵架,为了晾衣服的事"
HYDRANT = "小区门口的消防栓被车挡住了"


def reported(text: str = QUARREL, at: tuple[float, float] | None = MARKET_AT, **more: Any) -> Report:
    """A report by somebody who is not signed in."""
    lon, lat = at or (None, None)
    return submit_report(PUBLIC, text=text, lon=lon, lat=lat, **more)


def studied(text: str = QUARREL, at: tuple[float, float] | None = MARKET_AT, **more: Any) -> Report:
    """A report some seconds later: its words were read by the model in use, and the search knows them."""
    report = reported(text, at, **more)
    study_new_reports(0)
    report.refresh_from_db()
    return report


def with_contact(**more: Any) -> Report:
    """A report whose reporter left a name and a number."""
    return reported(contact=Contact("张三丰", "13800001234"), **more)


def body(code: str = "mediation") -> Organisation:
    """One of the seven destinations."""
    return Organisation.objects.get_or_create(code=code, defaults={"name": code, "kind": "destination"})[0]


def referred(town: Town, report: Report | None = None, code: str = "mediation") -> Referral:
    """A report sent on by the dispatcher."""
    return refer_report(town.dispatcher, (report or reported()).pk, body(code).pk)


def refused(town: Town, report: Report, code: str = "mediation") -> Report:
    """A report sent on and returned once."""
    answer_referral(town.dispatcher, referred(town, report, code).pk, state=Referral.State.REFUSED, reply="不归我们管")
    report.refresh_from_db()
    return report


def picture(kind: str = "JPEG", size: tuple[int, int] = (800, 600), **more: Any) -> bytes:
    """A picture file."""
    kept = io.BytesIO()
    Image.new("RGB", size, (200, 80, 40)).save(kept, kind, **more)
    return kept.getvalue()
