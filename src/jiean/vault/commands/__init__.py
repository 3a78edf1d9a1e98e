"""Every deed of the vault, split by noun."""

from jiean.vault.commands.apart import forget_records, set_apart
from jiean.vault.commands.factors import reseal_factors
from jiean.vault.commands.glass import break_glass, review_glass, shout_unreviewed, tell_glass
from jiean.vault.commands.lookups import answer_look_ups, look_up, look_up_end, look_up_named
from jiean.vault.commands.records import (
    NEXT_RECORD,
    digest_ends,
    drop_record,
    erase_matter,
    forget_words,
    keep_words,
    open_record,
    rewrap_keys,
    seal,
    seal_first,
    take_back,
    take_over,
)
from jiean.vault.keys import journal_keys

__all__ = [
    "NEXT_RECORD",
    "answer_look_ups",
    "break_glass",
    "digest_ends",
    "drop_record",
    "erase_matter",
    "forget_records",
    "forget_words",
    "journal_keys",
    "keep_words",
    "look_up",
    "look_up_end",
    "look_up_named",
    "open_record",
    "reseal_factors",
    "review_glass",
    "rewrap_keys",
    "seal",
    "seal_first",
    "set_apart",
    "shout_unreviewed",
    "take_back",
    "take_over",
    "tell_glass",
]
