"""The tracking page: number and code, and what the reporter may do afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from jiean.intake import album, commands, journal, tracking
from jiean.intake.models import Photo, Report
from jiean.intake.own import looks
from jiean.intake.pages.forms import RatingForm, ReasonForm, SupplementForm, TrackForm
from jiean.intake.pages.proof import has_shown, show
from jiean.intake.queries import Detail, tracked, tracked_photo
from jiean.intake.steps import public_steps, responsible_desk
from jiean.kernel.actor import Actor
from jiean.kernel.errors import NotFound
from jiean.kernel.guesses import one_guess
from jiean.kernel.http import attempt, public_door
from jiean.vault.queries import masked

PHOTO_HEADERS = {
    "Cache-Control": "private, max-age=600",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


@public_door
@require_GET
def how(request: HttpRequest) -> HttpResponseBase:
    """How triage decides, for anybody to read."""
    return render(request, "intake/how.html")


@public_door
@never_cache
def track(request: HttpRequest) -> HttpResponseBase:
    """Ask for number and code."""
    form = TrackForm(request.POST or None, initial={"number": request.GET.get("number", "")[:20]})
    if form.is_valid():
        number = form.cleaned_data["number"].strip().upper()
        try:
            with one_guess(request):
                return _found(request, number, form.cleaned_data["code"], form)
        except NotFound:
            form.add_error(None, _("编号和查询码对不上，请核对。查询码在上报成功的页面上。"))
    return render(request, "intake/track.html", {"form": form}, status=422 if form.errors else 200)


def _found(request: HttpRequest, number: str, code: str, form: TrackForm) -> HttpResponseBase:
    """The way to the report of this number and code, or that it is not entered yet. Raises NotFound."""
    if not (number.startswith("J") and tracking.fits(number, code)):
        tracked(number, code)
        return _shown(request, number)
    if entered := journal.numbers().get(number):
        return _shown(request, entered)
    form.add_error(None, _("这件上报先记在本机，还没有转入，请过几分钟再查。"))
    return render(request, "intake/track.html", {"form": form}, status=422)


def _shown(request: HttpRequest, number: str) -> HttpResponseBase:
    answer = redirect("intake:tracked", number)
    show(request, answer, number)
    return answer


@public_door
@never_cache
def tracked_page(request: HttpRequest, number: str) -> HttpResponseBase:
    """Where the report stands. A code in the address is exchanged for the cookie at once."""
    if (code := request.GET.get("code")) is not None:
        with one_guess(request):
            tracked(number, code[:40])
        return _shown(request, number.upper())
    return render(request, "intake/tracked.html", _context(own_detail(request, number)))


def own_detail(request: HttpRequest, number: str) -> Detail:
    """The report, for a browser that has shown its code. Raises NotFound."""
    if not has_shown(request, number):
        raise NotFound
    return tracked(number, tracking.code_of(number))


def _context(detail: Detail, **given: Any) -> dict[str, Any]:
    report = detail.report
    context = {
        "report": report,
        "detail": detail,
        "steps": public_steps(detail),
        "desk": responsible_desk(detail),
        "contact": masked([report.contact_id]).get(report.contact_id or 0),
        "looks": looks(report)[:3],
        "may_rate": report.state in (Report.State.ANSWERED, Report.State.CLOSED),
        "may_reopen": report.state in (Report.State.ANSWERED, Report.State.CLOSED, Report.State.REJECTED),
        "may_add": report.state not in (Report.State.CLOSED, Report.State.REJECTED),
        "supplement_form": SupplementForm(),
        "rating_form": RatingForm(),
        "reopen_form": ReasonForm(),
    }
    return context | given


def _add(report_id: int, given: dict[str, Any], code: str) -> Report:
    return commands.add_supplement(Actor.public(), report_id, text=given["text"], photos=given["photos"], code=code)


def _rate(report_id: int, given: dict[str, Any], code: str) -> Report:
    satisfied = given["satisfied"] == "yes"
    return commands.rate_report(Actor.public(), report_id, satisfied=satisfied, words=given["words"], code=code)


def _reopen(report_id: int, given: dict[str, Any], code: str) -> Report:
    return commands.reopen_report(Actor.public(), report_id, reason=given["reason"], code=code)


Deed = Callable[[int, dict[str, Any], str], Report]
_DEEDS: dict[str, tuple[str, type[forms.Form], Deed]] = {
    "add": ("supplement_form", SupplementForm, _add),
    "rate": ("rating_form", RatingForm, _rate),
    "reopen": ("reopen_form", ReasonForm, _reopen),
}


@public_door
@require_POST
def follow(request: HttpRequest, number: str, deed: str) -> HttpResponseBase:
    """Add, rate or reopen; a refused form comes back with what was typed."""
    detail = own_detail(request, number)
    if deed not in _DEEDS:
        raise NotFound
    name, form_class, run = _DEEDS[deed]
    form = form_class(request.POST, request.FILES)
    code = tracking.code_of(number)
    if form.is_valid() and attempt(form, lambda: run(detail.report.pk, form.cleaned_data, code)) is not None:
        messages.success(request, _("已收到，谢谢您。"))
        return redirect("intake:tracked", number)
    return render(request, "intake/tracked.html", _context(detail, **{name: form}), status=422)


@public_door
def own_photo(request: HttpRequest, number: str, photo_id: int) -> HttpResponseBase:
    """A photo of one's own report."""
    own_detail(request, number)
    return served(tracked_photo(number, tracking.code_of(number), photo_id))


def served(photo: Photo) -> HttpResponseBase:
    """A picture, with headers that let it be nothing but a picture. Raises NotFound when the file is gone."""
    try:
        file = album.path_of(photo.name).open("rb")
    except OSError:
        raise NotFound from None
    return FileResponse(file, content_type="image/jpeg", headers=PHOTO_HEADERS)
