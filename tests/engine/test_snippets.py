"""Words in their surroundings: the writer's own signs, hits told apart, nothing read as markup."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiean.engine.retrieval import holds, pieces, snippet


def shown(text: str, words: str, most: int = 80) -> str:
    return "".join(f"[{part.words}]" if part.hit else part.words for part in snippet(text, pieces(words), most))


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("楼上半夜敲打暖气管", "暖气", "楼上半夜敲打[暖气]管"),
        ("樓上漏水", "楼上 漏", "[樓上][漏]水".replace("][", "")),
        ("ＡＢ１２", "ab", "[ＡＢ]１２"),
        ("甲" * 50 + "乙丙" + "丁" * 100, "乙丙", "…" + "甲" * 14 + "[乙丙]" + "丁" * 64 + "…"),
        ("没有", "暖气", "没有"),
        ("", "暖气", ""),
        ("<b>暖气</b>", "暖气", "<b>[暖气]</b>"),
        ("哈哈哈", "哈哈", "[哈哈]哈"),
    ],
)
def test_a_snippet(text: str, words: str, expected: str) -> None:
    assert shown(text, words) == expected


def test_pieces_do_not_reach_over_marks() -> None:
    assert not holds("东，门", pieces("东门"))
    assert holds("东门", pieces("東門"))
    assert not holds("东门", [])


@given(st.text(max_size=60), st.text(max_size=8))
def test_a_snippet_shows_only_the_text_itself(text: str, words: str) -> None:
    parts = snippet(text, pieces(words))
    assert "".join(part.words for part in parts).strip("…") in text or "…" in text
