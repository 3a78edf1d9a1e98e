"""Who may seal, open, look up and erase; what must be shown and said first; and which room says who holds a matter."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import Q

from jiean.kernel import clocks
from jiean.kernel.access import demand_proof, everywhere, grant, has_proved
from jiean.kernel.actor import Actor, Role
from jiean.kernel.errors import ProveYourself
from jiean.vault.models import Glass, MatterKind
from jiean.vault.purposes import Purpose

Holds = Callable[[Actor, int], bool]


@dataclass(frozen=True, slots=True)
class Told:
    """A matter as its room tells it to somebody who broke the glass: lines of label and words, and its sealed records."""

    lines: tuple[tuple[Any, str], ...]
    record_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Matters:
    """What a room says of its kind of matter: who holds one, whether it is worked on, which has a number, and what one tells."""

    holds: Holds
    is_live: Callable[[int], bool] = lambda matter_id: False
    find: Callable[[str], int | None] = lambda number: None
    tell: Callable[[int], Told | None] = lambda matter_id: None


_MATTERS: dict[MatterKind, Matters] = {}


class Can(StrEnum):
    SEAL = "vault.seal"
    OPEN = "vault.open"
    SEE_MASKED = "vault.see_masked"
    LOOK_UP = "vault.look_up"
    FIND_WORDS = "vault.find_words"
    ERASE = "vault.erase"
    HEED = "vault.heed"
    KEEP_KEYS = "vault.keep_keys"
    ANSWER_LOOK_UPS = "vault.answer_look_ups"
    BREAK_GLASS = "vault.break_glass"
    SEE_GLASS = "vault.see_glass"
    REVIEW_GLASS = "vault.review_glass"
    SHOUT = "vault.shout"


def of_others(actor: Actor) -> Q:
    """What somebody else did: nobody answers or reviews their own."""
    return ~Q(account_id=actor.account_id)


def own_glass(actor: Actor) -> Q:
    """What the actor opened and is open still."""
    return Q(account_id=actor.account_id, until__gt=clocks.now())


_OPENERS = (Role.COMMANDER, Role.DISPATCHER, Role.OFFICER, Role.SOCIAL_WORKER, Role.MEDIATOR)
_SEALERS = (*_OPENERS, Role.INSPECTOR, Role.LANDLORD, Role.RESIDENT, Role.VOLUNTEER, Role.GUARD, Role.SCHOOL,
            Role.PUBLIC, Role.SYSTEM)  # fmt: skip
_RESCUERS = (Role.COMMANDER, Role.DISPATCHER, Role.OFFICER, Role.SOCIAL_WORKER)
"""Roles that may say a life is in danger; the same that may open for an emergency."""

grant(
    {
        Can.SEAL: dict.fromkeys(_SEALERS, everywhere),
        Can.OPEN: dict.fromkeys((*_OPENERS, Role.SYSTEM), everywhere),
        Can.SEE_MASKED: dict.fromkeys((*_OPENERS, Role.AUDITOR, Role.SYSTEM), everywhere),
        Can.LOOK_UP: dict.fromkeys((Role.COMMANDER, Role.DISPATCHER, Role.OFFICER, Role.SYSTEM), everywhere),
        Can.FIND_WORDS: dict.fromkeys((*_OPENERS, Role.SYSTEM), everywhere),
        Can.ERASE: {Role.SYSTEM: everywhere},
        Can.HEED: dict.fromkeys((Role.COMMANDER, Role.DISPATCHER, Role.AUDITOR, Role.SYSTEM), everywhere),
        Can.KEEP_KEYS: {Role.SYSTEM: everywhere},
        Can.ANSWER_LOOK_UPS: {Role.COMMANDER: of_others},
        Can.BREAK_GLASS: dict.fromkeys(_RESCUERS, own_glass),
        Can.SEE_GLASS: dict.fromkeys((Role.COMMANDER, Role.AUDITOR), everywhere),
        Can.REVIEW_GLASS: {Role.AUDITOR: of_others},
        Can.SHOUT: {Role.SYSTEM: everywhere},
    }
)

PURPOSES: dict[Role, frozenset[Purpose]] = {
    Role.COMMANDER: frozenset({Purpose.EMERGENCY, Purpose.DISPATCH, Purpose.DISPUTE, Purpose.LEGAL, Purpose.RIGHTS}),
    Role.DISPATCHER: frozenset({Purpose.EMERGENCY, Purpose.DISPATCH}),
    Role.OFFICER: frozenset(
        {
            Purpose.EMERGENCY,
            Purpose.DISPATCH,
            Purpose.DISPUTE,
            Purpose.INSPECTION,
            Purpose.TENANCY,
            Purpose.SCHOOL,
            Purpose.LEGAL,
        }
    ),
    Role.SOCIAL_WORKER: frozenset({Purpose.EMERGENCY, Purpose.DISPUTE, Purpose.TENANCY}),
    Role.MEDIATOR: frozenset({Purpose.DISPUTE}),
    Role.AUDITOR: frozenset({Purpose.AUDIT, Purpose.RIGHTS}),
    Role.SYSTEM: frozenset({Purpose.RIGHTS}),
}
"""The purposes a role may name at all; whether it holds the matter is asked besides."""


def may_look(actor: Actor) -> bool:
    """Whether a sensitive look is open to the actor now: a fresh second factor, and a purpose of the role said with it."""
    return has_proved(actor) and (actor.role == Role.SYSTEM or actor.purpose in PURPOSES.get(actor.role, ()))


def stated_purpose(actor: Actor, accepted: Collection[Purpose] = tuple(Purpose)) -> Purpose:
    """What for the actor looks, before a closed matter is read, something exported or somebody looked up.

    The one rule of TRUST, section 6: the second factor within five minutes and a purpose of the role's list. Raises ProveYourself.
    """
    demand_proof(actor)
    if actor.role == Role.SYSTEM:
        return Purpose.RIGHTS
    if actor.purpose not in PURPOSES.get(actor.role, frozenset()) & set(accepted):
        raise ProveYourself
    return Purpose(actor.purpose)


def register_matter(kind: MatterKind, holds: Holds, **more: Any) -> None:
    """A room says, for its kind of matter, whether an actor holds one. A kind nobody registered opens to nobody."""
    _MATTERS[kind] = Matters(holds, **more)


def kinds_with_numbers() -> list[MatterKind]:
    """The kinds of matters some room can find by number."""
    return sorted(_MATTERS, key=list(MatterKind).index)


def matter_of_number(kind: MatterKind, number: str) -> int | None:
    """The matter of a number, whoever asks; None where there is none."""
    matters = _MATTERS.get(kind)
    return matters.find(number) if matters else None


def told_of(kind: MatterKind, matter_id: int) -> Told | None:
    """What a matter tells, whoever asks: for a glass that is broken, and nothing else."""
    matters = _MATTERS.get(kind)
    return matters.tell(matter_id) if matters else None


def holds_matter(kind: MatterKind, actor: Actor, matter_id: int) -> bool:
    """Whether the actor holds the matter, as its room says."""
    matters = _MATTERS.get(kind)
    return matters is not None and matters.holds(actor, matter_id)


def is_live(kind: MatterKind, matter_id: int) -> bool:
    """Whether the matter is worked on now: those who hold it reach its people without proving themselves again (TRUST, section 5)."""
    matters = _MATTERS.get(kind)
    return matters is not None and matters.is_live(matter_id)


def broke_glass(kind: MatterKind, actor: Actor, matter_id: int) -> bool:
    """Whether the actor broke the glass of this matter and the hour is not over."""
    mine = Glass.objects.filter(own_glass(actor), matter_kind=kind, matter_id=matter_id)
    return actor.role in _RESCUERS and mine.exists()
