"""Statutes brought in, found by a lay question, shown with their time limits; what ended is not offered."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from jiean.config.imports import statutes
from jiean.engine.retrieval.limits import limits
from jiean.kernel import library
from jiean.kernel.actor import Actor
from jiean.kernel.errors import Forbidden, Invalid
from jiean.law.commands import bring_statutes, tidy_law
from jiean.law.edition import read
from jiean.law.models import COLLECTION, Article, Statute
from jiean.law.queries import answers
from tests.town import SYSTEM, Town

FILE = Path(__file__).parent / "files" / "articles.csv"
TODAY, BEFORE = dt.date(2026, 11, 22), dt.date(2025, 6, 1)


@pytest.fixture
def law(db: None) -> None:
    told: list[str] = []
    assert statutes.run(FILE, told.append) == 0
    assert told == ["7 statutes with 12 articles; 0 were here already"]


def first(question: str, on: dt.date = TODAY) -> str:
    found = answers(Actor.public(), question, on=on)
    return f"{found[0].law} {found[0].number}" if found else ""


def test_the_newest_version_of_a_law_and_no_other_towns_rules_are_taken(law: None) -> None:
    assert Statute.objects.get(name__startswith="废旧金属").issued_on == dt.date(2023, 7, 20)
    assert not Statute.objects.filter(name__startswith="宁波").exists()
    assert statutes.run(FILE, lambda _line: None) == 0
    assert (Statute.objects.count(), library.shelf(COLLECTION).passages) == (7, 12)


def test_a_lay_question_leads_to_the_article(law: None) -> None:
    assert first("狗咬伤了人谁赔，饲养的动物") == "中华人民共和国民法典 第一千二百四十五条"
    assert first("承租人不交租金多久算违约") == "中华人民共和国民法典 第七百二十二条"
    assert first("調解協議怎麼司法確認") == "中华人民共和国人民调解法 第三十三条"
    for odd in ("", "🙂", "口" * 5000, "\x00", "zzzz", "%"):
        assert first(odd) == ""


def test_what_ended_is_offered_only_for_a_day_on_which_it_held(law: None) -> None:
    assert first("制造噪声干扰他人正常生活", BEFORE) == "中华人民共和国治安管理处罚法 第五十八条"
    assert "治安管理处罚法" not in "".join(one.law for one in answers(Actor.public(), "制造噪声干扰他人", on=TODAY))


def test_a_newer_version_takes_the_place_of_the_older(law: None, tmp_path: Path) -> None:
    newer = tmp_path / "new.csv"
    newer.write_text(
        "category,law,version,article,text\n社会法,中华人民共和国人民调解法,2027-01-01,第一条,新的司法确认\n",
        encoding="utf-8",
    )
    statutes.run(newer, lambda _line: None)
    assert Article.objects.filter(statute__name="中华人民共和国人民调解法").count() == 1
    assert first("司法确认") == "中华人民共和国人民调解法 第一条"
    tidy_law(SYSTEM)
    assert first("司法确认") == "中华人民共和国人民调解法 第一条"


def test_limits_are_told_from_terms_of_punishment() -> None:
    assert limits("双方应当自调解协议生效之日起三十日内共同申请，人民法院应当及时审查") == ["三十日内"]
    assert limits("处十日以上十五日以下拘留；不满十四周岁的") == []
    assert limits("在72小时内作出；情况紧急的，应当在二十四小时内作出，三个月以前，五个工作日内") == [
        "72小时内", "二十四小时内", "三个月以前", "五个工作日内",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "content", [b"", b"a,b\n1,2\n", b"\xff\xfe", b"category,law,version,article,text\nx,y,2020-13-01,a,b\n"]
)
def test_a_bad_table_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "bad.csv"
    file.write_bytes(content)
    with pytest.raises(Invalid):
        read(file)


def test_only_the_system_brings_statutes(town: Town) -> None:
    for actor in (town.admin, town.commander, Actor.public()):
        with pytest.raises(Forbidden):
            bring_statutes(actor, [], known_on=TODAY)


def test_the_pages_are_open_and_mark_the_limit(town: Town, law: None) -> None:
    browser = town.browser()
    html = browser.get("/law", {"q": "司法确认 <b>"}).content.decode()
    assert "第三十三条" in html and "&lt;b&gt;" in html and "三十日内" in html
    row = Article.objects.get(statute__name="中华人民共和国人民调解法", number="第三十三条")
    page = browser.get(f"/law/{row.pk}").content.decode()
    assert "<mark>三十日内</mark>" in page and "2025-04-19" in page
    old = Article.objects.get(statute__name="中华人民共和国治安管理处罚法")
    assert "2026-01-01 失效" in browser.get(f"/law/{old.pk}").content.decode()
    assert browser.get("/law/999999").status_code == 404
