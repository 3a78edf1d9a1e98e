"""Static files gathered into the data folder under hashed names, so that browsers keep them for good and no old script meets a new page.

Without a gathered set (tests, tools) the files are served as they lie in the package.
"""

from __future__ import annotations

import hashlib
import shutil
from importlib.metadata import version
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
MANIFEST = "staticfiles.json"
STAMP = "gathered-from"
OTHERS = ("django-allauth", "whitenoise")
"""Packages that bring static files, or decide how they are gathered."""


def stamp() -> str:
    """What the files were gathered from: names, sizes and times of ours, versions of the others'."""
    said = [f"{name} {version(name)}" for name in OTHERS]
    for file in sorted(PACKAGE.glob("*/static/**/*")):
        if file.is_file():
            state = file.stat()
            said.append(f"{file.relative_to(PACKAGE)} {state.st_size} {state.st_mtime_ns}")
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


def is_gathered(folder: Path) -> bool:
    """Whether the folder holds a whole set made from the files as they are now."""
    try:
        return (folder / MANIFEST).exists() and (folder / STAMP).read_text(encoding="ascii") == stamp()
    except OSError:
        return False


def make_room(folder: Path) -> None:
    """Throw an older set away: without its manifest it is not used, however far this gets."""
    (folder / MANIFEST).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)


def keep_stamp(folder: Path) -> None:
    """Say what the set was made from, once it is whole."""
    (folder / STAMP).write_text(stamp(), encoding="ascii")
