"""A median's interval: against the table in the book, against counting, and what cannot be."""

from __future__ import annotations

from itertools import product
from math import inf

import pytest

from jiean.engine.medians import median_of


@pytest.mark.parametrize(("n", "rank"), [(5, 0), (6, 1), (8, 1), (9, 2), (12, 3), (15, 4), (20, 6), (25, 8)])
def test_the_ranks_are_those_of_the_sign_test(n: int, rank: int) -> None:
    """Two-sided 5 % critical values of the sign test, as the books print them; rank r is one more than the critical value."""
    found = median_of(range(1, n + 1))
    assert found.value == (n + 1) / 2
    assert (found.low, found.high) == ((rank, n + 1 - rank) if rank else (None, None))


def test_the_pair_covers_as_often_as_asked_by_counting_every_way() -> None:
    """Ten values, each above or below the median with even odds: all 1,024 ways counted."""
    found = median_of(range(1, 11))
    rank = int(found.low or 0)
    inside = sum(rank <= sum(way) <= 10 - rank for way in product((0, 1), repeat=10))
    assert inside / 1024 >= 0.95
    closer = sum(rank + 1 <= sum(way) <= 10 - rank - 1 for way in product((0, 1), repeat=10))
    assert closer / 1024 < 0.95, "a narrower pair would not do"


def test_many_values_and_none() -> None:
    assert median_of([]).value is None
    assert median_of([3.0]).value == 3.0 and median_of([3.0]).low is None
    wide = median_of(float(i) for i in range(2000))
    assert wide.low is not None and wide.high is not None and 940 < wide.low < 999.5 < wide.high < 1060


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        median_of([1.0, inf])
    with pytest.raises(ValueError, match="level"):
        median_of([1.0], level=1.0)
