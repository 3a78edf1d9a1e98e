"""The library: likeness of words, access that changes what is ranked, removal, replacement, tidying; keyed collections."""

from __future__ import annotations

import pytest
from django.db import connection

from jiean.engine.retrieval import build, terms
from jiean.kernel import library

TEXTS = {
    11: "邻居半夜放音乐，噪音太大",
    12: "拖欠工资三个月，老板不给钱",
    13: "房东不退押金，合同到期已经搬走",
    14: "楼上装修，周末还在电钻施工，噪音扰民",
    15: "借钱不还，有借条",
}


def put(collection: str, texts: dict[int, str], **more: bytes) -> int:
    return library.put(collection, {one: terms(text) for one, text in texts.items()}, **more)


@pytest.fixture
def shelved(db: None) -> None:
    put("t", TEXTS)


def found(words: str, **more: object) -> list[int]:
    return [subject for subject, _score in library.search("t", terms(words), **more)]  # type: ignore[arg-type]


def test_the_likest_comes_first(shelved: None) -> None:
    assert found("噪音")[:2] in ([11, 14], [14, 11])
    assert found("老板拖欠工资")[0] == 12
    assert found("押金") == [13]
    assert found("噪聲電鑽")[0] == 14, "one form of each sign"


def test_scores_are_those_of_the_engine(shelved: None) -> None:
    """The same weights as `engine.retrieval.Postings`, to what 16 bits hold."""
    postings = build([terms(text) for text in TEXTS.values()])
    for words in ("押金", "噪音扰民", "老板的音乐"):
        expected, got = postings.scores(terms(words)), dict(library.search("t", terms(words)))
        for place, subject in enumerate(TEXTS):
            assert got.get(subject, 0) == pytest.approx(float(expected[place]), rel=2e-3)


def test_terms_in_too_many_passages_are_passed_over(db: None) -> None:
    put("many", dict.fromkeys(range(60), "噪音") | {99: "押金噪音", 100: "押金"})
    assert {subject for subject, _score in library.search("many", terms("押金噪音"))} == {99, 100}
    assert library.search("many", terms("噪音")), (
        "where nothing rarer is asked for, the rarest of the common ones decides"
    )


def test_only_what_one_may_see_is_ranked(shelved: None) -> None:
    assert found("噪音", among=[14, 12]) == [14]
    assert found("噪音", among=[]) == []
    assert found("噪音", among=[99]) == []


def test_removed_and_replaced_texts_are_gone_at_once_and_after_tidying(shelved: None) -> None:
    assert library.remove("t", [14, 99]) == 1
    put("t", {11: "改成了别的事情"})
    assert found("噪音") == [] and found("改成")[0] == 11
    before = library.shelf("t")
    assert library.tidy("t") > 0
    after = library.shelf("t")
    assert (before.segments, after.segments, after.passages) == (2, 1, 4)
    assert after.rows < before.rows
    assert found("噪音") == [] and found("改成")[0] == 11 and found("押金") == [13]


def test_collections_do_not_meet(shelved: None) -> None:
    put("other", {12: "噪音"})
    assert [subject for subject, _score in library.search("other", terms("噪音"))] == [12]
    assert 12 not in found("噪音")
    library.remove("other", [12])
    assert library.tidy("other") == 0


def test_a_key_keeps_terms_apart(db: None) -> None:
    put("a", {1: "押金"}, key=b"one")
    put("b", {1: "押金"}, key=b"two")
    with connection.cursor() as cursor:
        cursor.execute("SELECT collection, term FROM kernel_posting")
        held: dict[str, set[int]] = {}
        for collection, term in cursor.fetchall():
            held.setdefault(collection, set()).add(term)
    assert held["a"].isdisjoint(held["b"])
    assert library.search("a", terms("押金"), key=b"one") and not library.search("a", terms("押金"), key=b"two")


@pytest.mark.parametrize("words", ["", "，。", "🙂", "\x00", "口" * 100_000, "שלום", "zz"])
def test_odd_questions_find_nothing(shelved: None, words: str) -> None:
    assert found(words) == []
    assert put("t", {}) == 0
    assert put("t", {77: words}) == 1 and 77 not in found("押金")


def test_at_night_every_collection_becomes_one_segment(db: None) -> None:
    for name in ("first", "second"):
        for pk, words in enumerate(("门口吵架", "楼上漏水", "电梯坏了"), start=1):
            library.put(name, {pk: terms(words)})
        library.remove(name, [3])
    assert set(library.tidy_all()) >= {"first", "second"}
    for name in ("first", "second"):
        assert (library.shelf(name).segments, library.shelf(name).passages) == (1, 2)
        assert [pk for pk, _score in library.search(name, terms("漏水"))] == [2]
