"""Names, numbers and addresses go, the rest of the sentence stays."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiean.engine.masking import MOST_CHARACTERS, Masked, found, marks, mask, plain

LINES = [
    line
    for line in (Path(__file__).parent / "words" / "masking.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]


def spans(line: str) -> tuple[str, list[tuple[int, int]]]:
    """The line without its brackets, and where the bracketed parts stand."""
    clean, inside, kept = "", 0, []
    for part in re.split("([【】])", line):
        if part == "【":
            inside = len(plain(clean))
        elif part == "】":
            kept.append((inside, len(plain(clean))))
        else:
            clean += part
    return plain(clean), kept


def is_gone(clean: str, start: int, end: int) -> bool:
    covered = {place for one in found(clean) for place in range(one.start, one.end)}
    return all(place in covered for place in range(start, end) if clean[place].isalnum())


def test_at_least_ninety_eight_of_a_hundred_secrets_go():
    cut = [spans(line) for line in LINES]
    secrets = [(clean, start, end) for clean, kept in cut for start, end in kept]
    kept = [clean[start:end] for clean, start, end in secrets if not is_gone(clean, start, end)]
    assert len(LINES) >= 300
    assert len(secrets) >= 300
    assert len(kept) <= 0.02 * len(secrets), kept


def test_ordinary_sentences_stay_as_they_are():
    harmless = [line for line in LINES if "【" not in line]
    changed = [mask(line) for line in harmless if mask(line) != plain(line)]
    assert len(harmless) >= 70
    assert len(changed) <= 0.05 * len(harmless), changed


def test_what_went_can_be_counted():
    assert list(marks("我叫王小明，电话13812345678")) == [Masked.NAME, Masked.PHONE]
    assert mask("我叫王小明，电话13812345678，楼上漏水") == "我叫〔姓名〕,电话〔电话〕,楼上漏水"


def test_masking_twice_changes_nothing_more():
    for line in LINES:
        once = mask(spans(line)[0])
        assert mask(once) == once


@pytest.mark.parametrize(
    "text", ["", "1" * 100_000, "王" * 100_000, "号" * 30_000, "\ud83d", "一" * 50_000, "3-" * 20_000]
)
def test_any_text_is_masked_in_time(text):
    assert len(plain(text)) <= MOST_CHARACTERS
    assert isinstance(mask(text), str)


@given(st.text(max_size=200))
def test_findings_stand_apart_and_in_order(text):
    clean = plain(text)
    ends = [0, *(place for one in found(clean) for place in (one.start, one.end)), len(clean)]
    assert ends == sorted(ends)
