"""A save that came second: what the person set beside what stands now, for ``design/_clash.html``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Model
from django.forms import BaseForm, BoundField
from django.utils.functional import Promise

Filled = TypeVar("Filled", bound=BaseForm)


@dataclass(frozen=True, slots=True)
class Difference:
    """One line of the comparison; ``mine`` is empty for what the person did not set."""

    label: str | Promise
    mine: str
    now: str


def side_by_side(row: Model, form: BaseForm | None = None, *, also: Iterable[str] = ("state",)) -> list[Difference]:
    """What ``form`` would have saved, beside ``row`` as it stands, where they differ; then the row's fields named in ``also``."""
    asked = [_difference(bound, row) for bound in form.visible_fields()] if form is not None else []
    known = {field.name: field for field in row._meta.fields}
    told = [Difference(known[name].verbose_name, "", _stands(row, name)) for name in also if name in known]
    return [line for line in asked if line.mine != line.now] + told


def _difference(bound: BoundField, row: Model) -> Difference:
    words = _choices(bound)
    value = bound.value()
    mine = "" if value is None or isinstance(value, list) else str(value)
    return Difference(bound.label, words.get(mine, mine), _stands(row, bound.name, words))


def _choices(bound: BoundField) -> dict[str, str]:
    choices: Any = getattr(bound.field.widget, "choices", ())
    return {str(value): str(words) for value, words in choices}


def _stands(row: Model, name: str, words: dict[str, str] | None = None) -> str:
    if hasattr(row, f"get_{name}_display"):
        return str(getattr(row, f"get_{name}_display")())
    value = row.__dict__.get(name)  # loaded columns only: a refusal asks the database nothing
    said = "" if value is None else str(value)
    return (words or {}).get(said, said)


def retyped(form: Filled, version: int) -> Filled:
    """The same form with the same words, now on the version that stands: the person looks and saves once more."""
    data: Any = form.data
    form.data = data.copy()  # what a browser sent cannot be changed in place
    form.data[form.add_prefix("version")] = str(version)  # type: ignore[index]
    form.full_clean()
    return form
