"""What a browser keeps so that a report can be written without a network: one page, its files and the script that serves them."""

from __future__ import annotations

import hashlib

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from jiean.intake.models import PLACE_LIMIT
from jiean.intake.pages.forms import PlacedForm
from jiean.kernel.http import public_door

FILES = (
    "design/tokens.css", "design/tokens-dark.css", "design/base.css", "design/forms.css", "design/parts.css",
    "design/public.css", "design/outbox.js", "design/icons.svg", "design/icon.svg", "intake/intake.css", "intake/offline.js",
)  # fmt: skip


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
    """The script that answers for the report page while the station cannot be reached."""
    build = hashlib.sha256(" ".join(map(static, FILES)).encode()).hexdigest()[:12]
    shown = {"files": FILES, "build": build}
    answer = render(request, "intake/sw.js", shown, content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    return answer
