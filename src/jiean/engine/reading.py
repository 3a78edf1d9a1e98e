"""Chinese text made alike before it is counted: one form of each sign, simplified characters, places by their kind."""

from __future__ import annotations

import re
import unicodedata
from importlib.resources import files

from jiean.engine.once import once

MOST_CHARACTERS = 5000
"""Nothing beyond is read: a longer report is no clearer, and its cost would be the sender's to choose."""

_CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff\ud800-\udfff]"
)
_BLANKS = re.compile(r"\s+")
_MARKUP = re.compile("</?[a-z][ !-;=?-~]{0,200}>|<!--|-->|&(?:nbsp|lt|gt|amp|quot|#[0-9]{1,6});")
_DIGITS = re.compile(r"\d+")
_HAN = "\u4e00-\u9fff"

# Letter codes stand for names in published sets: "A市", "B7县", "K8".
_CODED = re.compile(
    r"(?<![a-z])[a-z]\d*(?=市|区|县|州|镇|乡|村|路|街|城|小区|公司|中学|小学|医院)|(?<![a-z0-9])[a-z]\d+(?![a-z0-9])"
)
_KINDS = (
    "小区|花园|花苑|家园|公寓|大厦|广场|社区|街道|大道|公路|路口|胡同|公园|中学|小学|幼儿园|学院|大学|医院|工业园|市场|"
    "路|街|巷|弄|村|镇|乡|县|市|区|州|苑|桥|河|湖|站"
)
# A name of two to four signs counts only behind a border; without a dictionary of names more would eat the sentence.
_NAMED = re.compile(
    rf"(?:(?<=[在到于从往去住，。,.：:、；;！!（(《“\s])|^)(?![这那本我你他她某各每该全有没是])[{_HAN}]{{2,4}}?(?P<kind>{_KINDS})(?![{_HAN}]?[长委])"
)


@once
def _simplified() -> dict[int, str]:
    lines = files("jiean.engine").joinpath("reading_simplified.txt").read_text("utf-8").split()
    return {ord(pair[0]): pair[1] for line in lines for pair in line.split(",") if len(pair) == 2}


def alike(text: str) -> str:
    """One form of what reads the same.

    NFKC, lower case, no controls or invisible signs, each run of white space one space, common traditional characters
    as simplified ones. At most `MOST_CHARACTERS` signs of `text` are read.
    """
    clean = _CONTROLS.sub("", text[:MOST_CHARACTERS])
    folded = unicodedata.normalize("NFKC", clean)[:MOST_CHARACTERS].lower()
    return _BLANKS.sub(" ", folded).strip().translate(_simplified())


def unmarked(text: str) -> str:
    """Text from `alike` without the tags of pages; Chinese words stay wherever they stand, so that nothing told can be hidden in one."""
    return _MARKUP.sub("", text)


def placeless(text: str) -> str:
    """Text from `alike` with names of places replaced by their kind and every number by 0: "住阳光花园17栋" → "住花园0栋"."""
    return _DIGITS.sub("0", _NAMED.sub(lambda found: found["kind"], _CODED.sub("", text)))


def grams(text: str, shortest: int, longest: int) -> list[str]:
    """Every run of `shortest` to `longest` signs, in order of length and place."""
    return [
        text[start : start + length]
        for length in range(shortest, longest + 1)
        for start in range(len(text) - length + 1)
    ]
