"""A report as it is told to somebody who broke the glass: found by its number, told in a few lines, and nothing beside it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from jiean.intake.models import Report
from jiean.intake.queries import place_of
from jiean.vault.queries import Told


def find(number: str) -> int | None:
    """The id of the report of a number."""
    return Report.objects.filter(number=number.strip().upper()).values_list("pk", flat=True).first()


def tell(report_id: int) -> Told | None:
    """What was told, where, and the sealed contact's id."""
    report = Report.objects.select_related("cell", "premises").filter(pk=report_id).first()
    if report is None:
        return None
    lines = ((_("说了什么"), report.text), (_("地点"), place_of(report)), (_("状态"), str(report.get_state_display())))
    return Told(lines, (report.contact_id,) if report.contact_id is not None else ())
