"""Sentences like those of our own list of alarms: a second reader beside the words that are looked for, for what they have not met.

The list (``red_flags.txt``) holds alarms and look-alikes, all written for this program. A ridge regression of what each sentence is on
its runs of signs is fitted the first time it is asked (a second at most; nothing learnt is stored, so the list is all there is to read).
It can only add an alarm: what the words found stands whatever this reader says.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

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
    """flags : (k,) the first is `HARMLESS` · places : row of each run · idf (runs,) · weights (runs, k) · base (k,), all float64."""

    flags: tuple[str, ...]
    places: Mapping[str, int]
    idf: NDArray[np.float64]
    weights: NDArray[np.float64]
    base: NDArray[np.float64]

    def read(self, sentence: str) -> tuple[float, str]:
        """How far "alarm" leads, and which alarm it would be."""
        _names, places, row = self._row(sentence)
        if not places:
            return -1.0, HARMLESS
        scores = row @ self.weights[places] + self.base
        return float(-scores[0]), self.flags[1 + int(scores[1:].argmax())]

    def telling(self, sentence: str) -> tuple[str, ...]:
        """The runs of signs that speak most for an alarm."""
        names, places, row = self._row(sentence)
        return _telling(sentence, names, -row * self.weights[places, 0])

    def _row(self, sentence: str) -> tuple[list[str], list[int], NDArray[np.float64]]:
        runs = _runs(sentence)
        names = [name for name in runs if name in self.places]
        places = [self.places[name] for name in names]
        row = _weighed(runs, names) * self.idf[places]
        return names, places, row / (np.linalg.norm(row) or 1)


def like_alarms(text: str) -> tuple[str, tuple[str, ...]] | None:
    """The alarm a sentence of the text (from `alike`) reads most like, with the words that say so; None where none does."""
    if len(text) > MOST_SIGNS:
        return None
    found = [(*_reader().read(sentence), sentence) for sentence in _END.split(text) if sentence]
    lead, flag, sentence = max(found, default=(-1.0, HARMLESS, ""))
    return (flag, _reader().telling(sentence)) if lead >= THRESHOLD else None


def listed() -> list[tuple[str, str]]:
    """Our list: the alarm of each sentence, or `HARMLESS`, and the sentence."""
    lines = files("jiean.engine.triage").joinpath("red_flags.txt").read_text("utf-8").splitlines()
    cut = (line.partition("|") for line in lines if line and not line.startswith("#"))
    return [(flag, words) for flag, _bar, words in cut]


def everyday() -> list[tuple[str, str]]:
    """What the starting set holds for other bodies than the police: more sentences that are no alarms."""
    return [(HARMLESS, one.body) for one in starting_set() if one.label != "police"]


@cache
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
    return Reader(flags, places, idf, np.asarray(table.T @ shares), base)


def _table(rows: Sequence[Counter[str]], places: Mapping[str, int], idf: NDArray[np.float64]) -> csr_matrix:
    starts, columns, values = [0], [np.zeros(0, np.int64)], [np.zeros(0)]
    for row in rows:
        columns.append(np.array([places[name] for name in row], dtype=np.int64))
        weights = _weighed(row, list(row)) * idf[columns[-1]]
        values.append(weights / np.linalg.norm(weights))
        starts.append(starts[-1] + len(weights))
    return csr_matrix((np.concatenate(values), np.concatenate(columns), starts), shape=(len(rows), len(places)))


def _weighed(runs: Counter[str], names: Sequence[str]) -> NDArray[np.float64]:
    return 1 + np.log(np.array([runs[name] for name in names], dtype=np.float64))


def _runs(sentence: str) -> Counter[str]:
    """Runs of one and two signs, and of one to three with people, weapons, limbs, gases, sums and heights by their kind."""
    kinds = sentence
    for mark, words in _PATTERNS:
        kinds = words.sub(mark, kinds)
    return Counter([*grams(f"^{sentence}$", 1, 2), *("k" + run for run in grams(f"^{kinds}$", 1, 3))])


def _telling(sentence: str, names: Sequence[str], pulls: NDArray[np.float64]) -> tuple[str, ...]:
    """At most three stretches of the sentence, put together from the pairs of signs that speak most for an alarm."""
    strong = {name for place, name in enumerate(names) if len(name) == 2 and name in sentence and pulls[place] > 0}
    best = sorted(strong, key=lambda name: -float(pulls[names.index(name)]))[:4]
    marked = sorted(at for name in best for at in (sentence.find(name), sentence.find(name) + 1))
    stretches: list[str] = []
    last = -2
    for at in dict.fromkeys(marked):
        stretches = [*stretches[:-1], stretches[-1] + sentence[at]] if at == last + 1 else [*stretches, sentence[at]]
        last = at
    return tuple(stretches[:3])
