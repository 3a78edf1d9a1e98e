"""Names, numbers and addresses taken out of words, so that what is learnt from them holds nobody.

Patterns of this program, no published source; what they find is measured on written lines in the tests. They rather
take a word too many: a masked word costs a model little, a name kept costs its owner much.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from itertools import pairwise

MOST_CHARACTERS = 20_000
"""More is cut off: words to learn from are no longer, and patterns must not be made to work for ever."""


class Masked(StrEnum):
    """What stood where a mark now stands; the value is the mark."""

    PHONE = "〔电话〕"
    IDENTITY = "〔证件〕"
    CARD = "〔卡号〕"
    PLATE = "〔车牌〕"
    ACCOUNT = "〔账号〕"
    EMAIL = "〔邮箱〕"
    NAME = "〔姓名〕"
    ADDRESS = "〔门牌〕"


@dataclass(frozen=True)
class Found:
    """A span of the text as `plain` gives it, and what it is."""

    start: int
    end: int
    what: Masked


_GAP = r"[\s\-—–－.·_]{0,2}"
_NUMERAL = str.maketrans("零〇一二两三四五六七八九幺", "0012234567891")
_NUMERALS = "零〇一二两三四五六七八九幺"


def _words() -> dict[str, str]:
    """Each list as one run of signs or one choice of a pattern."""
    kept = json.loads(files("jiean.engine").joinpath("masking_words.json").read_text("utf-8"))
    return {name: ("|" if any("|" in part for part in parts) else "").join(parts) for name, parts in kept.items()}


_WORDS = _words()
_SURNAMES = _WORDS["surnames"]
_DOUBLE = _WORDS["double"]
_KIN = _WORDS["kin"]
_SAID = _WORDS["said"]
_AFTER = _WORDS["after"]
_ON = _WORDS["on"]
_ON_SECOND = _WORDS["on_second"]
_ON_WORDS = _WORDS["on_words"]
_COMMON = _WORDS["common"]
_NOT_NAMES = _WORDS["not_names"]
_NOT_NICKNAMES = frozenset(_WORDS["not_nicknames"].split("|"))


def plain(text: str) -> str:
    """The text that is masked: NFKC, at most `MOST_CHARACTERS` signs, digits one form."""
    return unicodedata.normalize("NFKC", text[:MOST_CHARACTERS])[:MOST_CHARACTERS]


def mask(text: str) -> str:
    """`plain(text)` with every finding replaced by its mark."""
    clean = plain(text)
    parts, reached = [], 0
    for one in found(clean):
        parts += [clean[reached : one.start], one.what.value]
        reached = one.end
    return "".join([*parts, clean[reached:]])


def found(clean: str) -> tuple[Found, ...]:
    """Findings of a text from `plain`, by place; where two overlap the one of the earlier rule stays."""
    taken: list[Found] = []
    for what, pattern, holds in _RULES:
        for match in pattern.finditer(clean):
            start, end = match.span("it")
            if (holds is None or holds(match["it"])) and all(end <= one.start or one.end <= start for one in taken):
                taken.append(Found(start, end, what))
    return tuple(sorted(taken, key=lambda one: one.start))


def _digits(words: str) -> str:
    return re.sub(r"\D", "", words.translate(_NUMERAL))


def _phone(words: str) -> bool:
    digits = _digits(words)
    digits = digits.removeprefix("86") if len(digits) == 13 else digits.removeprefix("0086")
    return len(digits) == 11 and digits[0] == "1" and digits[1] in "3456789"


def _door(words: str) -> bool:
    """A bare "3号" is as often a day."""
    return len(words) > 1 and not re.fullmatch(r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})号", words)


def _no_word(words: str) -> bool:
    return not re.match(_NOT_NAMES, words)


def _given_ok(words: str) -> bool:
    return _no_word(words) and not any(first == second == "人" for first, second in pairwise(words))


_D = rf"(?:[\d{_NUMERALS}]{_GAP})"
_GIVEN = rf"[^\W\d_a-zA-Z{_ON_SECOND}](?:(?!{_ON_WORDS})[^\W\d_a-zA-Z{_ON}])?"
_NAME = rf"(?:(?:{_DOUBLE})[\u4e00-\u9fff]{{1,2}}|[{_SURNAMES}](?:某{{1,2}}|[xX×*＊]{{1,2}}|{_GIVEN}))"
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领"
_HOUSE = rf"(?:[\dA-Za-z{_NUMERALS}十百]{{1,5}}(?:号院|号楼|栋|幢|座|弄|号|组|#楼?)){{1,2}}[\s\-]?"
_STAIR = rf"(?:[\dA-Za-z{_NUMERALS}十]{{1,3}}(?:单元|梯|号门)[\s\-]?)?"
_FLOOR = rf"(?:[\d{_NUMERALS}十]{{1,3}}(?:楼|层)[\s\-]?)?"
_ROOM = (
    rf"(?:[\d{_NUMERALS}十零百]{{1,5}}(?:号?室|房|户|号)|[\d{_NUMERALS}]{{3,4}}(?![\d{_NUMERALS}]|[元块年次万个条天]))?"
)

_Rule = tuple[Masked, re.Pattern[str], Callable[[str], bool] | None]
_RULES: tuple[_Rule, ...] = (
    (Masked.EMAIL, re.compile(r"(?P<it>[\w.+-]{1,40}@[\w-]{1,40}(?:\.[\w-]{2,10}){1,3})", re.ASCII), None),
    (
        Masked.ACCOUNT,
        re.compile(
            r"(?:微信号?|微[Xx]|薇信?|[Vv]信|[Ww]ei?[Xx]in|[Ww][Xx]|[Vv][Xx]|加[Vv]|[Qq][Qq]号?群?|扣扣号?|抖音号?|快手号?|支付宝号?|陌陌|企鹅号?|"
            r"[Tt]elegram|飞机号?)"
            r"(?:账号|帐号|号码|号|群|[Ii][Dd])?(?:是|为|叫|[:：]|\s)*(?P<it>[A-Za-z0-9][A-Za-z0-9_\-]{4,29})"
        ),
        None,
    ),
    (Masked.IDENTITY, re.compile(rf"(?<!\d)(?P<it>[1-9](?:{_GAP}\d){{16}}{_GAP}[\dxX])(?!\d)"), None),
    (
        Masked.IDENTITY,
        re.compile(r"(?:身份证|证件|护照|通行证|社保卡?|医保卡?|学号|工号|警号|驾驶证|档案|残疾证)(?:证)?"
            r"(?:号码?|编号|号)?(?:是|为|尾号|后[四六]位)?[\s:是为]{0,3}(?P<it>[A-Za-z]{0,3}\d{4,18}[xX]?)"),
        None,
    ),
    (Masked.IDENTITY, re.compile(r"(?<!\d)(?P<it>[1-9]\d{5}\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3})(?!\d)"), None),
    (Masked.IDENTITY, re.compile(r"(?<![A-Za-z\d])(?P<it>[EGDSPHM][A-Za-z]?\d{7,9})(?!\d)"), None),
    (
        Masked.CARD,
        re.compile(rf"(?<!\d)(?P<it>[3-9]\d{{3}}(?:{_GAP}\d{{4}}){{2,3}}(?:{_GAP}\d{{1,4}})?)(?!\d)"),
        lambda words: 15 <= len(_digits(words)) <= 19,
    ),
    (Masked.CARD, re.compile(r"(?:卡号?|账户|账号|尾号|帐号)(?:是|为|:|尾号|后四位|末四位)*\s*(?P<it>\d{4,19})(?!\d*[元块万])"), None),
    (
        Masked.PHONE,
        re.compile(
            rf"(?<![\d{_NUMERALS}])(?P<it>(?:\+?86{_GAP}|0086{_GAP})?{_D}{{10}}[\d{_NUMERALS}])(?![\d{_NUMERALS}])"
        ),
        _phone,
    ),
    (
        Masked.PHONE,
        re.compile(
            rf"(?<!\d)(?P<it>\(?0\d{{2,3}}\)?{_GAP}\d{{3,4}}{_GAP}\d{{4}}(?:{_GAP}(?:转|-){_GAP}\d{{1,5}})?)(?!\d)"
        ),
        None,
    ),
    (Masked.PHONE, re.compile(r"(?<!\d)(?P<it>[48]00[-\s]?\d{3,4}[-\s]?\d{3,4})(?!\d)"), None),
    (
        Masked.PHONE,
        re.compile(
            r"(?:电话|手机|座机|热线|联系|致电|拨打|短号|小灵通)(?:号码?|是|为|我|:|\s)*"
            r"(?P<it>\d{3,4}-?\d{3,8})(?!\d*[元块万年月])"
        ),
        None,
    ),
    (Masked.PLATE, re.compile(rf"(?P<it>[{_PROVINCES}]\s?[A-Za-z]\s?[·・.\-]?\s?[A-Za-z0-9]{{4,6}}[学警挂港澳领]?)(?![A-Za-z0-9])"), None),
    (Masked.PLATE, re.compile(r"(?:车牌号?码?|牌照|车号|尾号|牌号)(?:是|为|:|\s)*(?P<it>[A-Za-z0-9·]{3,8})"), None),
    (Masked.ADDRESS, re.compile(rf"(?P<it>{_HOUSE}{_STAIR}{_FLOOR}{_ROOM})"), _door),
    (
        Masked.ADDRESS,
        re.compile(
            r"(?<!\d)(?P<it>\d{1,3}[\-－]\d{1,2}[\-－]\d{3,4}|\d{1,2}单元\d{3,4}(?:室|房)?"
            r"|(?<![\d.])\d{3,4}(?:室|房间|房)|\d{1,2}[\-－]\d{3,4}室?)(?![\d-]|元|块)"
        ),
        None,
    ),
    (Masked.NAME, re.compile(rf"(?P<it>[{_SURNAMES}](?:某{{1,3}}|[xX×*＊]{{1,3}}))(?![a-zA-Z])"), None),
    (Masked.NAME, re.compile(r"(?:名叫|叫做|名字叫|名字是|姓名)(?:是|:|\s)*(?P<it>[\u4e00-\u9fff·]{2,8}?)(?=的|,|，|。|、|\s|\(|$)"), None),
    (Masked.NAME, re.compile(rf"(?:室|楼|栋|幢|号|单元|层|户)的?(?P<it>{_NAME})(?=家)"), _no_word),
    (Masked.NAME, re.compile(rf"(?:{_KIN})(?:是|叫|:|\s)*{_NAME}(?:和|与|跟|、|及|以及)(?P<it>{_NAME})"), _given_ok),
    (Masked.NAME, re.compile(rf"(?P<it>[{_COMMON}])(?=[哥姐总叔婶伯姨](?!是|共|之|体|的来|得|要|会))"), None),
    (Masked.NAME, re.compile(rf"(?:{_SAID})(?:是|为|叫|:|\s)*(?P<it>{_NAME})"), _given_ok),
    (Masked.NAME, re.compile(rf"(?:{_KIN})(?:是|叫|名叫|姓名|:|\s)*(?P<it>{_NAME})"), _given_ok),
    (Masked.NAME, re.compile(rf"(?P<it>(?:{_DOUBLE}|[{_SURNAMES}])(?:[\u4e00-\u9fff]{{1,2}}?)?)(?={_AFTER})"), _no_word),
    (Masked.NAME, re.compile(rf"(?:姓(?:是)?)(?P<it>[{_SURNAMES}])(?=的|，|,|。|、|\s|$)"), None),
    (
        Masked.NAME,
        re.compile(rf"(?P<it>[老小阿][{_SURNAMES}])(?=家|的|把|说|又|和|跟|在|打|骂|不|欠|借|，|。|,|$|、|总|天天)"),
        lambda words: words not in _NOT_NICKNAMES,
    ),
)  # fmt: skip


def marks(text: str) -> Iterator[Masked]:
    """What was masked, in order: for counting without keeping."""
    return (one.what for one in found(plain(text)))
