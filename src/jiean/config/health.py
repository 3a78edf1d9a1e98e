"""Whether this process can serve: asked by the supervisor and by load balancers."""

from __future__ import annotations

from collections.abc import Callable

from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponseBase, JsonResponse

from jiean.kernel.database import answers
from jiean.kernel.http import Unavailable, problem_response, public_door

PATH = "/healthz"


@public_door
def health(request: HttpRequest) -> JsonResponse:
    """200 when the database answers, 503 when it does not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (OperationalError, InterfaceError):
        answers()  # one question that failed throws out every connection a restarted server left dead
        return problem_response(Unavailable())
    return JsonResponse({"ok": True})


class Health:
    """Answers before the name a request came by is looked at: who watches the process knows its address, not the station's name."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return health(request) if request.path_info == PATH else self.get_response(request)
