"""Migrations: named by hand, complete, and each room's newest is written down so that two branches collide in git."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from tests.house.plan import SOURCE, imports_of, rooms, shown

WITH_TABLES = [room for room in ["kernel", *rooms()] if (SOURCE / room / "migrations").exists()]


@pytest.mark.django_db
def test_models_and_migrations_agree() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


@pytest.mark.parametrize("room", WITH_TABLES)
def test_the_head_file_names_the_newest(room: str) -> None:
    folder = SOURCE / room / "migrations"
    newest = sorted(file.stem for file in folder.glob("0*.py"))[-1]
    assert (folder / "head.txt").read_text(encoding="ascii").strip() == newest


def test_migrations_are_named_by_hand_and_import_no_room() -> None:
    wrong = []
    for room in WITH_TABLES:
        for file in (SOURCE / room / "migrations").glob("0*.py"):
            if "_auto_" in file.stem or file.stem.endswith("initial"):
                wrong.append(f"{shown(file)} has no name of its own")
            wrong += [
                f"{shown(file)} imports {module}"
                for module, _line in imports_of(file)
                if module.startswith("jiean.") and module.split(".")[1] not in (room, "kernel")
            ]
    assert not wrong
