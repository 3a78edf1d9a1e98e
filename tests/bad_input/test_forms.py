"""Forms and operations filled with anything: most fields right, one or two whatever Hypothesis thinks of."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.bad_input.doors import DOORS, Door
from tests.bad_input.test_doors import TEXTS, VALUES, judge, rows, send
from tests.town import Town

FORMS = int(os.environ.get("JIEAN_FORMS", "40"))
"""So many of each door."""
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=80) | st.sampled_from(TEXTS) | st.integers().map(str)
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    WORDS | st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(VALUES),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_whatever_stands_in_a_form_is_answered_calmly_and_never_by_halves(town: Town, door: Door) -> None:
    browser = town.browser(door.who)
    browser.raise_request_exception = False
    wrong = ANYTHING if door.json else WORDS
    right = door.given(town)

    def with_wrong(fields: set[str]) -> st.SearchStrategy[dict[str, Any]]:
        """Few at once: with all of them wrong the first check would answer, and nothing behind it would be met."""
        return st.fixed_dictionaries({field: wrong if field in fields else st.just(right[field]) for field in right})

    filled = st.sets(st.sampled_from(sorted(right)), min_size=1, max_size=2).flatmap(with_wrong)

    @settings(
        max_examples=FORMS, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(filled)
    def fill(form: dict[str, Any]) -> None:
        path = door.path(town)
        before = rows()
        judge(send(browser, door, path, form), before, f"{door.name} {form!r:.200}")

    fill()
