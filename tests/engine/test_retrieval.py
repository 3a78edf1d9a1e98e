"""Search: words, meaning, what past questions led to, and decisions of the like."""

import gzip
import json

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from jiean.engine.retrieval import Article, Asked, Case, CaseLibrary, build, learn, terms
from jiean.engine.retrieval.__main__ import main
from jiean.engine.retrieval.keeping import BadRanker, card, load, save
from jiean.engine.retrieval.lay_words import everyday, law_words
from jiean.engine.retrieval.meaning import find_axes
from jiean.engine.retrieval.trees import plain

ARTICLES = [
    Article(0, "租赁条例", "出租人应当按照约定将租赁物交付承租人，并在租赁期限内保持租赁物符合约定的用途"),
    Article(1, "租赁条例", "租赁期限届满，承租人应当返还租赁物；押金应当退还"),
    Article(2, "噪声条例", "夜间不得进行产生噪声污染、影响他人休息的装修作业"),
    Article(3, "噪声条例", "在公共场所组织娱乐健身活动，不得使用音响器材产生过大音量"),
    Article(4, "养犬条例", "携犬出户应当束犬链，犬只伤人的，饲养人应当承担医疗费用"),
    Article(5, "劳动条例", "用人单位应当按月以货币形式支付劳动报酬，不得克扣或者无故拖欠"),
]


def test_terms_are_signs_and_pairs_within_marks():
    assert terms("噪音，扰民") == {"噪": 1, "音": 1, "噪音": 1, "扰": 1, "民": 1, "扰民": 1}
    assert terms("噪 音") == {"噪": 1, "音": 1}
    assert terms("樓上") == terms("楼上")


def test_bm25_by_hand():
    postings = build([{"甲": 1.0, "乙": 1.0}, {"甲": 3.0}, {"丙": 2.0}], k1=1.2, b=0.75)
    mean, idf = 7 / 3, np.log(1 + (3 - 2 + 0.5) / 2.5)
    first = idf * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 2 / mean))
    second = idf * 3 * 2.2 / (3 + 1.2 * (0.25 + 0.75 * 3 / mean))
    assert postings.scores({"甲": 1.0}) == pytest.approx([first, second, 0], rel=1e-5)
    assert postings.scores({"甲": 2.0}) == pytest.approx([2 * first, 2 * second, 0], rel=1e-5)
    assert postings.scores({"甲": 1.0}, most_share=0.5) == pytest.approx([0, 0, 0])
    assert postings.scores({"无": 1.0}) == pytest.approx([0, 0, 0])


def test_meaning_brings_together_what_shares_no_word():
    rows = [terms(text) for text in ("狗咬伤人", "狗咬犬只", "犬只束链", "工资拖欠", "拖欠报酬", "报酬支付")]
    axes = find_axes(rows, axes=2)
    points = axes.points([terms("狗咬"), terms("束链"), terms("工资")])
    assert points[0] @ points[1] > 0.5 > points[0] @ points[2]
    assert np.linalg.norm(points, axis=1) == pytest.approx([1, 1, 1], rel=1e-4)


def test_without_past_questions_the_words_decide():
    ranker = learn(ARTICLES, [])
    assert ranker.rank("夜间装修噪声影响休息")[0][0] == 2
    assert ranker.rank("押金不退怎么办")[0][0] == 1
    assert [score for _, score in ranker.rank("噪声")] == sorted((s for _, s in ranker.rank("噪声")), reverse=True)


def test_what_was_asked_before_is_found_again_in_its_own_words():
    asked = [Asked("老板跑路了钱没发", (5,)), Asked("广场舞吵死人", (3,)), Asked("邻居家的宠物咬了我孩子", (4,))]
    fresh, taught = learn(ARTICLES, []), learn(ARTICLES, asked)
    question = "老板跑路工人的钱怎么要"
    assert fresh.rank(question)[0][0] != 5
    assert taught.rank(question)[0][0] == 5


def test_weights_are_learnt_from_enough_questions():
    questions = {1: "押金退还", 2: "夜间装修噪声", 3: "健身音响音量", 4: "犬只伤人医疗费", 5: "拖欠劳动报酬"}
    asked = [Asked(f"{words}{turn}", (place,)) for turn in range(4) for place, words in questions.items()]
    ranker = learn(ARTICLES, asked, enough=10)
    assert ranker.middles.any()
    assert ranker.rank("有人拖欠劳动报酬不给")[0][0] == 5
    with pytest.raises(InterruptedError):
        learn(ARTICLES, asked, enough=10, stop=lambda: True)


@pytest.mark.parametrize("words", ["", "  ", "🙂", "qqq zzz", "\x00", "\ud83d", "，。！"])
def test_nothing_known_finds_nothing(words):
    assert learn(ARTICLES, []).rank(words) == []


def test_long_questions_are_cut_and_no_more_is_given_than_asked_for():
    ranker = learn(ARTICLES, [])
    assert len(ranker.rank("噪声" * 50_000, most=3)) == 3


CASES = [
    Case("a", "被告人在酒后驾驶小型轿车与他人车辆相撞", "本院认为构成危险驾驶罪"),
    Case("b", "被告人醉酒后驾车被民警查获，血液酒精含量超标", "本院认为构成危险驾驶罪"),
    Case("c", "被告人用拳脚殴打执行公务的民警", "本院认为构成妨害公务罪"),
    Case("d", "被告人在派出所辱骂并推搡民警", "本院认为构成妨害公务罪"),
    Case("e", "被告人入户盗窃手机一部、现金若干", "本院认为构成盗窃罪"),
    Case("f", "被告人在商场扒窃他人手机", "本院认为构成盗窃罪"),
]


def test_the_like_cases_come_first():
    library = CaseLibrary.of(CASES)
    told = "王某喝酒后驾车回家，途中撞车，血液酒精含量很高"
    assert {one for one, _ in library.rank(told)[:2]} == {"a", "b"}
    assert len(library.rank(told)) == 6


def test_only_the_candidates_are_ranked_and_all_of_them():
    ranked = CaseLibrary.of(CASES).rank("手机被偷", ["f", "c", "unknown"])
    assert [one for one, _ in ranked] == ["f", "c", "unknown"]
    assert CaseLibrary.of([]).rank("手机被偷", ["x"]) == [("x", 0.0)]
    assert len(CaseLibrary.of(CASES).rank("", ["a", "b"])) == 2


def packed(path, rows):
    path.write_bytes(gzip.compress("\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()))
    return str(path)


def test_the_doors_write_runs(tmp_path):
    corpus = packed(tmp_path / "s.gz", [vars(one) for one in ARTICLES])
    train = packed(tmp_path / "t.gz", [{"qid": 1, "query": "老板跑路了钱没发", "gold": [[5], [77]]}])
    queries = packed(tmp_path / "q.gz", [{"qid": 9, "query": "老板跑路怎么办"}])
    out = tmp_path / "run.tsv"
    words = ["statutes", "--corpus", corpus, "--train", train, "--queries", queries, "--out", str(out)]
    assert main(words) == 0
    lines = [line.split("\t") for line in out.read_text("utf-8").splitlines()]
    assert lines[0][:3] == ["9", "5", "1"]
    assert [int(line[2]) for line in lines] == list(range(1, len(lines) + 1))
    cases = packed(tmp_path / "c.gz", [vars(one) for one in CASES])
    asked = packed(tmp_path / "cq.gz", [{"qid": "k", "query": "醉酒驾车", "candidates": ["e", "b", "c"]}])
    assert main(["cases", "--corpus", cases, "--queries", asked, "--out", str(out)]) == 0
    assert out.read_text("utf-8").splitlines()[0].startswith("k\tb\t1\t")


def test_a_bad_file_is_named(tmp_path, capsys):
    bad = packed(tmp_path / "bad.gz", [{"id": 1}])
    assert main(["statutes", "--corpus", bad, "--queries", bad, "--out", str(tmp_path / "o")]) == 1
    assert "bad.gz:1" in capsys.readouterr().err


def taught():
    questions = {1: "押金退还", 2: "夜间装修噪声", 3: "健身音响音量", 4: "犬只伤人医疗费", 5: "拖欠劳动报酬"}
    chance = np.random.default_rng(1)
    asked = [
        Asked(words + "请问怎么办"[: chance.integers(6)], (place,))
        for _ in range(50)
        for place, words in questions.items()
    ]
    return learn(ARTICLES, asked)


@pytest.mark.parametrize(
    "make", [taught, lambda: learn(ARTICLES, []), lambda: learn(ARTICLES, [Asked("钱没发", (5,))])]
)
def test_a_ranker_read_from_disk_ranks_as_the_one_that_was_kept(tmp_path, make):
    made = make()
    save(made, tmp_path / "one", state=[1])
    read = load(tmp_path / "one")
    for question in ("老板不发钱", "押金不退", "狗咬了孩子", "音响吵", "qq", "", "\U0001f600"):
        assert read.rank(question) == made.rank(question)
    assert card(tmp_path / "one")["state"] == [1]
    assert dict(read.corpus.words.places) == dict(made.corpus.words.places)


def test_trees_as_arrays_say_what_scikit_learn_says():
    chance = np.random.default_rng(3)
    clues = chance.normal(size=(600, 4))
    machine = HistGradientBoostingClassifier(max_iter=20, random_state=0)
    machine.fit(clues, (clues[:, 0] * clues[:, 1] > 0.2) | (clues[:, 2] > 1))
    assert plain(machine).scores(clues) == pytest.approx(machine.decision_function(clues))


def test_a_folder_that_holds_no_ranker_is_named(tmp_path):
    with pytest.raises(BadRanker, match="nowhere"):
        load(tmp_path / "nowhere")
    save(learn(ARTICLES, []), tmp_path / "old")
    facts = tmp_path / "old" / "ranker.json"
    facts.write_text(facts.read_text("utf-8").replace('"format": 1', '"format": 0'), "utf-8")
    with pytest.raises(BadRanker, match="old"):
        load(tmp_path / "old")


def test_lay_words_lead_to_the_words_of_the_law():
    assert {"饲养", "动物"} <= set(law_words("邻居的狗咬伤了我家孩子"))
    assert not law_words("今天天气不错")
    assert everyday("中华人民共和国民法典") == 1 > everyday("中华人民共和国消防法") > everyday("某海运条例") == 0
    assert learn(ARTICLES, []).rank("老板跑路了")[0][0] == 5


def test_few_past_questions_help_but_do_not_settle_weights():
    ranker = learn(ARTICLES, [Asked("钱没发", (5,))] * 30)
    assert ranker.trees is None and not ranker.middles.any()
    assert ranker.rank("钱没发")[0][0] == 5
