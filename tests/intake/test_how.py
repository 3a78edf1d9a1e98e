"""How triage decides is open to anybody; the desk sees the words that fired, and what to look at in a dispute."""

from __future__ import annotations

import html

from jiean.intake.models import Report
from jiean.intake.words import look_at, marked
from tests.intake.scenes import reported
from tests.town import Town

THREAT = "邻居为漏水吵架，调解了几次没用，他扬言要报复"


def shown(town: Town, path: str, who: str | None = None) -> str:
    answer = town.browser(who).get(path)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def test_anybody_reads_how_triage_decides_and_finds_the_way_there(town: Town) -> None:
    page = shown(town, "/how-triage-decides")
    assert "词表说了算" in page and "不给任何人打分" in page
    assert "/how-triage-decides" in shown(town, "/track")


def test_the_words_that_fired_are_marked_and_nothing_else_becomes_markup(town: Town) -> None:
    report = reported("楼上吵架<script>alert(1)</script>，吵架")
    page = town.browser("chenxiao").get(f"/desk/{report.pk}").content.decode()
    assert page.count("<mark>吵架</mark>") == 2
    assert "<script>alert" not in page
    assert marked("a<b", ["a<"]) == "a&lt;b".replace("a&lt;", "<mark>a&lt;</mark>")


def test_signs_of_violence_are_shown_to_the_holder_and_kept_nowhere(town: Town) -> None:
    report = reported(THREAT)
    Report.objects.filter(pk=report.pk).update(kind="dispute")
    before = Report.objects.values().get(pk=report.pk)
    page = shown(town, f"/desk/{report.pk}", "chenxiao")
    assert 'data-theme="auto"' in page, "the reader's own look of pages is not covered by the signs"
    part = page[page.index("请留意") : page.index("不会保存")]
    assert "扬言" in part and "调解" in part and "漏水" in part
    assert Report.objects.values().get(pk=report.pk) == before
    Report.objects.filter(pk=report.pk).update(kind="traffic")
    assert "请留意" not in shown(town, f"/desk/{report.pk}", "chenxiao")
    assert look_at("楼上漏水") == []
