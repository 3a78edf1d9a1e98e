"""One Chinese term has one English name: every model and state stands in the glossary."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.db.models import TextChoices

from tests.house.plan import ROOT


def terms() -> Iterator[tuple[str, str]]:
    """Each model's and each state's Chinese name, with where it comes from."""
    for model in apps.get_models():
        if not model.__module__.startswith("jiean."):
            continue
        yield str(model._meta.verbose_name), model.__name__
        states = getattr(model, "State", None)
        if isinstance(states, type) and issubclass(states, TextChoices):
            for state in states:
                yield str(state.label), f"{model.__name__}.{state.name}"


def test_every_model_and_state_stands_in_the_glossary() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    assert not [f"{words} ({name})" for words, name in terms() if f"| {words} |" not in glossary]
