"""A way told step by step: which street, how far, and which turn leads into it. Codes; the screens hold the words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from jiean.engine.roads.graph import ROUNDABOUT, Roads
from jiean.engine.roads.plane import Floats, to_plane

Leg = tuple[int, float, float, float]
"""An edge driven from one fraction of its length to another, and the seconds of the turn into it."""


class Turn(StrEnum):
    """How a step begins."""

    DEPART = "depart"
    STRAIGHT = "straight"
    SLIGHT_LEFT = "slight_left"
    LEFT = "left"
    SHARP_LEFT = "sharp_left"
    SLIGHT_RIGHT = "slight_right"
    RIGHT = "right"
    SHARP_RIGHT = "sharp_right"
    TURN_BACK = "turn_back"
    ROUNDABOUT = "roundabout"
    LEAVE_ROUNDABOUT = "leave_roundabout"
    ARRIVE = "arrive"


@dataclass(frozen=True)
class Step:
    """One stretch under one name: the turn into it, the street ("" where unnamed), metres and seconds without a siren."""

    turn: Turn
    street: str
    length_m: float
    travel_s: float


_STEPS = ((20.0, Turn.STRAIGHT, Turn.STRAIGHT), (60.0, Turn.SLIGHT_LEFT, Turn.SLIGHT_RIGHT),
          (120.0, Turn.LEFT, Turn.RIGHT), (165.0, Turn.SHARP_LEFT, Turn.SHARP_RIGHT))  # fmt: skip


def turn_of(degrees: float) -> Turn:
    """The word for a change of heading in degrees, left positive, in [-180, 180]."""
    for limit, left, right in _STEPS:
        if abs(degrees) <= limit:
            return left if degrees > 0 else right
    return Turn.TURN_BACK


def steps_of(roads: Roads, legs: Sequence[Leg], lines: Sequence[Floats]) -> tuple[Step, ...]:
    """Legs joined while they keep name and heading; `lines` are their points (k, 2) in driving order, degrees.

    The last step is the arrival, with no length. Source of the angles: this program (no published source).
    """
    steps: list[Step] = []
    before: float | None = None
    round_about = False
    for (edge, begin, end, wait_s), line in zip(legs, lines, strict=True):
        share = abs(end - begin)
        first, last = _headings(line)
        inside = bool(roads.flags[edge] & ROUNDABOUT)
        turn = _turn(before, first, round_about, inside)
        travel_s = float(roads.seconds[edge] * share) + wait_s
        piece = Step(turn, roads.edge_name(edge), float(roads.length_m[edge] * share), travel_s)
        if steps and _goes_on(steps[-1], piece, round_about and inside):
            piece = Step(
                steps[-1].turn,
                steps[-1].street,
                steps[-1].length_m + piece.length_m,
                steps[-1].travel_s + piece.travel_s,
            )
            steps.pop()
        steps.append(piece)
        before, round_about = last if last is not None else before, inside
    return (*steps, Step(Turn.ARRIVE, "", 0.0, 0.0))


def _turn(before: float | None, after: float | None, was_inside: bool, inside: bool) -> Turn:
    if inside and not was_inside:
        return Turn.ROUNDABOUT
    if was_inside and not inside:
        return Turn.LEAVE_ROUNDABOUT
    if before is None or after is None:
        return Turn.DEPART if before is None else Turn.STRAIGHT
    return turn_of((after - before + 180.0) % 360.0 - 180.0)


def _goes_on(step: Step, piece: Step, round_about: bool) -> bool:
    """Whether a driver would be told nothing between the two."""
    calm = piece.turn in {Turn.STRAIGHT, Turn.SLIGHT_LEFT, Turn.SLIGHT_RIGHT, Turn.DEPART}
    return round_about or (calm and piece.street == step.street)


def _headings(line: Floats) -> tuple[float | None, float | None]:
    """Heading in degrees counter-clockwise from east at the begin and the end of a line; None for one without length."""
    moves = np.diff(to_plane(line, (line[0, 0], line[0, 1])), axis=0)
    moves = moves[np.hypot(*moves.T) > 0]
    if not len(moves):
        return None, None
    first, last = np.degrees(np.arctan2(moves[[0, -1], 1], moves[[0, -1], 0]))
    return float(first), float(last)
