"""Schemathesis over the OpenAPI document: every operation with right and wrong values, and walks along the document's links.

``bench/fuzz.py --schema N`` makes N examples of each; ``tests/trust/test_schema.py`` a few. Asked of every answer: not a server
error; status, media type and shape as documented. Requests go through the WSGI application in this process, as nobody and as
people of the model town.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import hypothesis
import schemathesis
from hypothesis.errors import FlakyFailure
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
STEPS = 5
AGENT = "jiean-schema"
"""One terminal for every request of a session: one that turns up on another sort of terminal is ended."""


@dataclass
class Walked:
    """What was asked and answered; ``found`` names each failure once: operation, as whom, what."""

    cases: int = 0
    walked: int = 0
    by_status: Counter[int] = field(default_factory=Counter)
    found: dict[str, str] = field(default_factory=dict)


class Walker:
    """One application, its document, and people of the town who ask."""

    def __init__(self, application: Any, document: dict[str, Any], town: Any, seed: int) -> None:
        self.document, self.town, self.seed, self.seen = document, town, seed, Walked()
        self.schema = schemathesis.openapi.from_dict(document)
        self.schema.app = application

    def browser(self, who: str) -> dict[str, Any]:
        """Headers and cookies as that person's browser sends them; nobody's for an empty name."""
        if not who:
            return {"headers": {"User-Agent": AGENT}}
        from django.test import Client  # noqa: PLC0415 — Django is ready only now
        from tests.town import PASSWORD, prove  # noqa: PLC0415

        browser = Client(headers={"user-agent": AGENT})
        browser.post("/accounts/login/", {"login": who, "password": PASSWORD})
        browser.get("/role?stay=1")
        prove(browser, self.town.roles[who])
        cookies = {name: morsel.value for name, morsel in browser.cookies.items()}
        return {"headers": {"User-Agent": AGENT, "X-CSRFToken": cookies.get("csrftoken", "")}, "cookies": cookies}

    def each(self, who: str, examples: int, path: str = "") -> None:
        """Every operation on its own, or those of one path."""
        browser = self.browser(who)
        for found in self.schema.get_all_operations():
            operation = found.ok()
            if path not in ("", operation.path):
                continue

            @hypothesis.seed(self.seed)
            @_few(examples)
            @hypothesis.given(case=operation.as_strategy())
            def one(case: Any) -> None:
                self._ask(case, browser, who)

            self._judged(one)

    def walk(self, who: str, examples: int) -> None:
        """From one operation's answer to the next along the links."""
        walker, browser = self, self.browser(who)

        class Walk(self.schema.as_state_machine()):  # type: ignore[misc]
            def get_call_kwargs(self, case: Any) -> dict[str, Any]:
                return browser

            def after_call(self, response: Any, case: Any) -> None:
                walker.seen.walked += 1
                walker._count(response)

            def validate_response(self, response: Any, case: Any, *args: Any, **more: Any) -> None:
                walker._check(case, response, who)

        settings = hypothesis.settings(_few(examples), stateful_step_count=STEPS)
        self._judged(lambda: hypothesis.seed(self.seed)(Walk).run(settings=settings))

    def _ask(self, case: Any, browser: dict[str, Any], who: str) -> None:
        response = case.call(**browser)
        self.seen.cases += 1
        self._count(response)
        self._check(case, response, who)

    def _count(self, response: Any) -> None:
        self.seen.by_status[response.status_code] += 1

    def _check(self, case: Any, response: Any, who: str) -> None:
        try:
            case.validate_response(response, checks=CHECKS)
        except (Failure, FailureGroup) as wrong:
            each = wrong.exceptions if isinstance(wrong, FailureGroup) else [wrong]
            for one in each:
                words = f"{case.method} {case.operation.path} as {who or 'nobody'}: {one.title}"
                self.seen.found.setdefault(words, f"{response.status_code} {str(one)[:300]} … {response.text[:200]}")

    def _judged(self, run: Any) -> None:
        try:
            run()
        except FlakyFailure as flaky:
            self.seen.found.setdefault("flaky", str(flaky)[:300])


def _few(examples: int) -> hypothesis.settings:
    return hypothesis.settings(
        max_examples=examples, deadline=None, database=None, derandomize=False,
        suppress_health_check=list(hypothesis.HealthCheck), phases=[hypothesis.Phase.generate],
    )  # fmt: skip
