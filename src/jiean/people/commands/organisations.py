"""Bodies the station works with, among them the destinations of referral."""

from __future__ import annotations

from jiean.kernel.access import admit
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.text import clean
from jiean.people.access import Can
from jiean.people.models import Organisation


@command
def keep_organisation(
    actor: Actor, code: str, name: str, kind: Organisation.Kind, *, active: bool = True
) -> Organisation:
    """Add a body or correct the one with this code. Raises Forbidden, Invalid."""
    code = clean(code, 20, field="code", required=True)
    row, _made = Organisation.objects.update_or_create(
        code=code, defaults={"name": clean(name, 60, field="name", required=True), "kind": kind, "active": active}
    )
    return admit(Can.KEEP_ORGANISATIONS, actor, row)
