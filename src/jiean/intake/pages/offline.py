"""What a browser keeps so that a report can be written without a network, and the script that serves what is kept."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from jiean.design.offline import KeptPage, build, keep_page, kept_files, kept_pages
from jiean.intake.models import PLACE_LIMIT
from jiean.intake.pages.forms import PlacedForm
from jiean.kernel.http import public_door

keep_page(
    KeptPage("/report", "/report/offline", ("intake/intake.css", "intake/offline.js", "intake/send.js")),
)


class OfflineForm(PlacedForm):
    """Without a map to tap on, the place is said in words."""

    place_words = forms.CharField(
        label=_("地点"), max_length=PLACE_LIMIT, help_text=_("路名、门牌、旁边的店名都可以。")
    )


@public_door
@require_GET
def offline(request: HttpRequest) -> HttpResponseBase:
    """The report form whose button needs no network: nothing on it is anybody's, so that a browser may keep it."""
    return render(request, "intake/offline.html", {"form": OfflineForm()})


@public_door
@require_GET
def worker(request: HttpRequest) -> HttpResponseBase:
    """The script that answers for the pages a browser keeps while the station cannot be reached."""
    shown = {"files": kept_files(), "pages": kept_pages(), "build": build()}
    answer = render(request, "intake/sw.js", shown, content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    return answer
