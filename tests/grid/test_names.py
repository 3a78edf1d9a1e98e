"""Places are found by what is typed, in any case, and a word without case is not turned to capitals row by row."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jiean.grid.models import Premises
from jiean.grid.queries import premises_named
from jiean.kernel.text import holding
from tests.town import Town


@pytest.mark.parametrize("words", ["阳光", "ktv", "Ktv 阳光", "YGKTV", "ä-7", "幸福路"])
def test_a_place_is_found_by_name_initials_code_and_address(town: Town, words: str) -> None:
    place = Premises.objects.first()
    assert place is not None
    Premises.objects.filter(pk=place.pk).update(
        name="阳光KTV", pinyin="yangguangktv ygktv", code="Ä-7", address="幸福路1号"
    )
    assert place.pk in [row.pk for row in premises_named(town.dispatcher, words)]


def test_a_word_without_case_is_looked_for_as_it_stands(town: Town) -> None:
    def asked(words: str) -> str:
        with CaptureQueriesContext(connection) as kept:
            premises_named(town.dispatcher, words)
        return " ".join(str(one["sql"]) for one in kept.captured_queries)

    assert "UPPER" not in asked("噪音")
    assert "UPPER" not in asked("4711")
    assert "UPPER" in asked("ktv")


def test_holding_names_every_field() -> None:
    told: Any = holding("音", "one", "two").children
    assert told == [("one__contains", "音"), ("two__contains", "音")]
    assert holding("a", "one").children == [("one__icontains", "a")]
