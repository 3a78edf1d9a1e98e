"""The vault's clock: that somebody looked people up is kept a year; broken glass as long as the audit."""

from __future__ import annotations

from jiean.kernel import clocks
from jiean.kernel.registry import PERIODS, Keeping
from jiean.kernel.retention import clock
from jiean.vault.models import LookUp, LookUpQuestion


@clock("vault.forget_look_ups", Keeping.SECURITY)
def forget_look_ups() -> int:
    """Delete counts of look-ups and questions about them after their time."""
    period = PERIODS[Keeping.SECURITY]
    assert period is not None
    before = clocks.now() - period
    return (
        LookUp.objects.filter(at__lt=before).delete()[0]
        + LookUpQuestion.objects.filter(asked_at__lt=before).delete()[0]
    )
