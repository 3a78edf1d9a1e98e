"""What a report is about and how soon it must be looked at: the rule part.

Rules find red flags (words that never wait), the kind by keywords, an urgency and a destination, each with the words
that gave it. Where the words do not decide, the advice abstains and a person decides. A trained model may fill the
same `TriageAdvice` later; red flags stay with the rules.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from itertools import islice

from jiean.engine.once import once
from jiean.engine.reading import alike, unmarked
from jiean.engine.triage.alarms import like_alarms

CONFIDENT = 0.5
"""Below this share the kind is not advised. One keyword without a rival gives exactly 0.5."""

_MARKS_WIDE = str.maketrans(",!?;", "，！？；")
_MARKS = (
    "negation",
    "past",
    "present",
    "if_ever",
    "already",
    "pollution",
    "claim",
    "drill",
    "over",
    "question",
    "raise",
    "sooner_or_later",
    "then_what",
    "aspect",
    "enquiry",
    "figure",
    "mistaken",
    "after_all",
    "unhurt",
)
_MAY_BE = ("may_be_over", "may_be_if", "may_be_claim", "may_be_unhurt", "words_first")
_MOST_HITS = 60
"""Words of one flag that are looked at in a report: each is weighed in all that is told, and a repeated sign would cost seconds."""
_CLAUSE_END = re.compile(r"[,，.。!！?？;；\n…]")
_SENTENCE_END = re.compile(r"[。!！?？\n]")


class Code(StrEnum):
    """Why the advice says what it says."""

    RED_FLAG = "red_flag"
    KIND_WORDS = "kind_words"
    KIND_OF_FLAG = "kind_of_flag"
    URGENCY_RAISED = "urgency_raised"
    ONLY_A_QUESTION = "only_a_question"
    DESTINATION_WORDS = "destination_words"
    NEGATED = "negated"  # a red-flag word that is denied in the text
    LONG_AGO = "long_ago"  # … that tells of the past
    NOT_REAL = "not_real"  # … of a drill, film, lecture
    OVER = "over"  # … of something settled
    POLLUTION = "pollution"  # … of smoke or smell that a works gives off
    CLAIM = "claim"  # … of an injury that a claim or certificate is about
    IF_EVER = "if_ever"  # … of what might happen
    ENQUIRY = "enquiry"  # … that only stands in a question about rules, prices or papers
    FIGURE = "figure"  # … of a feeling: 气得快要杀人
    UNDECIDED = "undecided"  # no keyword, or two kinds with equal claims
    LEARNT_WORDS = "learnt_words"  # the words that spoke for a learnt destination
    NOT_SURE = "not_sure"  # the model's share is below its threshold; the words are the second choice
    UNREAD = "unread"  # hardly any word the model knows


@dataclass(frozen=True)
class TriageReason:
    """A code, what it concerns (a flag, kind or destination) and the words of the report that gave it."""

    code: Code
    about: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class TriageAdvice:
    """Advice on one report.

    kind : one of dispute, traffic, noise, fraud, hazard, missing, theft, fire, violence, help, housing, other
    urgency : 1 (now) to 4 (in turn)
    destination : "police" or the code of one of the seven bodies
    confidence : [0, 1], of the kind
    abstained : the kind is left to a person; urgency and red flags still hold
    """

    kind: str
    urgency: int
    destination: str
    confidence: float
    red_flags: tuple[str, ...]
    reasons: tuple[TriageReason, ...]
    abstained: bool


@dataclass(frozen=True)
class _Flag:
    kind: str
    hits: re.Pattern[str]
    unless: re.Pattern[str]
    may_be_over: bool
    may_be_if: bool
    may_be_claim: bool
    may_be_unhurt: bool
    pollutes: re.Pattern[str] | None
    words_first: bool


@dataclass(frozen=True)
class _Kind:
    urgency: int
    words: tuple[re.Pattern[str], ...]
    any: re.Pattern[str]
    """All the words at once: most kinds are not meant by a report, and are known so by one look."""

    def found(self, text: str) -> tuple[str, ...]:
        if not self.any.search(text):
            return ()
        return tuple(match[0] for word in self.words if (match := word.search(text)))


@dataclass(frozen=True)
class _Phrases:
    flags: Mapping[str, _Flag]
    kinds: Mapping[str, _Kind]
    destinations: tuple[tuple[str, re.Pattern[str]], ...]
    marks: Mapping[str, re.Pattern[str]]


def advise(text: str, *, listed_only: bool = False) -> TriageAdvice:
    """Read one report.

    Parameters
    ----------
    text
        As the resident wrote it; beyond 5,000 characters nothing is read. An empty text gives abstention.
    listed_only
        Only what our list says is a red flag, not what reads like it.
    """
    clean = "".join(unmarked(alike(text.replace("\n", "。"))).split(" ")).translate(_MARKS_WIDE)
    flags = list(_flags(clean))
    if not (flags or listed_only) and (like := like_alarms(clean)):
        flags = [TriageReason(Code.RED_FLAG, *like)]
    raised = tuple(reason.about for reason in flags if reason.code is Code.RED_FLAG)
    kind, confidence, why_kind = _kind(clean, raised)
    urgency, why_urgency = _urgency(clean, kind, raised)
    destination, why_destination = _destination(clean, kind, raised)
    return TriageAdvice(
        kind=kind or "other",
        urgency=urgency,
        destination=destination,
        confidence=confidence,
        red_flags=raised,
        reasons=(*flags, *why_kind, *why_urgency, *why_destination),
        abstained=kind is None,
    )


@once
def _phrases() -> _Phrases:
    stored = json.loads(files("jiean.engine.triage").joinpath("phrases.json").read_text("utf-8"))
    flags = {
        name: _Flag(
            entry["kind"],
            _compiled("|".join(entry["hits"])),
            _compiled("|".join(entry["unless"])),
            **{may: bool(entry.get(may)) for may in _MAY_BE},
            pollutes=_compiled(entry["pollutes"]) if "pollutes" in entry else None,
        )
        for name, entry in stored["red_flags"].items()
    }
    kinds = {
        name: _Kind(
            entry["urgency"],
            tuple(map(_compiled, entry["words"])),
            _compiled("|".join(f"(?:{w})" for w in entry["words"])),
        )
        for name, entry in stored["kinds"].items()
    }
    destinations = tuple((entry["code"], _compiled(entry["words"])) for entry in stored["destinations"])
    marks = {name: _compiled(stored[name]) for name in _MARKS}
    return _Phrases(flags, kinds, destinations, marks)


def _compiled(words: str) -> re.Pattern[str]:
    """Reports are read in lower case, the lists may name APP or KTV."""
    return re.compile(words, re.IGNORECASE)


def _flags(text: str) -> Iterator[TriageReason]:
    """One reason for each flag: raised if any of its words stands unexplained, else why it was not."""
    for name, flag in _phrases().flags.items():
        hits = list(islice(flag.hits.finditer(text), _MOST_HITS))
        masked = [match.span() for match in flag.unless.finditer(text)] if hits else []
        denied: dict[Code, list[str]] = {}
        standing: list[str] = []
        for hit in hits:
            if any(begin < hit.end() and hit.start() < end for begin, end in masked):
                continue
            excuse = _excuse(text, hit, flag)
            (standing if excuse is None else denied.setdefault(excuse, [])).append(hit[0])
        if not standing and len(hits) == _MOST_HITS:  # what was not weighed may be meant: it rings
            standing = [hits[-1][0]]
        if standing:
            yield TriageReason(Code.RED_FLAG, name, _distinct(standing))
        else:
            yield from (TriageReason(code, name, _distinct(words)) for code, words in denied.items())


def _excuse(text: str, hit: re.Match[str], flag: _Flag) -> Code | None:
    """Why a red-flag word does not count; None where it does."""
    if _denied(text, hit):
        return Code.NEGATED
    sentence_before = _SENTENCE_END.split(text[: hit.start()])[-1]
    sentence = sentence_before + hit[0] + _SENTENCE_END.split(text[hit.end() :])[0]
    return _of_time(text, hit, sentence_before, sentence, flag) or _of_subject(text, hit, sentence, flag)


def _of_time(text: str, hit: re.Match[str], before: str, sentence: str, flag: _Flag) -> Code | None:
    """Long ago, over, or what might happen one day."""
    marks, rest = _phrases().marks, text[hit.end() :]
    clause_after = _CLAUSE_END.split(rest)[0]
    told = before + hit[0]
    past = marks["past"].search(told)
    now = marks["present"].search((told[past.end() :] if past else told) + clause_after)
    if not now and (past or marks["aspect"].search(rest)):
        return Code.LONG_AGO
    if flag.may_be_if and _if_ever(before, hit[0], sentence):
        return Code.IF_EVER
    return Code.OVER if _over(rest, before, flag) else None


def _over(rest: str, before: str, flag: _Flag) -> bool:
    """Settled, or only thought so: 以为孩子丢了，原来在同学家; 塌了一块，没伤到人 where nobody hurt is all that counts."""
    marks = _phrases().marks
    if marks["mistaken"].search(before) and marks["after_all"].search(rest):
        return True
    if marks["present"].search(rest):
        return False
    unhurt = flag.may_be_unhurt and marks["unhurt"].search(rest)
    return bool(unhurt or (flag.may_be_over and marks["over"].search(rest)))


def _if_ever(before: str, hit: str, sentence: str) -> bool:
    """What is feared and has not happened: 万一着火了, 早晚摔断腿."""
    marks = _phrases().marks
    feared = marks["if_ever"].search(before) and not marks["already"].search(sentence)
    return bool(feared or marks["sooner_or_later"].search(before + hit))


def _of_subject(text: str, hit: re.Match[str], sentence: str, flag: _Flag) -> Code | None:
    """A drill or film, the smoke of a works, an injury that papers are asked for."""
    marks = _phrases().marks
    if marks["drill"].search(sentence):
        return Code.NOT_REAL
    if marks["figure"].search(text[: hit.start()]):
        return Code.FIGURE
    if marks["enquiry"].search(sentence) and not marks["already"].search(sentence):
        return Code.ENQUIRY
    asked = flag.may_be_if and marks["then_what"].search(text[hit.end() :])
    if asked and not marks["already"].search(sentence):
        return Code.IF_EVER  # 着火怎么办
    if flag.pollutes and flag.pollutes.search(hit[0]) and marks["pollution"].search(text):
        return Code.POLLUTION
    if flag.may_be_claim and marks["claim"].search(text) and not marks["already"].search(sentence):
        return Code.CLAIM
    return None


def _denied(text: str, hit: re.Match[str]) -> bool:
    """Whether the clause denies the word: "没有人受伤"."""
    return bool(_phrases().marks["negation"].search(_CLAUSE_END.split(text[: hit.start()])[-1]))


def _kind(text: str, raised: tuple[str, ...]) -> tuple[str | None, float, list[TriageReason]]:
    found = {name: kind.found(text) for name, kind in _phrases().kinds.items()}
    first, second = sorted(found, key=lambda name: -len(found[name]))[:2]
    confidence = len(found[first]) / (len(found[first]) + len(found[second]) + 1)
    if raised and not (_phrases().flags[raised[0]].words_first and confidence >= CONFIDENT):
        kind = _phrases().flags[raised[0]].kind
        return kind, 1.0, [TriageReason(Code.KIND_OF_FLAG, kind, found.get(kind, ()))]
    if confidence < CONFIDENT:
        rivals = tuple(name for name in (first, second) if found[name])
        return None, confidence, [TriageReason(Code.UNDECIDED, "kind", rivals)]
    return first, confidence, [TriageReason(Code.KIND_WORDS, first, found[first])]


def _urgency(text: str, kind: str | None, raised: tuple[str, ...]) -> tuple[int, list[TriageReason]]:
    marks = _phrases().marks
    if raised:
        return 1, []
    usual = _phrases().kinds[kind].urgency if kind else 3
    if question := marks["question"].search(text):
        return 4, [TriageReason(Code.ONLY_A_QUESTION, "urgency", (question[0],))]
    raising = [word for word in marks["raise"].finditer(text) if not _denied(text, word)]
    if usual > 2 and raising:
        return usual - 1, [TriageReason(Code.URGENCY_RAISED, "urgency", (raising[0][0],))]
    return usual, []


def _destination(text: str, kind: str | None, raised: tuple[str, ...]) -> tuple[str, list[TriageReason]]:
    """Red flags, crime, traffic and missing people stay with the police; else the body with most words."""
    if raised or kind in {"theft", "fraud", "violence", "missing", "fire", "traffic", None}:
        return "police", []
    scores = [(len(set(words.findall(text))), code, words) for code, words in _phrases().destinations]
    most, code, words = max(scores, key=lambda score: score[0])
    if most == 0:
        return "police", []
    return code, [TriageReason(Code.DESTINATION_WORDS, code, _distinct(words.findall(text)))]


def _distinct(words: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))
