"""What we know of residents' questions without having read any: how people say what the law says, and which laws daily life turns on."""

from __future__ import annotations

from collections import Counter
from importlib.resources import files

from jiean.engine.once import once
from jiean.engine.reading import alike
from jiean.engine.retrieval.postings import terms

MOST_SIGNS = 500


def law_words(question: str) -> Counter[str]:
    """Terms of the law for what is said in the question, each once; none where nothing of the list is said."""
    said = alike(question[:MOST_SIGNS])
    found: Counter[str] = Counter()
    for ways, law in _list():
        if any(way in said for way in ways):
            found |= law
    return found


@once
def _list() -> tuple[tuple[tuple[str, ...], Counter[str]], ...]:
    lines = files("jiean.engine.retrieval").joinpath("lay_words.txt").read_text("utf-8").splitlines()
    parted = [line.split("=") for line in lines if "=" in line and not line.startswith("#")]
    return tuple((tuple(said.strip().split("|")), _each(law)) for said, law in parted)


def _each(law: str) -> Counter[str]:
    return Counter(dict.fromkeys(terms(law), 1))


def everyday(law: str) -> float:
    """How near a law lies to daily life by our own list, 0 to 1."""
    return _everyday().get(law.removeprefix(_STATE), 0) / 3


_STATE = "中华人民共和国"


@once
def _everyday() -> dict[str, int]:
    lines = files("jiean.engine.retrieval").joinpath("everyday_laws.txt").read_text("utf-8").splitlines()
    return {name: int(near) for near, _, name in (line.partition(" ") for line in lines if not line.startswith("#"))}
