"""Where pictures lie: one file each under the media folder, named by chance, written whole before the deed commits."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Collection
from pathlib import Path

from django.conf import settings

FOLDER = "report-photos"
ORPHAN_AGE_S = 24 * 3600
"""A file without a row is what a deed that was taken back left behind; a day is longer than any deed."""


def store(jpeg: bytes) -> str:
    """Write a picture durably and return its name."""
    name = f"{secrets.token_hex(16)}.jpg"
    path = path_of(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as out:
        out.write(jpeg)
        out.flush()
        os.fsync(out.fileno())
    return name


def path_of(name: str) -> Path:
    """The file of a name; folders by its first two signs keep listings short."""
    return Path(settings.MEDIA_ROOT) / FOLDER / name[:2] / name


def orphans(known: Collection[str]) -> list[Path]:
    """Files older than a day that no row knows."""
    before = time.time() - ORPHAN_AGE_S
    folder = Path(settings.MEDIA_ROOT) / FOLDER
    return [path for path in folder.glob("??/*.jpg") if path.name not in known and path.stat().st_mtime < before]


def remove(names: Collection[str]) -> None:
    """Take pictures away; one that is gone already is no error."""
    for name in names:
        path_of(name).unlink(missing_ok=True)
