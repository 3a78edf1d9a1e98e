"""``jiean keys``: check the station's key file, rotate its key, split it for two people, join the parts again."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path

import django

from jiean.config.start import say

DEEDS = {
    "check": "can the file be used, by its owner alone, and what is still under older keys or in clear",
    "rotate": "add a new key and move every matter and second factor under it",
    "rewrap": "go on with a rotation that was interrupted",
    "split": "write two parts for two people: --part A --part B",
    "join": "make the file again from both parts: --part A --part B",
}


def words(parser: argparse.ArgumentParser) -> None:
    """The command's own words."""
    parser.add_argument("deed", choices=list(DEEDS), help="; ".join(f"{deed}: {told}" for deed, told in DEEDS.items()))
    parser.add_argument("--part", type=Path, action="append", default=[], help="a part's file; give it twice")


def needs_database(asked: argparse.Namespace) -> bool:
    """Splitting and joining touch files alone: a lost key is brought back before the station starts."""
    return asked.deed not in ("split", "join")


def run(asked: argparse.Namespace) -> int:
    """Do one of the deeds. One line and exit code 1 when it cannot be done."""
    django.setup()
    from jiean.vault.keys import KeyUnavailable, key_file  # noqa: PLC0415 — settings load only after django.setup()
    from jiean.vault.parts import BadPart  # noqa: PLC0415

    if asked.deed in ("split", "join") and len(asked.part) != 2:
        say("give two files: --part A --part B")
        return 2
    deeds: dict[str, Callable[[Path, list[Path]], None]] = {
        "check": _check, "rotate": _rotate, "rewrap": _rewrap, "split": _split, "join": _join,
    }  # fmt: skip
    try:
        deeds[asked.deed](key_file(), asked.part)
    except (KeyUnavailable, BadPart) as wrong:
        say(f"refused: {wrong}")
        return 1
    except OSError as error:
        say(f"refused: {error.filename or key_file()}: {error.strerror}")
        return 1
    return 0


def _check(file: Path, _parts: list[Path]) -> None:
    from django.db.models import Count  # noqa: PLC0415

    from jiean.vault.keys import station_keys  # noqa: PLC0415
    from jiean.vault.models import MatterKey  # noqa: PLC0415
    from jiean.vault.queries import sealed_factors  # noqa: PLC0415

    keys = station_keys()
    held = dict(MatterKey.objects.values_list("key_id").annotate(n=Count("pk")).order_by())
    say(f"{file}: current {keys.current}, holds {', '.join(sorted(keys.wrapping))}")
    for name, number in sorted(held.items()):
        say(
            f"{number} matters under {name}"
            + ("" if name in keys.wrapping else ": NOT IN THE FILE, they cannot be read")
        )
    for name, number in sorted(sealed_factors().items()):
        say(f"{number} second factors " + (f"under {name}" if name else "in clear: jiean keys rewrap seals them"))


def _rotate(file: Path, parts: list[Path]) -> None:
    from jiean.vault.keys import add_wrapping_key, station_keys  # noqa: PLC0415

    station_keys()
    say(f"new key {add_wrapping_key(file)}; split and store the file again: older copies do not hold it")
    _rewrap(file, parts)


def _rewrap(_file: Path, _parts: list[Path]) -> None:
    from jiean.kernel.actor import Actor  # noqa: PLC0415
    from jiean.vault.commands import reseal_factors, rewrap_keys  # noqa: PLC0415
    from jiean.vault.keys import station_keys  # noqa: PLC0415

    total = 0
    while moved := rewrap_keys(Actor.system()):
        total += moved
    say(f"{reseal_factors(Actor.system())} second factors sealed under {station_keys().current}")
    say(f"{total} matters moved under {station_keys().current}; older keys stay in the file for older backups")


def _split(file: Path, parts: list[Path]) -> None:
    from jiean.vault.keys import station_keys  # noqa: PLC0415
    from jiean.vault.parts import split, write  # noqa: PLC0415

    station_keys()
    for path, part in zip(parts, split(file.read_bytes()), strict=True):
        write(path, part)
        say(f"{path}: part {part['part']} of pair {part['pair']}; give it to one person, the other part to another")


def _join(file: Path, parts: list[Path]) -> None:
    from jiean.vault.keys import station_keys  # noqa: PLC0415
    from jiean.vault.parts import join  # noqa: PLC0415

    whole = join(parts)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # a file that is there is never replaced
    with os.fdopen(handle, "wb") as out:
        out.write(whole)
        out.flush()
        os.fsync(out.fileno())
    say(f"{file} is back, current key {station_keys().current}")
