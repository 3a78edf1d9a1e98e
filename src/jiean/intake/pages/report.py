"""The public form: one page, three short steps, no sign-in, no script needed."""

from __future__ import annotations

import functools
import secrets

import segno
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from jiean.grid.models import Premises
from jiean.grid.queries import bounds, premises_by_token
from jiean.intake import tracking
from jiean.intake.advice import rank_similar
from jiean.intake.away import kept
from jiean.intake.commands import Contact, submit_report
from jiean.intake.journal import AWAY, or_away
from jiean.intake.models import TEXT_LIMIT, Channel, Report
from jiean.intake.pages.forms import EntryForm, PlacedForm
from jiean.intake.pages.proof import has_shown, show
from jiean.intake.queries import similar_open
from jiean.intake.slow_lane import is_full
from jiean.kernel import geo
from jiean.kernel.actor import Actor
from jiean.kernel.errors import NotFound
from jiean.kernel.http import Unavailable, View, attempt, public_door

MOST_COMPARED, MOST_SIMILAR = 40, 5


def new_key() -> str:
    """A key for one filling-in of a form: a second tap of the button reuses it."""
    return secrets.token_urlsafe(16)


@public_door
@never_cache
def report(request: HttpRequest, token: str = "") -> HttpResponseBase:
    """The form; a QR code's token fills in the place. While the database is away it is kept on this machine."""
    if is_full(request):
        return kept_here(request, token, slow=True)
    try:
        return or_away(lambda: _form(request, token))
    except AWAY:
        return kept_here(request, token)


def or_kept(view: View) -> View:
    """A door of staff that takes reports: while the database is away nobody can be known, and the report is kept all the same."""

    @functools.wraps(view)
    def entered(request: HttpRequest, *args: object, **named: object) -> HttpResponseBase:
        try:
            return view(request, *args, **named)
        except (*AWAY, Unavailable):
            return kept_here(request, form_class=EntryForm)

    return entered


def _form(request: HttpRequest, token: str) -> HttpResponseBase:
    place = premises_by_token(token) if token else None
    if token and place is None:
        raise NotFound
    _from_the_start(request)
    form = PlacedForm(request.POST or None, request.FILES or None, initial={"key": new_key()})
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: taken(form, Actor.public(), Channel.WEB, place))
        if made is not None:
            answer = redirect("intake:done", made.number)
            show(request, answer, made.number)
            return answer
    context = {"form": form, "place": place, "bounds": bounds(), "lost_photos": bool(request.FILES)}
    return render(request, "intake/report.html", context, status=422 if form.errors else 200)


def _from_the_start(request: HttpRequest) -> None:
    """Files that were read before the database was lost are read again."""
    for file in (one for files in request.FILES.lists() for one in files[1]):
        file.seek(0)


def kept_here(
    request: HttpRequest, token: str = "", *, form_class: type[PlacedForm] = PlacedForm, slow: bool = False
) -> HttpResponseBase:
    """The same form without map and without what is near; what is sent goes into the journal, and the reporter is told so."""
    _from_the_start(request)
    form = form_class(request.POST or None, request.FILES or None, initial={"key": new_key()})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        lon, lat = form.point()
        said = {name: given[name] for name in ("text", "place_words", "key", "photos")}
        who = Contact(given["name"], given["phone"])
        said["channel"] = Channel(given.get("channel") or Channel.WEB)
        number = attempt(form, lambda: kept(lon=lon, lat=lat, token=token, contact=who, **said))
        if number is not None:
            shown = {"number": number, "code": tracking.code_of(number), "slow": slow}
            return render(request, "intake/kept.html", shown, status=202)
    return render(request, "intake/report_away.html", {"form": form, "slow": slow}, status=422 if form.errors else 200)


def taken(form: PlacedForm, actor: Actor, channel: Channel, place: Premises | None) -> Report:
    """The report a valid form describes."""
    given = form.cleaned_data
    lon, lat = form.point()
    return submit_report.keyed(given["key"])(
        actor,
        text=given["text"],
        lon=lon,
        lat=lat,
        place_words=given["place_words"],
        premises_id=place.pk if place else None,
        contact=Contact(given["name"], given["phone"]),
        channel=channel,
        photos=given["photos"],
    )


@public_door
@never_cache
@require_GET
def done(request: HttpRequest, number: str) -> HttpResponseBase:
    """Number, code and QR, for the browser that has just sent the report."""
    if not has_shown(request, number):
        return redirect("intake:track")
    code = tracking.code_of(number)
    address = request.build_absolute_uri(f"{reverse('intake:tracked', args=[number])}?code={code}")
    picture = segno.make(address, error="m", micro=False).svg_data_uri(scale=6, border=2)
    return render(request, "intake/done.html", {"number": number, "code": code, "qr": picture, "address": address})


@public_door
@require_http_methods(["GET", "POST"])
def similar(request: HttpRequest) -> HttpResponseBase:
    """Open reports near the pin, for the public: kind, distance and age; never anybody's words.

    What is being written comes by POST, so that it stands in no address; it only orders the answer.
    """
    given = request.POST if request.method == "POST" else request.GET
    try:
        lon, lat = float(given.get("lon", "")), float(given.get("lat", ""))
    except ValueError:
        lon = lat = 999.0
    found = similar_open(lon, lat, limit=MOST_COMPARED) if geo.on_globe(lon, lat) else []
    rows = rank_similar(request.POST.get("text", "")[:TEXT_LIMIT], (lon, lat), found, limit=MOST_SIMILAR)
    return render(request, "intake/_similar.html", {"rows": rows})
