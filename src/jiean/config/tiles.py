"""The base map: PMTiles files served in ranges, as the map in the browser reads them."""

from __future__ import annotations

import re

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from jiean.kernel.errors import NotFound
from jiean.kernel.http import public_door

_RANGE = re.compile(r"bytes=(\d{1,15})-(\d{1,15})?$")
MOST = 4 * 1024 * 1024


@public_door
def tiles(request: HttpRequest, name: str) -> HttpResponseBase:
    """Bytes of ``<name>.pmtiles``: 206 for a range, 416 for one outside the file, the whole file otherwise."""
    file = settings.TILES_DIR / f"{name}.pmtiles"
    if not file.is_file():
        raise NotFound
    size = file.stat().st_size
    wanted = _RANGE.match(request.headers.get("Range", ""))
    if wanted is None:
        answer: HttpResponseBase = FileResponse(file.open("rb"), content_type="application/octet-stream")
    else:
        start, end = int(wanted[1]), min(int(wanted[2] or size - 1), size - 1)
        if start >= size or end < start or end - start >= MOST:
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
        with file.open("rb") as source:
            source.seek(start)
            body = source.read(end - start + 1)
        answer = HttpResponse(body, status=206, content_type="application/octet-stream")
        answer["Content-Range"] = f"bytes {start}-{end}/{size}"
    answer["Accept-Ranges"] = "bytes"
    answer["Cache-Control"] = "public, max-age=3600"
    return answer
