"""Statutes brought in, found by a lay question, shown with their time limits; what ended is not offered."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from jiean.config import law as law_command
from jiean.config.imports import statutes
from jiean.engine.retrieval.limits import limits
from jiean.kernel import library
from jiean.kernel.actor import Actor
from jiean.kernel.errors import Forbidden, Invalid, NotFound
from jiean.law import finding
from jiean.law.commands import bring_statutes, forget_lessons, keep_lesson, keep_ranker, take_back_lesson, tidy_law
from jiean.law.edition import read
from jiean.law.models import COLLECTION, Article, Lesson, Statute
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


def table(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(("category,law,version,article,text", *rows)) + "\n", encoding="utf-8")
    return path


def test_an_older_edition_takes_nothing_newer_away(law: None, tmp_path: Path) -> None:
    older = table(tmp_path / "old.csv", "社会法,中华人民共和国人民调解法,1989-06-17,第一条,旧的司法确认")
    assert statutes.run(older, lambda _line: None) == 0
    assert Statute.objects.get(name="中华人民共和国人民调解法").issued_on == dt.date(2010, 8, 28)
    assert "旧的" not in "".join(Article.objects.values_list("text", flat=True))


def test_what_explained_a_law_that_is_gone_is_gone_with_it(law: None, tmp_path: Path) -> None:
    name = "最高人民法院关于适用《中华人民共和国婚姻法》若干问题的解释（三）"
    row = f"司法解释,{name},2011-08-09,第一条,彩礼返还鳄鱼"
    assert statutes.run(table(tmp_path / "one.csv", row), lambda _line: None) == 0
    assert first("彩礼返还鳄鱼", dt.date(2020, 12, 31)) == f"{name} 第一条"
    assert name not in first("彩礼返还鳄鱼")


def test_what_is_held_learns_that_it_ended(law: None) -> None:
    Statute.objects.filter(name="中华人民共和国治安管理处罚法").update(ended_on=None)
    assert statutes.run(FILE, lambda _line: None) == 0
    assert Statute.objects.get(name="中华人民共和国治安管理处罚法").ended_on == dt.date(2026, 1, 1)


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
    html = browser.post("/law", {"q": "司法确认 <b>"}).content.decode()
    assert "第三十三条" in html and "&lt;b&gt;" in html and "三十日内" in html
    row = Article.objects.get(statute__name="中华人民共和国人民调解法", number="第三十三条")
    page = browser.get(f"/law/{row.pk}").content.decode()
    assert "<mark>三十日内</mark>" in page and "2025-04-19" in page
    old = Article.objects.get(statute__name="中华人民共和国治安管理处罚法")
    assert "2026-01-01 失效" in browser.get(f"/law/{old.pk}").content.decode()
    assert browser.get("/law/999999").status_code == 404


@pytest.fixture
def own_folder(tmp_path: Path, settings: Any) -> None:
    settings.DATA_DIR = tmp_path


def made() -> str:
    state = finding.state()
    return keep_ranker(SYSTEM, finding.fitted(), state=state)


def test_the_ranker_answers_where_the_words_do_not(law: None, own_folder: None) -> None:
    assert finding.in_use() == {} and finding.stale()
    assert "一千二百四十五" not in first("邻居家的狗扑倒了人")
    made()
    assert not finding.stale() and finding.in_use()["articles"] == 12
    assert first("邻居家的狗扑倒了人") == "中华人民共和国民法典 第一千二百四十五条"
    for odd in ("", "\x00", "zzzz", "%"):
        assert first(odd) == ""


def test_what_the_staff_said_answers_is_found_by_such_questions_from_then_on(
    town: Town, law: None, own_folder: None
) -> None:
    row = Article.objects.get(statute__name="中华人民共和国人民调解法", number="第三十三条")
    lesson = keep_lesson(town.market_officer, row.pk, "张伟先生 13800001234 白纸黑字写了咋作数")
    assert "张伟" not in lesson.question and "13800001234" not in lesson.question
    assert keep_lesson(town.dispatcher, row.pk, "张伟先生 13800001234 白纸黑字写了咋作数").pk == lesson.pk
    made()
    assert first("白纸黑字咋作数") == "中华人民共和国人民调解法 第三十三条"
    take_back_lesson(town.market_officer, lesson.pk)
    assert finding.stale()
    with pytest.raises(NotFound):
        take_back_lesson(town.market_officer, lesson.pk)
    with pytest.raises(NotFound):
        keep_lesson(town.market_officer, 999_999, "什么")
    with pytest.raises(Forbidden):
        keep_lesson(Actor.public(), row.pk, "什么")


def test_lessons_are_forgotten_after_a_year(town: Town, law: None) -> None:
    row = Article.objects.order_by("pk")[0]
    old, young = (
        keep_lesson(town.market_officer, row.pk, "旧的问题"),
        keep_lesson(town.market_officer, row.pk, "新的问题"),
    )
    Lesson.objects.filter(pk=old.pk).update(created_at=dt.datetime(2024, 1, 1, tzinfo=dt.UTC))
    assert forget_lessons(SYSTEM) == 1
    assert list(Lesson.objects.values_list("pk", flat=True)) == [young.pk]


def test_an_article_newer_than_the_ranker_is_found_by_its_words(law: None, own_folder: None, tmp_path: Path) -> None:
    made()
    newer = tmp_path / "new.csv"
    newer.write_text(
        "category,law,version,article,text\n社会法,新法,2026-01-01,第九条,无人机不得低飞扰民\n", encoding="utf-8"
    )
    statutes.run(newer, lambda _line: None)
    assert finding.stale()
    assert first("无人机低飞") == "新法 第九条"


def test_a_broken_ranker_leaves_the_words(law: None, own_folder: None) -> None:
    version = made()
    (finding.folder() / version / "points.npy").write_bytes(b"x")
    (finding.folder() / finding.IN_USE).write_text(json.dumps({"version": version}) + " ", encoding="utf-8")
    assert first("调解协议怎么司法确认") == "中华人民共和国人民调解法 第三十三条"


def test_the_staff_say_on_the_page_which_article_answered(town: Town, law: None) -> None:
    row = Article.objects.get(statute__name="中华人民共和国人民调解法", number="第三十三条")
    public, officer = town.browser(), town.browser("wangxm")
    assert "答的就是这个" not in public.post("/law", {"q": "司法确认"}).content.decode()
    assert public.post(f"/law/{row.pk}/answers", {"q": "司法确认"}).status_code in (302, 403)
    page = officer.post(f"/law/{row.pk}/answers", {"q": "司法确认"}).content.decode()
    assert "撤回" in page and Lesson.objects.get().article_id == row.pk
    officer.post(f"/law/{row.pk}/answers", {"q": "司法确认", "back": "1"})
    assert not Lesson.objects.exists()


def test_the_command_teaches_from_a_file(
    law: None, own_folder: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "q.jsonl"
    told = {
        "question": "白纸黑字写了咋作数",
        "articles": [["中华人民共和国人民调解法", "第三十三条"], ["没有", "第一条"]],
    }
    file.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    assert law_command.run("train", file, as_json=True) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["questions kept"], answer["articles not held"], answer["questions"]) == (1, 1, 1)
    assert first("白纸黑字咋作数") == "中华人民共和国人民调解法 第三十三条"
    file.write_text('{"question": 1}', encoding="utf-8")
    assert law_command.run("train", file, as_json=True) == 1
    assert "q.jsonl:1" in capsys.readouterr().out + capsys.readouterr().err
