"""Hive posts: the list with its map, one post's queue and figures, its wall, and the public page behind its QR code."""

from __future__ import annotations

from typing import Any

import segno
from django import forms
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from jiean.design.clash import side_by_side
from jiean.disputes import commands, queries
from jiean.disputes.access import Can
from jiean.disputes.models import Calling, HivePost, Service, Ticket
from jiean.disputes.models.calendar import ROOM_NAME_LIMIT
from jiean.disputes.pages.dispute import STAFF
from jiean.disputes.pages.forms import choose
from jiean.disputes.pages.mediators import DAYS, several
from jiean.disputes.posts import is_open
from jiean.grid.queries import bounds
from jiean.kernel import clocks
from jiean.kernel.access import holds
from jiean.kernel.actor import Actor, Role
from jiean.kernel.errors import Conflict, NotFound
from jiean.kernel.http import actor_of, attempt, door, is_fragment, public_door

PUBLIC = Actor.public()
COOKIE = "post_ticket"
COOKIE_LASTS_S = 12 * 3600
ENDS = (Ticket.State.SERVED, Ticket.State.NO_SHOW, Ticket.State.WAITING)
_MOMENT = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class TakeForm(forms.Form):
    """Which service a number is for."""

    def __init__(self, *args: Any, post: HivePost, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"] = choose(_("办什么"), [(one, Service(one).label) for one in post.services])


class DutyForm(forms.Form):
    account_id = forms.TypedChoiceField(label=_("谁"), coerce=int)
    calling = choose(_("身份"), Calling.choices)
    starts_at = forms.DateTimeField(label=_("自"), widget=_MOMENT)
    ends_at = forms.DateTimeField(label=_("至"), widget=_MOMENT)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account_id"].choices = queries.account_choices()  # type: ignore[attr-defined]


class RoomForm(forms.Form):
    """A room of the post whose page this is."""

    name = forms.CharField(label=_("名称"), max_length=ROOM_NAME_LIMIT)
    seats = forms.IntegerField(label=_("座位"), min_value=1, max_value=500, initial=8)


class PostForm(forms.Form):
    """What a post does and when; the place is chosen once."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1, required=False)
    premises_id = forms.TypedChoiceField(
        label=_("场所"), coerce=int, help_text=_("先把这个地方登记为场所，种类选“蜂巢站点”。")
    )
    services = several(_("服务"), Service.choices)
    days = several(_("开放日"), DAYS, int)
    from_hour = forms.IntegerField(label=_("从几点"), min_value=0, max_value=23, initial=9)
    to_hour = forms.IntegerField(label=_("到几点"), min_value=1, max_value=24, initial=21)
    open_since = forms.DateField(label=_("启用日期"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    active = forms.BooleanField(label=_("在用"), required=False, initial=True)

    def __init__(self, data: Any, post: HivePost | None) -> None:
        super().__init__(data, initial={name: getattr(post, name) for name in self.base_fields} if post else None)
        places = [(post.premises_id, post.premises.name)] if post else [("", "—"), *queries.places_without()]
        self.fields["premises_id"].choices = places  # type: ignore[attr-defined]


@door(*STAFF)
@require_GET
def posts(request: HttpRequest) -> HttpResponseBase:
    """Every post, in a list and on the map."""
    actor = actor_of(request)
    lines = queries.posts(actor)
    context = {"lines": lines, "bounds": bounds(), "as_of": clocks.now(), "may_keep": holds(Can.KEEP_POSTS, actor)}
    return render(request, "disputes/posts.html", context)


@door(Role.COMMANDER)
def keep(request: HttpRequest, post_id: int | None = None) -> HttpResponseBase:
    """Register a post, or correct one; put out of use, it is kept with what it has done."""
    actor = actor_of(request)
    post = queries.post_of(actor, post_id) if post_id else None
    form = PostForm(request.POST or None, post)
    clash, status = None, 200
    if request.method == "POST":
        status = 422
        try:
            made = attempt(form, lambda: commands.keep_post(actor, **form.cleaned_data)) if form.is_valid() else None
        except Conflict as refused:
            made, clash, status = None, side_by_side(refused.current), 409
        if made is not None:
            messages.success(request, _("已保存。"))
            return redirect("disputes:post", made.pk)
    return render(request, "disputes/post_form.html", {"post": post, "form": form, "clash": clash}, status=status)


@door(*STAFF)
@require_GET
def post_page(request: HttpRequest, post_id: int) -> HttpResponseBase:
    """One post; the queue alone when the live page asks."""
    actor = actor_of(request)
    post = queries.post_of(actor, post_id)
    if is_fragment(request):
        return render(request, "disputes/_queue.html", _queue(actor, post))
    return render(request, "disputes/post.html", _page(request, actor, post))


def _queue(actor: Actor, post: HivePost) -> dict[str, Any]:
    return {"post": post, "queue": queries.queue_of(post), "may_serve": queries.may_serve(actor, post)}


def _page(request: HttpRequest, actor: Actor, post: HivePost, **given: Any) -> dict[str, Any]:
    address = request.build_absolute_uri(reverse("disputes:public-post", args=[post.premises.code]))
    may_keep = holds(Can.KEEP_POSTS, actor)
    context = {
        "is_open": is_open(post, clocks.now()),
        "day_words": [label for day, label in DAYS if day in post.days],
        "services": [Service(one).label for one in post.services],
        "rota": queries.rota(actor, post),
        "today": queries.at_post(actor, post),
        "rooms": queries.rooms(premises_id=post.premises_id, active=False),
        "room_form": RoomForm(auto_id="room_%s"),
        "figures": queries.post_figures(actor, post),
        "take_form": TakeForm(post=post, auto_id="take_%s"),
        "duty_form": DutyForm(auto_id="duty_%s") if may_keep else None,
        "address": address,
        "qr": segno.make(address, error="m", micro=False).svg_data_uri(scale=5, border=2),
    }
    return _queue(actor, post) | context | given


@door(*STAFF)
@require_POST
def take(request: HttpRequest, post_id: int) -> HttpResponseBase:
    """Give a walk-in a number at the post."""
    actor = actor_of(request)
    post = queries.post_of(actor, post_id)
    form = TakeForm(request.POST, post=post, auto_id="take_%s")
    ticket = (
        attempt(form, lambda: commands.take_ticket(actor, post_id, form.cleaned_data["service"]))
        if form.is_valid()
        else None
    )
    if ticket is None:
        return render(request, "disputes/post.html", _page(request, actor, post, take_form=form), status=422)
    messages.success(request, _("已发 %(number)d 号。") % {"number": ticket.number})
    return redirect("disputes:post", post_id)


@door(*STAFF)
@require_POST
def call(request: HttpRequest, post_id: int) -> HttpResponseBase:
    """Call the next number."""
    ticket = commands.call_next(actor_of(request), post_id)
    messages.success(request, _("请 %(number)d 号。") % {"number": ticket.number})
    return redirect("disputes:post", post_id)


@door(*STAFF)
@require_POST
def end(request: HttpRequest, post_id: int, ticket_id: int) -> HttpResponseBase:
    """What came of a called number."""
    state = request.POST.get("state", "")
    commands.end_ticket(actor_of(request), ticket_id, Ticket.State(state) if state in ENDS else Ticket.State.CALLED)
    messages.success(request, _("已保存。"))
    return redirect("disputes:post", post_id)


@door(Role.COMMANDER)
@require_POST
def add_duty(request: HttpRequest, post_id: int) -> HttpResponseBase:
    """Put somebody on the rota."""
    actor = actor_of(request)
    form = DutyForm(request.POST, auto_id="duty_%s")
    if form.is_valid() and _put(actor, post_id, form):
        messages.success(request, _("已保存。"))
        return redirect("disputes:post", post_id)
    post = queries.post_of(actor, post_id)
    return render(request, "disputes/post.html", _page(request, actor, post, duty_form=form), status=422)


def _put(actor: Actor, post_id: int, form: DutyForm) -> bool:
    return attempt(form, lambda: commands.put_on_duty(actor, post_id, **form.cleaned_data)) is not None


@door(Role.COMMANDER)
@require_POST
def drop_duty(request: HttpRequest, post_id: int, duty_id: int) -> HttpResponseBase:
    """Take a duty off the rota."""
    commands.drop_duty(actor_of(request), duty_id)
    messages.success(request, _("已删除。"))
    return redirect("disputes:post", post_id)


@door(Role.COMMANDER)
@require_POST
def add_room(request: HttpRequest, post_id: int) -> HttpResponseBase:
    """A room at a post."""
    actor, form = actor_of(request), RoomForm(request.POST, auto_id="room_%s")
    post = queries.post_of(actor, post_id)
    if form.is_valid() and _furnish(actor, post, form):
        messages.success(request, _("已保存。"))
        return redirect("disputes:post", post_id)
    return render(request, "disputes/post.html", _page(request, actor, post, room_form=form), status=422)


def _furnish(actor: Actor, post: HivePost, form: RoomForm) -> bool:
    return attempt(form, lambda: commands.keep_room(actor, post.premises_id, **form.cleaned_data)) is not None


@door(Role.COMMANDER)
@require_POST
def close_room(request: HttpRequest, post_id: int, room_id: int) -> HttpResponseBase:
    """A room of the post goes out of use, or comes back."""
    actor = actor_of(request)
    post = queries.post_of(actor, post_id)
    room = next((one for one in queries.rooms(premises_id=post.premises_id, active=False) if one.pk == room_id), None)
    if room is None:
        raise NotFound
    commands.keep_room(actor, post.premises_id, room.name, seats=room.seats, room_id=room.pk, active=not room.active)
    messages.success(request, _("已保存。"))
    return redirect("disputes:post", post_id)


@door(*STAFF)
@require_GET
def wall(request: HttpRequest, post_id: int) -> HttpResponseBase:
    """The numbers called, to be read across the room; no names, no words."""
    post = queries.post_of(actor_of(request), post_id)
    name = "disputes/_post_wall.html" if is_fragment(request) else "disputes/post_wall.html"
    return render(request, name, {"post": post, "queue": queries.queue_of(post)})


@public_door
@never_cache
def public_post(request: HttpRequest, code: str) -> HttpResponseBase:
    """What a post does, when it is open, who is there today; and a number, without a name."""
    post = queries.post_by_code(code)
    form = TakeForm(request.POST or None, post=post)
    if request.method == "POST" and form.is_valid():
        own = _own(request, post)
        ticket = own or attempt(form, lambda: commands.take_ticket(PUBLIC, post.pk, form.cleaned_data["service"]))
        if ticket is not None:
            return _with_ticket(redirect("disputes:public-post", post.premises.code), request, ticket)
    return render(
        request, "disputes/public_post.html", _public(request, post, form), status=422 if form.errors else 200
    )


def _public(request: HttpRequest, post: HivePost, form: forms.Form) -> dict[str, Any]:
    own, queue = _own(request, post), queries.queue_of(post)
    return {
        "post": post, "form": form, "own": own, "is_open": is_open(post, clocks.now()),
        "ahead": sum(one.number < own.number for one in queue.waiting) if own else len(queue.waiting),
        "called": [one.number for one in queue.called],
        "there": queries.there_today(post),
        "day_words": [label for day, label in DAYS if day in post.days],
        "services": [Service(one).label for one in post.services],
    }  # fmt: skip


def _own(request: HttpRequest, post: HivePost) -> Ticket | None:
    """The number this browser took here today and has not done with: a second tap gives no second number."""
    try:
        kept = request.get_signed_cookie(COOKIE, max_age=COOKIE_LASTS_S) or ""
    except (KeyError, signing.BadSignature):
        return None
    rows = post.tickets.filter(
        day=clocks.local_day(clocks.now()), state__in=(Ticket.State.WAITING, Ticket.State.CALLED)
    )
    return rows.filter(pk=int(kept)).first() if kept.isdecimal() and len(kept) < 19 else None


def _with_ticket(answer: HttpResponse, request: HttpRequest, ticket: Ticket) -> HttpResponse:
    answer.set_signed_cookie(
        COOKIE, str(ticket.pk), max_age=COOKIE_LASTS_S, httponly=True, samesite="Lax", secure=request.is_secure()
    )
    return answer
