"""Who may seal, open, look up and erase; what must be shown and said first; and which room says who holds a matter."""

from __future__ import annotations

from collections.abc import Callable, Collection
from enum import StrEnum

from jiean.kernel.access import demand_proof, everywhere, grant, has_proved
from jiean.kernel.actor import Actor, Role
from jiean.kernel.errors import ProveYourself
from jiean.vault.models import MatterKind
from jiean.vault.purposes import Purpose

Holds = Callable[[Actor, int], bool]
_HOLDERS: dict[MatterKind, Holds] = {}


class Can(StrEnum):
    SEAL = "vault.seal"
    OPEN = "vault.open"
    SEE_MASKED = "vault.see_masked"
    LOOK_UP = "vault.look_up"
    FIND_WORDS = "vault.find_words"
    ERASE = "vault.erase"
    HEED = "vault.heed"
    KEEP_KEYS = "vault.keep_keys"


_OPENERS = (Role.COMMANDER, Role.DISPATCHER, Role.OFFICER, Role.SOCIAL_WORKER, Role.MEDIATOR)
_SEALERS = (*_OPENERS, Role.INSPECTOR, Role.LANDLORD, Role.RESIDENT, Role.VOLUNTEER, Role.GUARD, Role.SCHOOL,
            Role.PUBLIC, Role.SYSTEM)  # fmt: skip

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


def register_matter(kind: MatterKind, holds: Holds) -> None:
    """A room says, for its kind of matter, whether an actor holds one. A kind nobody registered opens to nobody."""
    _HOLDERS[kind] = holds


def holds_matter(kind: MatterKind, actor: Actor, matter_id: int) -> bool:
    """Whether the actor holds the matter, as its room says."""
    holds = _HOLDERS.get(kind)
    return holds is not None and holds(actor, matter_id)
