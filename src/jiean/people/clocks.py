"""The clock of people: a year after somebody left, the account is a number; after a year notes, absences and messages go."""

from __future__ import annotations

import datetime as dt

from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password

from jiean.kernel import clocks
from jiean.kernel.registry import PERIODS, Keeping
from jiean.kernel.retention import clock
from jiean.people.models import Absence, Account, Duty, Message, Remembered

LEFT = "离岗人员"
"""The name a left account bears: what it did still stands in histories under its number."""


@clock("people.forget_staff", Keeping.STAFF)
def forget_staff() -> int:
    """Take the person out of accounts closed a year ago; the row stays, because histories and the audit name its number."""
    before = clocks.now() - _year()
    gone = (
        Absence.objects.filter(until__lt=before).delete()[0] + Message.objects.filter(created_at__lt=before).delete()[0]
    )
    gone += Duty.objects.filter(until__lt=before).exclude(note="").update(note="")
    for account in Account.objects.filter(is_active=False, updated_at__lt=before).exclude(name=LEFT):
        Authenticator.objects.filter(user=account).delete()
        Account.objects.filter(pk=account.pk).update(
            username=f"left-{account.pk}", name=LEFT, pinyin="", phone="", password=make_password(None)
        )
        gone += 1
    return gone


@clock("people.forget_remembered", Keeping.SESSION)
def forget_remembered() -> int:
    """Delete what was to be known for a moment only."""
    return Remembered.objects.filter(expires__lt=clocks.now()).delete()[0]


def _year() -> dt.timedelta:
    period = PERIODS[Keeping.STAFF]
    assert period is not None
    return period
