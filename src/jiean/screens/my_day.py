"""My day, on an officer's phone: the order in hand with its next steps, the way there, and my cells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from jiean.design.clash import retyped, side_by_side
from jiean.dispatch.commands import feed_back
from jiean.dispatch.models import Assignment
from jiean.dispatch.queries import IncidentRow, OrderRow, my_orders, units_now
from jiean.grid.queries import cells
from jiean.kernel.actor import Actor, Role
from jiean.kernel.errors import Conflict, NotFound
from jiean.kernel.http import actor_of, attempt, door
from jiean.screens.board.picture import place_of
from jiean.screens.contact import opened_contact
from jiean.screens.endings import FeedbackForm, ResultForm
from jiean.screens.holders import Holder, holders_of
from jiean.screens.live import events_of
from jiean.screens.my_tasks import tasks_today
from jiean.screens.navigation import Way, ways_to
from jiean.screens.shell import FIELD
from jiean.screens.steps import PLAIN, take_step
from jiean.vault.models import Purpose
from jiean.vault.queries import masked

STEP_ICONS = {"ack": "check", "go": "car", "scene": "map-pin"}
TONES = {Assignment.State.ASSIGNED: "warn", Assignment.State.ON_SCENE: "done"}


@dataclass(frozen=True)
class Step:
    """One big button."""

    code: str
    word: str
    icon: str


@dataclass(frozen=True)
class OrderCard:
    """An order as the phone shows it."""

    order: OrderRow
    incident: IncidentRow
    contact: dict[str, str]
    result: forms.Form

    @property
    def on_scene(self) -> bool:
        return self.order.state == Assignment.State.ON_SCENE

    @property
    def place(self) -> str:
        return place_of(self.incident)

    @property
    def tone(self) -> str:
        return TONES.get(Assignment.State(self.order.state), "busy")

    @property
    def steps(self) -> list[Step]:
        return [Step(code, word, STEP_ICONS[code]) for code, word in self.order.steps if code in PLAIN]

    @property
    def may_decline(self) -> bool:
        return any(code == "decline" for code, _word in self.order.steps)

    @property
    def ways(self) -> tuple[Way, ...]:
        return ways_to(self.incident.lon, self.incident.lat)

    @property
    def unsigned_since(self) -> datetime | None:
        return self.order.assigned_at if self.order.state == Assignment.State.ASSIGNED else None


@dataclass(frozen=True)
class MyCell:
    """One of my cells and who else answers for it now."""

    code: str
    name: str
    holders: list[Holder]


def order_cards(actor: Actor, sent: tuple[int, forms.Form] | None = None) -> list[OrderCard]:
    """The open orders of my units; ``sent`` is a result form that came back with errors, and its order."""
    orders = [(order, order.incident) for order in my_orders(actor) if order.incident is not None]
    contacts = masked([incident.contact_id for _order, incident in orders])
    return [
        OrderCard(order, incident, contacts.get(incident.contact_id or 0, {}), _result_form(order, sent))
        for order, incident in orders
    ]


def _result_form(order: OrderRow, sent: tuple[int, forms.Form] | None) -> forms.Form:
    if sent and sent[0] == order.id:
        return sent[1]
    return ResultForm(version=order.version if order.state == Assignment.State.ON_SCENE else None)  # steps change it


def my_cells(actor: Actor) -> list[MyCell]:
    """My cells with the others on duty for them."""
    return [
        MyCell(cell.code, cell.name, [one for one in holders_of(cell.pk) if one.account_id != actor.account_id])
        for cell in cells()
        if cell.pk in actor.cell_ids
    ]


@door(*FIELD)
def my_day(request: HttpRequest) -> HttpResponse:
    """The whole page."""
    return _page(request)


def _page(
    request: HttpRequest, sent: tuple[int, forms.Form] | None = None, status: int = 200, **shown: Any
) -> HttpResponse:
    """The page; ``sent`` is a result form that came back with errors, and its order, ``shown`` what else is said of what was sent."""
    actor = actor_of(request)
    unit = next((row for row in units_now(actor) if row.on_duty), None)
    entry = "intake:entry" if actor.role in (Role.OFFICER, Role.SOCIAL_WORKER) else "intake:report"
    context = {
        "report_url": reverse(entry),
        "orders": order_cards(actor, sent),
        "cells": my_cells(actor),
        "unit": unit,
        "events": events_of("dispatch").replace("dispatch.RoadsChanged", ""),  # the way itself hears of it
        "tasks": tasks_today(actor),
        "task_events": events_of("dispatch", "intake"),
    }
    return render(request, "screens/my.html", context | shown, status=status)


@door(*FIELD)
def my_tasks_again(request: HttpRequest) -> HttpResponse:
    """What is due today, again."""
    return render(request, "screens/_tasks.html", {"tasks": tasks_today(actor_of(request))})


@require_POST
@door(*FIELD)
def my_feedback(request: HttpRequest, incident_id: int) -> HttpResponse:
    """What the people concerned are told, by the crew that was there."""
    actor, form = actor_of(request), FeedbackForm(request.POST)
    try:
        if form.is_valid():
            attempt(form, lambda: feed_back(actor, incident_id, **form.cleaned_data))
    except Conflict as clash:
        if clash.current is None:
            raise
        lines = side_by_side(clash.current, form)
        return _page(request, status=clash.status, feedback_id=incident_id, feedback_form=form, task_clash=lines)
    if form.errors:
        return _page(request, status=422, feedback_id=incident_id, feedback_form=form)
    return _back()


@door(*FIELD)
def my_orders_again(request: HttpRequest) -> HttpResponse:
    """The orders again."""
    return render(request, "screens/_orders.html", {"orders": order_cards(actor_of(request))})


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("screens:my"))


@require_POST
@door(*FIELD)
def my_step(request: HttpRequest, assignment_id: int) -> HttpResponse:
    """One tap: sign for it, go, arrive; or decline with a reason."""
    take_step(actor_of(request), assignment_id, request.POST.get("step", ""), reason=request.POST.get("reason", ""))
    return _back()


@require_POST
@door(*FIELD)
def my_contact(request: HttpRequest, assignment_id: int) -> HttpResponse:
    """Who called and under what number, for the crew on the order."""
    order = next((order for order in my_orders(actor_of(request)) if order.id == assignment_id), None)
    if order is None or order.incident is None:
        raise NotFound
    return opened_contact(request, order.incident, Purpose.DISPATCH)


@require_POST
@door(*FIELD)
def my_result(request: HttpRequest, assignment_id: int) -> HttpResponse:
    """The coded result, which ends the order."""
    actor, form = actor_of(request), ResultForm(request.POST)
    if all(order.id != assignment_id for order in my_orders(actor)):
        raise NotFound
    try:
        if form.is_valid():
            attempt(form, lambda: take_step(actor, assignment_id, "clear", **form.cleaned_data))
    except Conflict as clash:
        if clash.current is None:
            raise
        lines, again = side_by_side(clash.current, form), retyped(form, clash.current.version)
        return _page(request, (assignment_id, again), clash.status, clash=lines)
    return _page(request, (assignment_id, form), 422) if form.errors else _back()
