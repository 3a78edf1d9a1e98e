"""Words from outside, made safe to keep: normalised, without control characters, within a limit."""

from __future__ import annotations

import re
import unicodedata

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jiean.kernel.errors import Invalid

# C0 and C1 controls but tab and line feed; bidirectional overrides (they can make a text read as another); surrogates; noncharacters.
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_BLANKS = re.compile(r"[ \t\u3000]+\n")


def clean(words: str, limit: int, *, field: str, required: bool = False) -> str:
    """Text as it is stored: NFC, no control characters, trimmed.

    Raises Invalid naming ``field`` when more than ``limit`` characters remain, or none where some are ``required``.
    """
    kept = _UNWANTED.sub("", words.replace("\r\n", "\n").replace("\r", "\n"))
    kept = _BLANKS.sub("\n", unicodedata.normalize("NFC", kept)).strip()
    if len(kept) > limit:
        raise Invalid(**{field: _("最多 %(limit)d 个字，现在有 %(count)d 个。") % {"limit": limit, "count": len(kept)}})
    if required and not kept:
        raise Invalid(**{field: _("请填写这一项。")})
    return kept


def holding(word: str, *fields: str) -> Q:
    """Rows of which one of the fields holds the word, whatever its case.

    A word without case, as every Chinese one and every number is, is looked for as it stands: turning every row to capitals
    first takes PostgreSQL several times as long.
    """
    how = "icontains" if has_case(word) else "contains"
    return Q(*((f"{field}__{how}", word) for field in fields), _connector=Q.OR)


def has_case(word: str) -> bool:
    """Whether the word could be written in capitals or small letters."""
    return word.upper() != word.lower()
