"""The clocks of intake: reports a year after their end, answered requests after three years, pictures nobody knows after a day."""

from __future__ import annotations

from jiean.intake import album
from jiean.intake.commands import forget_contacts
from jiean.intake.models import Photo, RightsRequest
from jiean.kernel import clocks
from jiean.kernel.actor import Actor
from jiean.kernel.registry import PERIODS, Keeping
from jiean.kernel.retention import clock


@clock("intake.forget_reports", Keeping.REPORT)
def forget_old_reports() -> int:
    """A year after it was finished a report is a number and times, unless it is held."""
    total = 0
    while done := forget_contacts(Actor.system()):
        total += done
    return total


@clock("intake.forget_requests", Keeping.RIGHTS)
def forget_old_requests() -> int:
    """The words of what people asked about their own data, three years after the answer."""
    period = PERIODS[Keeping.RIGHTS]
    assert period is not None
    old = RightsRequest.objects.filter(answered_at__lt=clocks.now() - period)
    return old.exclude(words="", answer="").update(words="", answer="")


@clock("intake.sweep_album", Keeping.REPORT)
def sweep_album() -> int:
    """Pictures whose deed was taken back, and those of erased reports whose files could not be taken away at once."""
    known = set(Photo.objects.values_list("name", flat=True))
    stray = album.orphans(known)
    album.remove([path.name for path in stray])
    return len(stray)
