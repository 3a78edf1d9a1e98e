"""Whom to propose as mediator: everybody ranked by what the choice costs, with codes for the reasons.

The rule is additive so that a person can check it by hand: the way in kilometres plus stated penalties. It is a heuristic
of this program (no published source), and every penalty is a parameter. Nothing here judges a mediator: the cost belongs to
one dispute at one moment and is stored nowhere. The words for the codes stand in the room that shows them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf, isfinite


class Reason(StrEnum):
    """Why somebody stands where they stand; `Finding.value` is in the unit named."""

    CHOSEN = "chosen"  # number of parties that chose them
    DIALECT = "dialect"  # number of parties whose wished speech they speak
    DIALECT_MISSING = "dialect_missing"  # number of parties whose wished speech they do not speak
    HOME = "home"  # number of parties who wished for somebody from their home, and get it
    TRADE = "trade"  # 0
    TRADE_MISSING = "trade_missing"  # 0
    CERTIFICATE = "certificate"  # number of certificates in date
    CERTIFICATE_LAPSED = "certificate_lapsed"  # days since the last one lapsed
    NO_CERTIFICATE = "no_certificate"  # 0
    DISTANCE = "distance"  # metres, straight
    NO_PLACE = "no_place"  # 0: the dispute's place or theirs is not known
    LOAD = "load"  # cases at hand
    UNREGISTERED = "unregistered"  # 0: may mediate, but the register says nothing of them


class Bar(StrEnum):
    """What keeps somebody from being proposed."""

    RECUSED = "recused"  # they said that they stand back from this dispute
    REFUSED = "refused"  # a party of this dispute refused them
    LAPSED = "lapsed"  # their appointment is over
    STRUCK = "struck"  # no longer in the register
    AWAY = "away"  # on leave now
    FULL = "full"  # as many cases as they take at once


@dataclass(frozen=True)
class Finding:
    """One reason with its number."""

    code: Reason
    value: float = 0.0


@dataclass(frozen=True)
class Wish:
    """What one party asked for, by codes; empty where nothing was asked."""

    dialect: str = ""
    home: str = ""


@dataclass(frozen=True)
class Matter:
    """The dispute as far as the choice goes: its kind's code, what parties wished for."""

    kind: str
    wishes: tuple[Wish, ...] = ()


@dataclass(frozen=True)
class Candidate:
    """What is known of one mediator now. `distance_m` is None where either place is unknown; certificates are days left, inf for ever."""

    mediator_id: int
    load: int
    most: int = 8
    dialects: frozenset[str] = frozenset()
    home: str = ""
    kinds: frozenset[str] = frozenset()
    certificates: tuple[float, ...] = ()
    distance_m: float | None = None
    chosen_by: int = 0
    registered: bool = True
    bars: tuple[Bar, ...] = ()

    def __post_init__(self) -> None:
        if self.load < 0 or self.most < 1 or self.chosen_by < 0:
            raise MediatorsError(f"Mediator {self.mediator_id}: load, most or chosen_by is out of range.")
        if self.distance_m is not None and not (isfinite(self.distance_m) and self.distance_m >= 0):
            raise MediatorsError(f"Mediator {self.mediator_id}: distance_m is {self.distance_m}.")


class MediatorsError(ValueError):
    """A candidate or a parameter that cannot be; the message names it."""


@dataclass(frozen=True)
class Weights:
    """What each want costs, in kilometres of way that would be as bad."""

    dialect_missing: float = 20.0  # for each party whose wish is not met
    home: float = 4.0  # taken off for each party who gets somebody from home
    trade_missing: float = 10.0
    no_certificate: float = 6.0
    no_place: float = 5.0
    load: float = 8.0  # for one whose hands are full; in proportion below
    unregistered: float = 15.0
    chosen: float = 40.0  # taken off for each party that chose them

    def __post_init__(self) -> None:
        wrong = [name for name, value in vars(self).items() if not (isfinite(value) and value >= 0)]
        if wrong:
            raise MediatorsError(f"Weights must be finite and not negative: {', '.join(wrong)}.")


@dataclass(frozen=True)
class Ranked:
    """One mediator's place in the list; `cost` is None for one who is barred, and `bars` says why."""

    mediator_id: int
    cost: float | None
    findings: tuple[Finding, ...]
    bars: tuple[Bar, ...] = field(default=())


def rank(candidates: Iterable[Candidate], matter: Matter, weights: Weights = Weights()) -> list[Ranked]:
    """Everybody, the best first, those who cannot be taken last with the reason; ties by load, then by id."""
    judged = [(_judged(one, matter, weights), one.load) for one in candidates]
    judged.sort(key=lambda pair: (_order(pair[0].cost), pair[1], pair[0].mediator_id))
    return [ranked for ranked, _load in judged]


def _order(cost: float | None) -> float:
    return inf if cost is None else cost


def _judged(one: Candidate, matter: Matter, weights: Weights) -> Ranked:
    pairs = [*_chosen(one, weights), *_speech(one, matter, weights), *_fitness(one, matter, weights)]
    pairs += [*_way(one, weights), *_load(one, weights)]
    findings = tuple(finding for finding, _cost in pairs)
    bars = (*one.bars, Bar.FULL) if one.load >= one.most and Bar.FULL not in one.bars else one.bars
    return Ranked(one.mediator_id, None if bars else sum(cost for _finding, cost in pairs), findings, bars)


Costs = list[tuple[Finding, float]]


def _chosen(one: Candidate, weights: Weights) -> Costs:
    return [(Finding(Reason.CHOSEN, one.chosen_by), -weights.chosen * one.chosen_by)] if one.chosen_by else []


def _speech(one: Candidate, matter: Matter, weights: Weights) -> Costs:
    wished = [wish.dialect for wish in matter.wishes if wish.dialect]
    met = sum(speech in one.dialects for speech in wished)
    homes = sum(bool(wish.home) and wish.home == one.home for wish in matter.wishes)
    found: Costs = [(Finding(Reason.DIALECT, met), 0.0)] if met else []
    if missing := len(wished) - met:
        found.append((Finding(Reason.DIALECT_MISSING, missing), weights.dialect_missing * missing))
    if homes:
        found.append((Finding(Reason.HOME, homes), -weights.home * homes))
    return found


def _fitness(one: Candidate, matter: Matter, weights: Weights) -> Costs:
    if not one.registered:
        return [(Finding(Reason.UNREGISTERED), weights.unregistered)]
    fits = matter.kind in one.kinds
    trade = (Finding(Reason.TRADE), 0.0) if fits else (Finding(Reason.TRADE_MISSING), weights.trade_missing)
    return [trade, _certificate(one, weights)]


def _certificate(one: Candidate, weights: Weights) -> tuple[Finding, float]:
    valid = sum(days >= 0 for days in one.certificates)
    if valid:
        return Finding(Reason.CERTIFICATE, valid), 0.0
    if one.certificates:
        return Finding(Reason.CERTIFICATE_LAPSED, -max(one.certificates)), weights.no_certificate
    return Finding(Reason.NO_CERTIFICATE), weights.no_certificate


def _way(one: Candidate, weights: Weights) -> Costs:
    if one.distance_m is None:
        return [(Finding(Reason.NO_PLACE), weights.no_place)]
    return [(Finding(Reason.DISTANCE, one.distance_m), one.distance_m / 1000)]


def _load(one: Candidate, weights: Weights) -> Costs:
    return [(Finding(Reason.LOAD, one.load), weights.load * min(one.load / one.most, 1.0))]
