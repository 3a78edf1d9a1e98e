"""What a device's own time is worth: measured by age, bounded, kept as said and never believed beyond its bounds."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from jiean.kernel import device_time
from jiean.kernel.device_time import OLDEST, DeviceTime, Doubt, Late, doubt_of, heard, late

AT = dt.datetime(2026, 11, 23, 12, 0, tzinfo=dt.UTC)
S, DAY = dt.timedelta(seconds=1), dt.timedelta(days=1)


def said(age: dt.timedelta, wrong_by: dt.timedelta = 0 * S) -> DeviceTime | None:
    """What a device tells whose clock is wrong by so much, of something that old."""
    shows = AT + wrong_by
    return heard(f"{(shows - age).timestamp():.0f}", f"{shows.timestamp():.0f}", AT)


@pytest.mark.parametrize("wrong_by", [0 * S, DAY, -DAY, 400 * DAY])
def test_a_clock_that_is_wrong_tells_an_age_as_well(wrong_by: dt.timedelta) -> None:
    age = dt.timedelta(minutes=40)
    told = said(age, wrong_by)
    assert told == DeviceTime(AT - age + wrong_by, AT - age), "as said, and on the station's clock"
    assert doubt_of(AT - age, AT, since=AT - age) is None


@pytest.mark.parametrize(
    ("age", "since", "doubt"),
    [
        (OLDEST, None, None),
        (OLDEST + S, None, Doubt.OLD),
        (0 * S, AT, None),
        (-S, None, Doubt.FUTURE),
        (-DAY, AT, Doubt.FUTURE),
        (61 * S, AT - 60 * S, None),  # whole seconds: one of them may be the rounding
        (62 * S, AT - 60 * S, Doubt.BEFORE),
    ],
)
def test_what_is_out_of_bounds_is_kept_and_not_believed(
    age: dt.timedelta, since: dt.datetime | None, doubt: Doubt | None
) -> None:
    told = said(age, wrong_by=DAY)
    assert told is not None
    judged = Late(told.device_at, AT - age, AT, doubt)
    assert late(told, AT, since) == judged and bool(judged.doubt_words) is (doubt is not None)
    assert judged.at == (AT - age if doubt is None else AT - age + DAY)


def test_without_word_of_its_clock_a_device_is_not_believed_and_nonsense_is_no_time() -> None:
    alone = heard("1763740800", "", AT)
    assert alone is not None and alone.made_at is None and doubt_of(alone.made_at, AT) is Doubt.UNCHECKED
    for odd in ("", "x", "-5", "1e9", "12345678901", "1.5", "٣", "9999999999"):
        assert heard(odd, "1763740800", AT) is None


def test_the_outbox_keeps_nothing_for_longer_than_is_believed() -> None:
    room = Path(device_time.__file__).parents[1] / "design"
    outbox = (room / "static/design/outbox.js").read_text(encoding="utf-8")
    found = re.search(r"LASTS_MS = (\d+) \* 3600 \* 1000", outbox)
    assert found is not None and dt.timedelta(hours=int(found[1])) == OLDEST
