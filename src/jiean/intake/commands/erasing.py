"""Taking the person out of a report: words, place, pictures, contact. The number, its times and its counts stay."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from jiean.intake import album
from jiean.intake.models import Photo, Report
from jiean.kernel import clocks
from jiean.kernel.actor import Actor
from jiean.kernel.erasures import eraser
from jiean.kernel.models import Transition
from jiean.kernel.workflow import change, kind_of
from jiean.vault.commands import drop_record, erase_matter, forget_words
from jiean.vault.models import MatterKind

BLANK: dict[str, object] = {
    "text": "", "lon": None, "lat": None, "hexagon": None, "place_words": "", "advice": {}, "answer": "",
    "satisfaction_note": "", "unstudied": False,
}  # fmt: skip
"""What of a report is personal, and what stands there afterwards."""


def drop_photos(report: Report) -> int:
    """Delete a report's pictures: the rows now, the files once that is certain. Returns how many."""
    names = list(report.photos.values_list("name", flat=True))
    Photo.objects.filter(report=report).delete()
    transaction.on_commit(lambda: album.remove(names))
    return len(names)


def blank(report: Report) -> None:
    """Take every word of people out of a report and of what hangs on it. The sealed contact is the vault's to destroy."""
    drop_photos(report)
    forget_words(MatterKind.REPORT, [report.pk])
    report.supplements.all().delete()
    report.referrals.update(reason="", reply="")
    report.rights_requests.update(words="", answer="")
    Transition.objects.filter(kind=kind_of(report), subject_id=report.pk).update(reason="")
    change(report, erased_at=clocks.now(), contact_id=None, **BLANK)


@eraser(MatterKind.REPORT)
def erase_again(report_id: int, scope: str, at: dt.datetime) -> None:
    """What the ledger knows to be erased, erased again in a station that came back from a backup."""
    rows = Report.objects.select_for_update(no_key=True).filter(pk=report_id, created_at__lte=at, erased_at=None)
    report = rows.first()
    if report is None:
        return
    if scope == "photos":
        drop_photos(report)
    elif scope == "contact":
        if report.contact_id is not None:
            drop_record(Actor.system(), report.contact_id)
            change(report, contact_id=None)
    else:
        erase_matter(Actor.system(), MatterKind.REPORT, report.pk)
        blank(report)
