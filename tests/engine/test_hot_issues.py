"""Reports about one thing come together by words, place and time, and nothing else does."""

import json
from dataclasses import replace

import numpy as np
import pytest

from jiean.engine.hot_issues import Parameters, Reported, beside, counted, group, index, joined, place, shared_words
from jiean.engine.hot_issues.__main__ import main

TOPICS = {
    "搅拌站": ("丽发新城旁的搅拌站噪音粉尘扰民", "丽发新城小区附近建搅拌站，粉尘和噪音让业主不敢开窗"),
    "车位": ("伊景园小区捆绑销售车位", "伊景园开发商捆绑销售车位，不买车位不给办理选房"),
    "油烟": ("楚府线烧烤店油烟扰民", "楚府线路口烧烤店的油烟直排到居民楼，晚上没法睡觉"),
    "路灯": ("东四路口路灯三个月不亮", "东四路口的路灯坏了三个月，晚上学生走路看不见"),
}


def reports() -> list[Reported]:
    made = []
    for number, (title, body) in enumerate(TOPICS.values()):
        for turn, ending in enumerate(("请处理", "什么时候能解决", "求相关部门管一管", "反映多次了")):
            made.append(
                Reported(f"{number}-{turn}", title + ending, body + "，" + ending, day=turn * 5.0, reporter=f"r{turn}")
            )
    others = (
        "社保卡怎么补办",
        "公积金贷款条件咨询",
        "小学学区如何划分",
        "驾驶证换证要几天",
        "居住证积分政策",
        "医保报销比例",
    )
    return [
        *made,
        *(Reported(f"x{place}", words, words * 2, 3.0 * place) for place, words in enumerate(others)),
    ]


def groups_of(found) -> set[frozenset[int]]:
    return {frozenset(issue.members) for issue in found.issues}


def test_each_topic_is_one_issue_and_single_questions_are_none():
    found = group(index(reports()))
    assert groups_of(found) == {frozenset(range(start, start + 4)) for start in (0, 4, 8, 12)}
    assert len(set(found.labels[16:].tolist())) == 6
    assert all(issue.reporters == 4 for issue in found.issues)


def test_the_same_words_long_after_are_another_issue():
    late = [replace(one, id=f"late{one.id}", day=one.day + 200) for one in reports()[:4]]
    found = group(index([*reports(), *late]))
    assert frozenset(range(22, 26)) in groups_of(found)
    assert found.labels[22] != found.labels[0]


def test_the_same_words_far_away_are_another_issue_and_near_by_the_same():
    title, body = "路灯不亮", "这里的路灯坏了很久，晚上走路看不见，请来修"
    near = [Reported(1, title, body, 0, 121.47, 31.23), Reported(2, title, body + "谢谢", 1, 121.4705, 31.2303)]
    far = Reported(3, title, body, 1, 121.60, 31.30)
    found = group(index([*near, far, *reports()]))
    assert found.labels[0] == found.labels[1] != found.labels[2]


def test_one_who_writes_ten_times_is_one_reporter():
    mine = [
        Reported(f"m{turn}", "请加快修建地铁九号线南延", "请加快修建地铁九号线南延，市民盼望", turn, reporter="a")
        for turn in range(10)
    ]
    found = group(index([*mine, *reports()]))
    issue = next(issue for issue in found.issues if 0 in issue.members)
    assert (len(issue.members), issue.reporters) == (10, 1)
    assert all(other.heat > issue.heat for other in found.issues if other is not issue)


def test_the_trend_tells_rising_from_falling():
    title, body = "河边夜市占道经营", "河边夜市占道经营，垃圾遍地，居民无法通行"
    rising = [Reported(f"a{day}", title, body + str(day), day) for day in (0.0, 25, 27, 29, 30)]
    falling = [Reported(f"b{day}", title, body + str(day), day + 300) for day in (0.0, 1, 2, 3, 30)]
    found = group(index([*rising, *falling, *reports()]))
    by_first = {issue.first_day: issue.trend for issue in found.issues if issue.members[0] < 10}
    assert by_first[0.0] > 0 > by_first[300.0]


def test_only_the_surest_pairs_are_offered():
    found = group(index(reports()))
    assert found.offers
    assert all(pair.likeness >= found.parameters.offer for pair in found.offers)
    assert all(pair.first // 4 == pair.second // 4 for pair in found.offers)
    parts = found.parameters
    for pair in found.offers:
        total = parts.title * pair.title + parts.body * pair.body + parts.place * pair.place
        assert pair.likeness == pytest.approx(total, abs=1e-5)


def test_a_new_report_finds_its_like_and_a_strange_one_nothing():
    known = index(reports())
    pairs = place(known, Reported("new", "伊景园车位捆绑销售", "伊景园小区捆绑销售车位，业主投诉", 12.0))
    assert {pair.first for pair in pairs} <= {4, 5, 6, 7}
    assert pairs
    assert place(known, Reported("new", "想问献血点", "献血车几点来", 12.0)) == ()
    assert place(known, Reported("new", "伊景园车位捆绑销售", "伊景园小区捆绑销售车位，业主投诉", 500.0)) == ()


def test_joining_gives_the_same_answers_as_placing():
    known = index(reports())
    new = Reported("new", "伊景园车位捆绑销售", "伊景园小区捆绑销售车位，业主投诉", 12.0)
    found = group(joined(known, [new]))
    assert found.labels[-1] == found.labels[4]


@pytest.mark.parametrize("words", ["", "🙂🙂", "啊" * 100_000, "\x00", "\ud83d"])
def test_any_words_are_grouped(words):
    odd = [Reported("a", words, words, 1.0), Reported("b", "", "", 1.0)]
    assert len(group(index([*odd, *reports()])).labels) == 24
    assert group(index([])).issues == ()
    assert len(group(index(odd)).labels) == 2


def test_shares_that_do_not_sum_are_refused():
    with pytest.raises(ValueError, match="sum to 1"):
        Parameters(title=0.9)
    with pytest.raises(ValueError, match="link"):
        Parameters(link=0.9, offer=0.5)


def test_it_stops_when_told():
    with pytest.raises(InterruptedError):
        group(index(reports()), stop=lambda: True)


def test_the_door_reads_and_writes_files(tmp_path, capsys):
    given, out, pairs = tmp_path / "in.jsonl", tmp_path / "out.jsonl", tmp_path / "pairs.tsv"
    rows = [
        {"n": number, "title": one.title, "text": one.body, "time": f"2020-01-{1 + int(one.day):02d} 08:00:00"}
        for number, one in enumerate(reports())
    ]
    given.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    assert main([str(given), str(out), "--offers", str(pairs), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["issues"] == 4
    said = [json.loads(line)["group"] for line in out.read_text("utf-8").splitlines()]
    assert len(np.unique(said[:4])) == 1
    assert pairs.read_text("utf-8").count("\n") >= 1
    given.write_text('{"title": "x"}', "utf-8")
    assert main([str(given), str(out)]) == 1
    assert "line 1" in capsys.readouterr().err


def test_beside_offers_what_says_the_same_near_by_and_says_why():
    background = counted(["楼上漏水", "门口停车占道", "夜里放音乐很吵", "路口没有红绿灯"] * 3)
    new = Reported("new", "", "东门路灯坏了，晚上漆黑", 10.0, 121.47, 31.23)
    same = Reported(1, "", "东门的路灯坏了好几天，晚上一片漆黑", 9.5, 121.4703, 31.23)
    other = Reported(2, "", "有人在门口烧烤，油烟很大", 9.9, 121.47, 31.23)
    first, second = beside(new, [other, same], background)
    assert (first.place, first.offered, second.place, second.offered) == (1, True, 0, False)
    assert first.words[0] in ("路灯坏了", "东门") and first.days == pytest.approx(0.5)
    assert 25 < first.away_m < 35
    late = Reported(3, same.title, same.body, 9.5 - 90, same.lon, same.lat)
    away = Reported(4, same.title, same.body, 9.5, 121.60, 31.23)
    assert not any(one.offered for one in beside(new, [late, away], background))
    assert beside(new, [], background) == ()


def test_shared_words_lie_within_no_other_and_cross_no_mark():
    assert shared_words("东门路灯坏了，晚上漆黑", "路灯坏了好几天晚上一片漆黑") == ("路灯坏了", "晚上", "漆黑")
    assert shared_words("的了，在有", "的了在有") == ()
