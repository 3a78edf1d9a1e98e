"""The one box: words and telephones lead to matters, hits are marked, markup stays words, masked rows stay silent."""

from __future__ import annotations

from urllib.parse import unquote

import pytest

from jiean.dispatch.commands import index_incident, open_incident
from jiean.dispatch.models import Incident
from jiean.intake.commands import answer_report, index_report
from jiean.intake.models import Outcome, Report
from jiean.kernel.models import AuditEntry
from jiean.kernel.workflow import note
from jiean.law.commands import bring_statutes
from jiean.law.edition import KNOWN_ON, read
from jiean.law.models import Article
from jiean.vault.models import LookUp
from tests.dispatch.post import SYSTEM, Post
from tests.intake.scenes import studied, with_contact
from tests.law.test_law import FILE as STATUTES
from tests.town import MARKET_AT


def page(post: Post, username: str, words: str) -> str:
    answer = post.town.browser(username).post("/q", {"q": words}, follow=True)
    assert answer.status_code == 200 and words not in unquote(
        answer.request["PATH_INFO"] + answer.request["QUERY_STRING"]
    )
    return answer.content.decode()


def test_the_words_stay_with_the_asker(post: Post) -> None:
    kept = post.town.browser("chenxiao").post("/q", {"q": "暖气管"}).cookies["asked"]
    assert (kept["path"], kept["httponly"], kept["samesite"], kept["expires"]) == ("/q", True, "Strict", "")


def test_words_of_a_report_are_shown_marked_and_escaped(post: Post) -> None:
    told = studied("<b>敲</b>暖气管")
    html = page(post, "chenxiao", "暖气管")
    assert told.number in html and "<mark>暖气管</mark>" in html
    assert "&lt;b&gt;敲" in html and "<b>敲" not in html


def test_closed_matters_are_found_too_by_who_may_see_them(post: Post) -> None:
    told, incident = studied("楼上半夜敲打暖气管"), post.incident(summary="半夜敲打暖气管")
    Report.objects.filter(pk=told.pk).update(state="CLOSED")
    Incident.objects.filter(pk=incident.pk).update(state="ARCHIVED", outcome="已修好阀门")
    assert told.number in page(post, "chenxiao", "暖气")
    index_incident(SYSTEM, incident.pk)
    assert f"{incident.number} · " in page(post, "hanli", "阀门")
    assert "<mark>" not in page(post, "chenxiao", "阀门"), "a closed incident one had no hand in stays closed"


def test_a_masked_summary_answers_no_question(post: Post) -> None:
    """An officer sees incidents of own cells masked; neither index nor board filter tells whether a word stands in one."""
    lon, lat = MARKET_AT
    incident = open_incident(
        post.town.dispatcher, kind="dispute", grade=3, lon=lon, lat=lat, place_words="南门", summary="丈夫动手打人"
    )
    assert f"{incident.number} · " in page(post, "wangxm", "南门")
    for words in ("丈夫", "动手打人"):
        assert f"{incident.number} · " not in page(post, "wangxm", words)
        assert f"{incident.number} · " in page(post, "chenxiao", words)


def test_four_digits_are_a_number_or_the_end_of_a_telephone(post: Post) -> None:
    told = with_contact()
    html = page(post, "chenxiao", "1234")
    assert told.number in html
    assert "13800001234" not in html
    assert AuditEntry.objects.filter(action="vault.looked_up").count() == 1
    incident = post.incident()
    Incident.objects.filter(pk=incident.pk).update(number=1042)
    jumped = post.town.browser("chenxiao").post("/q", {"q": "1042"})
    assert jumped.status_code == 302 and str(incident.pk) in jumped["Location"]


def test_an_end_that_finds_nobody_is_looked_up_and_counted_once(post: Post) -> None:
    """The page that follows shows the rest; asked anew, the same four digits are a look-up again."""
    browser = post.town.browser("chenxiao")
    for asked in (1, 2):
        assert browser.post("/q", {"q": "7788"}, follow=True).status_code == 200
        assert LookUp.objects.count() == asked


@pytest.mark.parametrize("words", ["口" * 100_000, "\u202e门", "🙂🙂", "<b>", "%", "一", "ﷺ", "' OR 1=1 --", "0000"])
def test_odd_words_get_a_page(post: Post, words: str) -> None:
    studied("门口有人吵架")
    assert "查找" in page(post, "chenxiao", words)


def test_an_answer_and_a_note_are_found_by_who_may_see_them(post: Post) -> None:
    told, incident = studied("楼上半夜敲打暖气管"), post.incident(summary="半夜敲打暖气管")
    assert told.number not in page(post, "chenxiao", "换了阀芯")
    answer_report(post.town.dispatcher, told.pk, outcome=Outcome.HANDLED, answer="维修工换了阀芯")
    note(incident, by=post.town.dispatcher, reason="住户说钥匙在门卫处")
    index_report(SYSTEM, told.pk)
    index_incident(SYSTEM, incident.pk)
    html = page(post, "chenxiao", "换了阀芯")
    assert told.number in html and "<mark>换了阀芯</mark>" in html
    assert f"{incident.number} · " in page(post, "chenxiao", "门卫处")
    assert f"{incident.number} · " not in page(post, "wangxm", "门卫处"), "a masked row's notes answer no question"


def test_articles_of_the_law_stand_in_the_box(post: Post) -> None:
    bring_statutes(SYSTEM, read(STATUTES), known_on=KNOWN_ON)
    row = Article.objects.get(number="第一千二百四十五条")
    assert f"/law/{row.pk}" in page(post, "chenxiao", "饲养的动物造成损害")
    assert "/law/" not in page(post, "chenxiao", "xj").split("<main")[1]
