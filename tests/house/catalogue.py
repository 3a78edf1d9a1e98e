"""The words people read: found where they are written, and their English. ``python -m tests.house.catalogue`` adds missing lines
to each room's catalogue (with an empty English line to be filled) and compiles all of them."""

from __future__ import annotations

import ast
import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po
from django.template.base import Lexer, TokenType

from tests.house.plan import SOURCE, parsed, python_files, room_of

_CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext"}
_IN_TAG = re.compile(r"""_\(\s*(["'])(.*?)\1\s*\)""")
_TRANSLATE = re.compile(r"""^(?:translate|trans)\s+(["'])(.*?)\1""")
_CHINESE = re.compile("[\u4e00-\u9fff]")


def _in_python(file: Path) -> Iterator[str]:
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in _CALLS:
            for argument in node.args[:2]:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value
                    if not ast.unparse(node.func).startswith("n"):
                        break


def _in_template(file: Path) -> Iterator[str]:
    block: list[str] | None = None
    trimmed = False
    for token in Lexer(file.read_text(encoding="utf-8")).tokenize():
        words = token.contents
        if token.token_type == TokenType.BLOCK:
            if words.startswith(("blocktranslate", "blocktrans")):
                block, trimmed = [], "trimmed" in words.split()
                continue
            if block is not None and words.startswith(("endblocktrans", "plural")):
                text = "".join(block)
                yield " ".join(line.strip() for line in text.splitlines() if line.strip()) if trimmed else text
                block = None if words.startswith("end") else []
                continue
            if found := _TRANSLATE.match(words):
                yield found[2]
        if block is not None:
            block.append(f"%({words.strip()})s" if token.token_type == TokenType.VAR else words.replace("%", "%%"))
        elif token.token_type in (TokenType.BLOCK, TokenType.VAR):
            yield from (found[1] for found in _IN_TAG.findall(words))


def messages(room: str) -> set[str]:
    """Every message id a room writes."""
    found = {words for file in python_files() if room_of(file) == room for words in _in_python(file)}
    for file in (SOURCE / room).rglob("*.html"):
        found |= set(_in_template(file))
    return {words for words in found if words}


def catalogue_file(room: str) -> Path:
    return SOURCE / room / "locale" / "en" / "LC_MESSAGES" / "django.po"


def english(room: str) -> Catalog:
    """The room's English catalogue, empty when there is none."""
    file = catalogue_file(room)
    if not file.exists():
        return Catalog(locale="en")
    with file.open("rb") as lines:
        return read_po(lines, locale="en")


def compiled(room: str) -> Catalog:
    with catalogue_file(room).with_suffix(".mo").open("rb") as packed:
        return read_mo(packed)


def chinese(words: str) -> bool:
    return bool(_CHINESE.search(words))


def every_room() -> list[str]:
    return sorted(
        folder.name for folder in SOURCE.iterdir() if (folder / "__init__.py").exists() and messages(folder.name)
    )


def _refresh(room: str) -> int:
    """Add what is missing, drop what is no longer written, compile; returns how many lines still lack English."""
    before, day = (
        english(room),
        dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    )  # a fixed day: dates would differ on every branch
    fresh = Catalog(
        locale="en", project="Jiean", header_comment=f"# The words of {room}, in English.", fuzzy=False,
        creation_date=day, revision_date=day, last_translator="Jiean", language_team="Jiean",
    )  # fmt: skip
    for words in messages(room):
        known = before.get(words)
        fresh.add(words, known.string if known else "")
    file = catalogue_file(room)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as lines:
        write_po(lines, fresh, width=120, sort_output=True)
    with file.with_suffix(".mo").open("wb") as packed:
        write_mo(packed, fresh)
    return sum(1 for message in fresh if message.id and not message.string)


if __name__ == "__main__":
    for each in every_room():
        print(f"{each}: {_refresh(each)} without English")
