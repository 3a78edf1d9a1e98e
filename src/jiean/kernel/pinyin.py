"""The key Chinese names are sorted and found by: PostgreSQL without ICU sorts Han by code point, and people type initials."""

from __future__ import annotations

KEY_LIMIT = 240


def search_key(name: str) -> str:
    """Full pinyin, a blank, initials, in lower case: 新街市场 is ``xinjieshichang xjsc``."""
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415 — slow to load, and only a name that is written needs it

    full = "".join(lazy_pinyin(name))
    initials = "".join(lazy_pinyin(name, style=Style.FIRST_LETTER))
    return f"{full} {initials}".lower()[:KEY_LIMIT]
