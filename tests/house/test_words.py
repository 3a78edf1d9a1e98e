"""The words people read: each has its English, the compiled catalogues are in step, Chinese is set with full-width marks."""

from __future__ import annotations

import re

import pytest

from tests.house.catalogue import catalogue_file, chinese, compiled, english, every_room, messages
from tests.house.plan import SOURCE

_PLACES = re.compile(r"%\((\w+)\)[sd]")
_HALF_WIDTH = re.compile("[\u4e00-\u9fff”》）][,;:?!]|[,;?!][\u4e00-\u9fff]")


@pytest.mark.parametrize("room", every_room())
class TestCatalogue:
    def test_every_message_has_its_english(self, room: str) -> None:
        catalogue = english(room)
        known = {message.id for message in catalogue if message.string}
        missing = [words for words in messages(room) if chinese(words) and words not in known]
        assert not missing

    def test_the_compiled_catalogue_is_in_step(self, room: str) -> None:
        packed = {message.id: message.string for message in compiled(room) if message.id}
        written = {message.id: message.string for message in english(room) if message.id and message.string}
        assert packed == written, f"run: uv run python -m tests.house.catalogue ({catalogue_file(room)})"

    def test_places_for_values_are_the_same_in_both_languages(self, room: str) -> None:
        wrong = [
            message.id
            for message in english(room)
            if isinstance(message.id, str)
            and set(_PLACES.findall(message.id)) != set(_PLACES.findall(message.string or ""))
        ]
        assert not wrong

    def test_chinese_is_set_with_full_width_marks(self, room: str) -> None:
        assert not [words for words in messages(room) if _HALF_WIDTH.search(words)]


def test_one_chinese_message_has_one_english_in_every_room() -> None:
    """Django merges the rooms' catalogues: of two Englishes for one message only the first would be shown."""
    spoken: dict[str, dict[str, str]] = {}
    for room in every_room():
        for message in english(room):
            if isinstance(message.id, str) and message.id and isinstance(message.string, str):
                spoken.setdefault(message.id, {})[message.string] = room
    assert not {words: found for words, found in spoken.items() if len(found) > 1}


def test_no_plain_translation_holds_a_per_cent_sign() -> None:
    """The template tag looks for such words with the sign doubled, so their English is never found."""
    wrong = [
        f"{file}: {words[:30]}"
        for file in SOURCE.rglob("*.html")
        for words in re.findall(r'{% translate "([^"]*)"', file.read_text(encoding="utf-8"))
        if "%" in words
    ]
    assert not wrong
