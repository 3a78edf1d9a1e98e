"""The data folder: who holds it, its secrets, and whether it can be used at all."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

FORMAT = "1"
UNFINISHED = "restoring"
"""Stands in the folder while a backup comes back: until what was erased is erased again, no station may open here."""
WARN_BELOW_BYTES = 300 * 1024 * 1024


class StartError(Exception):
    """The station cannot start; the message is one line for the person at the keyboard."""


def default_folder() -> Path:
    """The platform's place for such data; root's own home is closed to the database's user, so root uses /var/lib."""
    if chosen := os.environ.get("JIEAN_DATA_DIR"):
        return Path(chosen)
    if os.geteuid() == 0:
        return Path("/var/lib/jiean")
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "jiean"


@dataclass
class Folder:
    """One station's data folder. ``hold`` keeps it until the process ends."""

    path: Path
    _lock: IO[str] | None = field(default=None, repr=False)

    def hold(self, what: str, port: int) -> None:
        """Make the folder if need be, check it can be used, and keep it. Raises StartError."""
        self._make()
        lock = (self.path / "jiean.lock").open("a+", encoding="utf-8")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise StartError(f"{self.path} is in use by {_holder(lock.read())}") from None
        lock.truncate(0)
        lock.write(json.dumps({"what": what, "pid": os.getpid(), "port": port}))
        lock.flush()
        self._lock = lock
        if what != "jiean restore" and (self.path / UNFINISHED).exists():
            raise StartError(f"a restore into {self.path} did not end: run `jiean restore` again")

    def reset(self) -> None:
        """Throw everything in the folder away but the lock we hold."""
        for entry in self.path.iterdir():
            if entry.name in ("jiean.lock", "postgres.lock"):
                continue
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()

    def secret(self, name: str) -> str:
        """A secret made once and kept in a file only we can read."""
        file = self.path / f"{name}.secret"
        if not file.exists():
            scratch = file.with_suffix(".new")
            scratch.touch(mode=0o600)
            scratch.write_text(secrets.token_urlsafe(48), encoding="ascii")
            scratch.rename(file)
        return file.read_text(encoding="ascii")

    def _make(self) -> None:
        mark = self.path / "format"
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            found = mark.read_text(encoding="ascii").strip() if mark.exists() else None
            self._look_for_room(is_new=found is None)
            if found is None:
                mark.write_text(FORMAT, encoding="ascii")
        except OSError as error:
            raise StartError(f"cannot write to {self.path}: {error.strerror}") from None
        if found not in (None, FORMAT):
            raise StartError(
                f"{self.path} holds data of format {found}, this version reads format {FORMAT}: choose another --data-dir"
            )

    def _look_for_room(self, *, is_new: bool) -> None:
        """A new station wants room; one that has been open takes reports for as long as it can, and says how it stands."""
        if shutil.disk_usage(self.path).free >= WARN_BELOW_BYTES:
            return
        words = f"less than {WARN_BELOW_BYTES // 2**20} MB free for {self.path}"
        if is_new:
            raise StartError(words)
        print(f"jiean: {words}: make room soon", file=sys.stderr, flush=True)


def _holder(words: str) -> str:
    try:
        held: dict[str, Any] = json.loads(words)
    except ValueError:
        return "another process"
    return f"{held.get('what')} (process {held.get('pid')}), on port {held.get('port')}"
