"""What a page may load: one content security policy for every answer of the station."""

from __future__ import annotations

from collections.abc import Callable

from csp.constants import HEADER
from csp.utils import build_policy
from django.http import HttpRequest, HttpResponseBase


class ContentPolicy:
    """Sends the policy of the settings with every answer.

    No page of ours has a policy or a nonce of its own, so the library builds its words once; its own middleware builds them
    for each answer, which was a tenth of the calls a report costs (docs/benchmarks.md).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.policy = build_policy()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.get_response(request)
        answer.headers.setdefault(HEADER, self.policy)
        answer.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return answer
