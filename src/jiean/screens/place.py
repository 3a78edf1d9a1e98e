"""Everything about one place, and the poster with its QR code."""

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from jiean.dispatch.queries import open_at, past_year_at
from jiean.grid.queries import premises_of
from jiean.kernel import clocks
from jiean.kernel.http import actor_of, staff_door
from jiean.screens.board.picture import queue_rows
from jiean.screens.holders import holders_of
from jiean.screens.shell import COMMAND, FIELD

COUNTED_FOR = COMMAND | FIELD
"""Roles that see how often something happened at a place."""
AROUND_DEG = 0.004
"""Half the width of the small map: about four hundred metres."""


@staff_door
def place_page(request: HttpRequest, premises_id: int) -> HttpResponse:
    """The place's open matters, its past year, and who answers for it now."""
    actor = actor_of(request)
    place = premises_of(actor, premises_id)
    box = (place.lon - AROUND_DEG, place.lat - AROUND_DEG, place.lon + AROUND_DEG, place.lat + AROUND_DEG)
    return render(
        request,
        "screens/place.html",
        {
            "place": place,
            "holders": holders_of(place.cell_id),
            "matters": queue_rows(open_at(actor, place.pk)),
            "year": past_year_at(actor, place.pk) if actor.role in COUNTED_FOR else None,
            "bounds": ",".join(map(str, box)),
            "as_of": clocks.now(),
        },
    )


@staff_door
def poster(request: HttpRequest, premises_id: int) -> HttpResponse:
    """One A4 page to hang up at the place: its QR code opens the report form with the place filled in."""
    place = premises_of(actor_of(request), premises_id)
    url = request.build_absolute_uri(f"/report/p/{place.token}")
    code = segno.make(url, error="m", micro=False).svg_data_uri(scale=8, border=2)
    return render(request, "screens/poster.html", {"place": place, "url": url, "code": code})
