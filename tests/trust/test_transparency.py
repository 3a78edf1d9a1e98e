"""The transparency page: counts for everybody, none that could tell of one person, and which program runs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from jiean.intake.models import Report
from jiean.kernel import clocks
from jiean.kernel.models import AuditEntry
from jiean.screens import openness
from tests.intake.scenes import reported
from tests.town import Town

pytestmark = [pytest.mark.trust, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    openness.lines.cache_clear()
    yield
    openness.lines.cache_clear()


def in_month(ago: int) -> dt.datetime:
    day = openness.months(clocks.now())[ago - 1]
    return dt.datetime(day.year, day.month, 15, 4, tzinfo=dt.UTC)


def line(name: str) -> tuple[int | None, ...]:
    today = clocks.local_day(clocks.now())
    return next(one.counts for one in openness.lines(today) if str(one.label) == name)


def reports(count: int, ago: int) -> None:
    for _time in range(count):
        Report.objects.filter(pk=reported().pk).update(received_at=in_month(ago))


def looks(count: int, ago: int) -> None:
    AuditEntry.objects.bulk_create(
        AuditEntry(at=in_month(ago), action="intake.report_read", outcome="done", role="DSP") for _time in range(count)
    )


def test_counts_stand_in_their_months_and_small_ones_are_hidden(town: Town) -> None:
    """The plants: four, which must not be told, beside five, which may."""
    reports(5, ago=1)
    reports(4, ago=2)
    looks(7, ago=3)
    assert line("收到的上报")[:3] == (5, None, 0)
    assert line("查看个人信息")[:3] == (0, 0, 7)
    page = town.browser().get("/transparency").content.decode()
    assert "少于 5" in page and openness.build() in page and ">4<" not in page


def test_the_month_that_runs_is_not_told_and_a_day_is_counted_once(town: Town) -> None:
    for _time in range(6):
        reported()
    assert set(line("收到的上报")) == {0}
    reports(9, ago=1)
    assert set(line("收到的上报")) == {0}, "asked a hundred times the page counts once a day"


def test_exports_and_refusals_leave_their_line(town: Town) -> None:
    town.browser("chenxiao").get("/desk/export.csv")
    town.browser("chenxiao").get("/api/v1/incidents/export")
    AuditEntry.objects.filter(action__in=openness.EXPORTS).count()
    assert set(AuditEntry.objects.filter(action__in=openness.EXPORTS).values_list("action", flat=True)) == set(
        openness.EXPORTS
    )


def test_everybody_finds_it_in_both_languages(town: Town) -> None:
    for address in ("/", "/report", "/track"):
        assert 'href="/transparency"' in town.browser().get(address).content.decode()
    english = town.browser().get("/transparency", headers={"accept-language": "en"}).content.decode()
    assert "How we use people" in english and "收到的上报" not in english
    assert town.browser("hanli").get("/transparency").status_code == 200


def test_the_digest_is_that_of_the_sources() -> None:
    assert len(openness.build().replace(" ", "")) == 64
    digest = openness.build.__wrapped__
    assert digest() == openness.build()
