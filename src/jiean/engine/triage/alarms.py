"""Sentences like those of our own list of alarms: a second reader beside the words that are looked for, for what they have not met.

The list (``red_flags.txt``) holds alarms and look-alikes, all written for this program. A ridge regression of what each sentence is on
its runs of signs is fitted the first time it is asked (a second at most; nothing learnt is stored, so the list is all there is to read).
It can only add an alarm: what the words found stands whatever this reader says.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from jiean.engine.once import once
from jiean.engine.reading import alike, grams
from jiean.engine.triage.starting import starting_set

STIFF = 0.3
THRESHOLD = -0.42
"""Least lead of "alarm" over "look-alike": by leaving out one of the lists after the other (docs/text.md)."""
MOST_SIGNS = 120
"""Longer reports are not read by it: who calls for help writes no letters, and in a letter some sentence always sounds like it."""

HARMLESS = "-"
_END = re.compile(r"[。!！?？\n]")
_KINDS = (
    (
        "①",
        "老公|丈夫|老婆|妻子|儿?媳妇?|前?(?:男|女)(?:朋友|友)|前夫|前妻|爸爸?|妈妈?|爹|娘|父亲|母亲|继父|继母|后妈|后爸|婆婆|公公|岳父|岳母|儿子|女儿"
        "|闺女|女婿|爷爷|奶奶|外公|外婆|姥姥|姥爷|外?孙(?:子|女)|弟弟?|妹妹?|哥哥?|姐姐?|侄[子女]|老伴|孩子|小孩|宝宝|娃娃?|婴儿|男孩|女孩|小伙子?|姑娘"
        "|老人家?|老太太?|老头子?|大爷|大妈|大叔|大姐|阿姨|叔叔|邻居|室友|同事|工友|同学|学生",
    ),
    (
        "②",
        "(?:菜|水果|砍|长|尖|弹簧|剔骨|西瓜)?刀子?|匕首|斧[头子]?|(?:钢|铁|木)?[管棍]子?|球棒|(?:铁|大)?锤子?|铁?锹|锄头|扳手|砖头?|酒瓶子?|[板凳]凳|凳子"
        "|椅子|枪|剪刀|叉子",
    ),
    ("③", "后脑勺|脑袋|脖子|胳膊|手指|手臂|肚子|胸口|嘴唇|额头|膝盖|[脸头腿脚嘴腰背]"),
    ("④", "煤气|燃气|天然气|液化气|瓦斯|沼气"),
    ("⑤", "[\\d一二三四五六七八九十百千万几两]+(?:块钱|元|块|万|千|百)"),
    ("⑥", "楼顶|天台|阳台|窗[台沿户]|护栏|栏杆|大桥|桥上|[\\d一二三四五六七八九十]+[楼层]"),
)
_PATTERNS = tuple((mark, re.compile(words)) for mark, words in _KINDS)


@dataclass(frozen=True)
class Reader:
    """flags : (k,) the first is `HARMLESS` · known : of each run its row and idf, and how far it speaks for harmless ·
    weights (runs, k) · base (k,), both float64.
    """

    flags: tuple[str, ...]
    known: Mapping[str, tuple[int, float, float]]
    weights: NDArray[np.float64]
    base: NDArray[np.float64]

    def lead(self, sentence: str) -> float:
        """How far "alarm" leads over "look-alike".

        Every report that comes in waits for this and nearly all are harmless, so only the column that decides is added up.
        """
        squares = pulls = 0.0
        known = self.known
        for name, times in _runs(sentence).items():
            if name in known:
                _place, weight, pull = known[name]
                if times > 1:
                    weight *= _often(times)
                squares += weight * weight
                pulls += weight * pull
        return -pulls / math.sqrt(squares) - float(self.base[0]) if squares else -1.0

    def flag(self, sentence: str) -> str:
        """Which alarm a sentence with a lead would be."""
        found = {name: times for name, times in _runs(sentence).items() if name in self.known}
        weights = np.array([self.known[name][1] * _often(times) for name, times in found.items()])
        rows = self.weights[[self.known[name][0] for name in found]]
        scores = weights / np.linalg.norm(weights) @ rows + self.base
        return self.flags[1 + int(scores[1:].argmax())]

    def telling(self, sentence: str) -> tuple[str, ...]:
        """At most three stretches of the sentence, put together from the pairs of signs that speak most for an alarm."""
        pulls: dict[str, float] = {}
        for name, times in _runs(sentence).items():
            if len(name) == 2 and name in sentence and name in self.known:
                _place, idf, pull = self.known[name]
                pulls[name] = idf * _often(times) * pull
        order = sorted((name for name in pulls if pulls[name] < 0), key=lambda name: (pulls[name], sentence.find(name)))
        marked = {sentence.find(name) + step for name in order[:4] for step in (0, 1)}
        return tuple(_stretches(sentence, sorted(marked))[:3])


def like_alarms(text: str) -> tuple[str, tuple[str, ...]] | None:
    """The alarm a sentence of the text (from `alike`) reads most like, with the words that say so; None where none does."""
    if len(text) > MOST_SIGNS:
        return None
    reader = _reader()
    lead, sentence = max(((reader.lead(one), one) for one in _END.split(text) if one), default=(-1.0, ""))
    return (reader.flag(sentence), reader.telling(sentence)) if lead >= THRESHOLD else None


def listed() -> list[tuple[str, str]]:
    """Our list: the alarm of each sentence, or `HARMLESS`, and the sentence."""
    lines = files("jiean.engine.triage").joinpath("red_flags.txt").read_text("utf-8").splitlines()
    cut = (line.partition("|") for line in lines if line and not line.startswith("#"))
    return [(flag, words) for flag, _bar, words in cut]


def everyday() -> list[tuple[str, str]]:
    """What the starting set holds for other bodies than the police: more sentences that are no alarms."""
    return [(HARMLESS, one.body) for one in starting_set() if one.label != "police"]


@once
def _reader() -> Reader:
    return fit([*listed(), *everyday()])


def fit(told: Sequence[tuple[str, str]]) -> Reader:
    """Fit to sentences with the alarm of each (Hoerl and Kennard 1970, solved among the sentences)."""
    flags = (HARMLESS, *sorted({flag for flag, _words in told} - {HARMLESS}))
    rows = [_runs("".join(alike(words).split())) for _flag, words in told]
    holding = Counter(name for row in rows for name in row)
    places = {name: place for place, name in enumerate(holding)}
    idf = 1 + np.log(len(rows) / np.array(list(holding.values()), dtype=np.float64))
    table = _table(rows, places, idf)
    wanted = np.array([[flag == one for one in flags] for flag, _words in told], dtype=np.float64)
    base = wanted.mean(axis=0)
    shares = np.linalg.solve((table @ table.T).toarray() + STIFF * np.eye(len(rows)), wanted - base)
    weights = np.asarray(table.T @ shares)
    pulls = zip(idf.tolist(), weights[:, 0].tolist(), strict=True)
    known = {name: (place, *pull) for (name, place), pull in zip(places.items(), pulls, strict=True)}
    return Reader(flags, known, weights, base)


def _table(rows: Sequence[Counter[str]], places: Mapping[str, int], idf: NDArray[np.float64]) -> csr_matrix:
    starts, columns, values = [0], [np.zeros(0, np.int64)], [np.zeros(0)]
    for row in rows:
        columns.append(np.array([places[name] for name in row], dtype=np.int64))
        weights = np.array([_often(times) for times in row.values()]) * idf[columns[-1]]
        values.append(weights / np.linalg.norm(weights))
        starts.append(starts[-1] + len(weights))
    return csr_matrix((np.concatenate(values), np.concatenate(columns), starts), shape=(len(rows), len(places)))


def _often(times: int) -> float:
    return 1.0 if times == 1 else 1.0 + math.log(times)


def _runs(sentence: str) -> Counter[str]:
    """Runs of one and two signs, and of one to three with people, weapons, limbs, gases, sums and heights by their kind."""
    kinds = sentence
    for mark, words in _PATTERNS:
        kinds = words.sub(mark, kinds)
    return Counter([*grams(f"^{sentence}$", 1, 2), *["k" + run for run in grams(f"^{kinds}$", 1, 3)]])


def _stretches(sentence: str, marked: Sequence[int]) -> list[str]:
    """Signs that stand side by side, as one."""
    stretches: list[str] = []
    last = -2
    for at in marked:
        stretches = [*stretches[:-1], stretches[-1] + sentence[at]] if at == last + 1 else [*stretches, sentence[at]]
        last = at
    return stretches
