"""Second factors, moved under the station's current key."""

from __future__ import annotations

from allauth.mfa.models import Authenticator

from jiean.kernel.access import allow
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.vault.access import Can
from jiean.vault.factors import SECRETS, SealedFactors, key_of
from jiean.vault.keys import journal_keys


@command
def reseal_factors(actor: Actor) -> int:
    """Seal secrets kept in clear or under an older key under the current one; return how many. Raises Forbidden, Unavailable."""
    allow(Can.KEEP_KEYS, actor)
    current, adapter = journal_keys().current, SealedFactors()
    moved = 0
    for row in Authenticator.objects.select_for_update(no_key=True).filter(data__has_any_keys=SECRETS):
        old = {name: row.data[name] for name in SECRETS if name in row.data and key_of(row.data[name]) != current}
        if old:
            row.data |= {name: adapter.encrypt(adapter.decrypt(kept)) for name, kept in old.items()}
            row.save(update_fields=["data"])
            moved += 1
    return moved
