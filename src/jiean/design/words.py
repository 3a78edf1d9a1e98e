"""Words put together as the reader's language puts them together."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext


def listed(words: Iterable[object]) -> str:
    """Words one after the other, with the mark between them that the language has."""
    return gettext("、").join(map(str, words))
