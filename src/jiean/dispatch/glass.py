"""An incident as it is told to somebody who broke the glass: found by its number, told in a few lines, and nothing beside it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from jiean.dispatch.models import Incident
from jiean.vault.queries import Told


def find(number: str) -> int | None:
    """The id of the incident of a number."""
    words = number.strip()
    if not (words.isascii() and words.isdecimal() and len(words) < 19):
        return None
    return Incident.objects.filter(number=int(words)).values_list("pk", flat=True).first()


def tell(incident_id: int) -> Told | None:
    """What was told, where, and the sealed contact's id, where it is the incident's own and not its report's."""
    one = Incident.objects.filter(pk=incident_id).first()
    if one is None:
        return None
    lines = (
        (_("简要情况"), one.summary),
        (_("地点"), one.place_words),
        (_("状态"), str(one.get_state_display())),
        (_("处置说明"), one.outcome),
    )
    own = one.contact_id is not None and one.report_id is None
    return Told(lines, (one.contact_id,) if own and one.contact_id is not None else ())
