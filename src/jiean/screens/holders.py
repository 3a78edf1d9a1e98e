"""Who answers for a cell, as pages show it."""

from dataclasses import dataclass

from django.utils.functional import Promise

from jiean.people.queries import who_answers


@dataclass(frozen=True)
class Holder:
    """One person on duty for a cell: their name, what they are there, and their work telephone."""

    account_id: int
    name: str
    kind_word: str | Promise
    cover: bool
    phone: str


def holders_of(cell_id: int | None) -> list[Holder]:
    """Who answers for the cell now; nobody where there is no cell."""
    if cell_id is None:
        return []
    return [Holder(one.account_id, one.name, one.kind.label, one.cover, one.phone) for one in who_answers(cell_id)]
