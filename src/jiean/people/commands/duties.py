"""Duties: who answers for a cell, from when to when, and who stands in."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from jiean.kernel import clocks
from jiean.kernel.access import admit, fetch
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.errors import Invalid
from jiean.kernel.events import announce
from jiean.kernel.text import clean
from jiean.kernel.workflow import change
from jiean.people.access import Can
from jiean.people.events import DutyChanged
from jiean.people.models import Absence, Account, Duty

NOTE_LIMIT = 500


@command
def assign_duty(
    actor: Actor,
    account_id: int,
    cell_id: int,
    kind: Duty.Kind,
    *,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    note: str = "",
) -> Duty:
    """Let an account answer for a cell. Raises Forbidden, Invalid."""
    if kind == Duty.Kind.COVER:
        raise Invalid(kind=_("代班请从被代的职责上安排。"))
    since = since or clocks.now()
    duty = _begin(account_id, cell_id, kind, since, until, note)
    admit(Can.ARRANGE_DUTIES, actor, duty)
    return duty


@command
def end_duty(actor: Actor, duty_id: int, *, note: str = "", version: int | None = None) -> Duty:
    """End a duty as of now. Raises NotFound, Conflict, Invalid."""
    duty = _running(fetch(Can.ARRANGE_DUTIES, actor, Duty, duty_id, version=version))
    _end(duty, clocks.now(), note)
    return duty


@command
def hand_over(actor: Actor, duty_id: int, to_account_id: int, *, note: str) -> Duty:
    """End a duty and begin the same one for another account, with the note one leaves the other. Raises NotFound, Invalid."""
    duty = _running(fetch(Can.HAND_OVER, actor, Duty, duty_id))
    if to_account_id == duty.account_id:
        raise Invalid(to_account_id=_("请选择另一个人。"))
    note = clean(note, NOTE_LIMIT, field="note", required=True)
    at = clocks.now()
    _end(duty, at, note)
    return _begin(to_account_id, duty.cell_id, Duty.Kind(duty.kind), at, None, note, duty.covers)


@command
def cover_duty(
    actor: Actor, duty_id: int, by_account_id: int, *, since: dt.datetime, until: dt.datetime, note: str = ""
) -> Duty:
    """Let another account stand in for a duty for some days. Raises NotFound, Invalid."""
    duty = _running(fetch(Can.HAND_OVER, actor, Duty, duty_id))
    if by_account_id == duty.account_id:
        raise Invalid(by_account_id=_("请选择另一个人。"))
    return _begin(by_account_id, duty.cell_id, Duty.Kind.COVER, since, until, note, duty.covers or duty)


@command
def begin_absence(
    actor: Actor, account_id: int, *, since: dt.datetime, until: dt.datetime, reason: Absence.Reason
) -> Absence:
    """Note that an account is away; its covers answer meanwhile. Raises Forbidden, Invalid."""
    if until <= since:
        raise Invalid(until=_("结束要晚于开始。"))
    absence = Absence.objects.create(account=_active(account_id), since=since, until=until, reason=reason)
    return admit(Can.HAND_OVER, actor, absence)


def _begin(
    account_id: int,
    cell_id: int,
    kind: Duty.Kind,
    since: dt.datetime,
    until: dt.datetime | None,
    note: str,
    covers: Duty | None = None,
) -> Duty:
    if until is not None and until <= since:
        raise Invalid(until=_("结束要晚于开始。"))
    account = _active(account_id)
    same = Duty.objects.filter(account=account, cell=cell_id, kind=kind, until__isnull=True)
    if same.exists():
        raise Invalid(_("这个人已经负责这个网格。"))
    duty = Duty.objects.create(
        account=account,
        cell_id=cell_id,
        kind=kind,
        since=since,
        until=until,
        covers=covers,
        note=clean(note, NOTE_LIMIT, field="note"),
    )
    announce(DutyChanged(duty.pk, cell_id))
    return duty


def _end(duty: Duty, at: dt.datetime, note: str) -> None:
    change(duty, until=max(at, duty.since), note=clean(note, NOTE_LIMIT, field="note") or duty.note)
    announce(DutyChanged(duty.pk, duty.cell_id))


def _running(duty: Duty) -> Duty:
    if duty.until is not None and duty.until <= clocks.now():
        raise Invalid(_("这项职责已经结束。"))
    return duty


def _active(account_id: int) -> Account:
    account = Account.objects.filter(pk=account_id, is_active=True).first()
    if account is None:
        raise Invalid(account_id=_("没有这个账号，或者已经停用。"))
    return account
