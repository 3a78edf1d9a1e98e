"""Whether this process can serve: asked by the supervisor and by load balancers."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, JsonResponse

from jiean.kernel.http import public_door


@public_door
def health(request: HttpRequest) -> JsonResponse:
    """200 when the database answers; the middleware says 503 when it does not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"ok": True})
