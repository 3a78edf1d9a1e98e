"""A station on a small disk of its own that fills up and is given room again; prints what it saw as JSON.

``test_full_disk`` runs it in a mount namespace of its own, so that the disk is gone with it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import django
import psycopg
from django.core.management import call_command

from jiean.config.embedded import OWNER, Embedded, ServerError
from tests.patience import eventually

DISK_MB = 420
LITTLE = 256 * 1024
"""Room for the journal, not for a database to recover."""


def station(place: Path) -> Embedded:
    """A disk, a database on it and a program that uses both."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m,mode=755", "none", str(place)], check=True)
    server = Embedded(place / "data")
    server.start()
    os.environ |= {
        "DATABASE_URL": server.url(OWNER), "JIEAN_DATA_DIR": str(server.home), "JIEAN_SECRET_KEY": "k" * 40,
        "JIEAN_ALLOWED_HOSTS": "testserver", "JIEAN_STATION_KEY_FILE": str(server.home / "station.key"),
        "DJANGO_SETTINGS_MODULE": "jiean.config.settings",
    }  # fmt: skip
    django.setup()
    call_command("migrate", verbosity=0)
    from jiean.vault.keys import make_station_keys  # noqa: PLC0415 — settings load only after django.setup()

    make_station_keys(server.home / "station.key")
    return server


def fill(disk: Path) -> Path:
    """Take all room there is left."""
    ballast = disk / "ballast"
    with ballast.open("ab", buffering=0) as out:
        for size in (2**20, 4096):
            try:
                while True:
                    out.write(bytes(size))
            except OSError:
                continue
    return ballast


def press(server: Embedded) -> None:
    """Write to the database until its disk takes no more and it goes down."""
    try:
        with psycopg.connect(server.url(OWNER), autocommit=True) as db:
            for _time in range(DISK_MB):
                db.execute("SELECT pg_logical_emit_message(false, 'full', repeat('x', 1048576), true)")
    except psycopg.OperationalError:
        return
    raise SystemExit("the disk did not fill up")


def report(number: int) -> tuple[int, dict[str, Any]]:
    """Tell the station something by its API; the status and what was answered."""
    from django.test import Client  # noqa: PLC0415 — settings load only after django.setup()

    told = {"text": f"三号楼前消防栓漏水 {number}", "place_words": "三号楼前"}
    key = {"Idempotency-Key": f"full-{number}"}
    sent = Client(raise_request_exception=False).post(
        "/api/v1/reports", told, content_type="application/json", headers=key
    )
    return sent.status_code, sent.json()


def answers(server: Embedded) -> bool:
    """Whether the database is there once more; started as the supervisor starts it, whenever it is gone."""
    with suppress(ServerError, psycopg.OperationalError):
        server.start()
        with psycopg.connect(server.url(OWNER)) as db:
            return db.execute("SELECT 1").fetchone() == (1,)
    return False


def entered_all() -> bool:
    """Whether the journal is empty; entered as the worker does, again where a connection of before breaks under it."""
    from django.db import OperationalError  # noqa: PLC0415

    from jiean.intake import away, journal  # noqa: PLC0415

    with suppress(OperationalError):
        away.drain()
    return journal.state() == (0, 0)


def main(place: Path) -> dict[str, Any]:
    """The station's way from an empty disk to a full one and back."""
    server = station(place)
    try:
        return told(server, place)
    finally:
        server.stop()


def told(server: Embedded, place: Path) -> dict[str, Any]:
    """Before, full, with a little room, with room again."""
    from jiean.intake import journal  # noqa: PLC0415
    from jiean.intake.models import Report  # noqa: PLC0415

    seen: dict[str, Any] = {"before": report(1)[0]}
    ballast = fill(place)
    press(server)
    eventually(server.is_gone, within_s=120)
    fill(place)
    seen["full"], words = report(2)
    seen["says"] = words.get("detail", "")
    os.truncate(ballast, ballast.stat().st_size - LITTLE)
    seen["little"] = [report(number)[0] for number in (3, 4)]
    ballast.unlink()
    eventually(lambda: answers(server), within_s=120)
    journal._away_until = 0.0
    eventually(entered_all)
    seen["after"] = [report(number)[0] for number in (2, 3, 5)]
    seen["held"] = sorted(int(text.rpartition(" ")[2]) for text in Report.objects.values_list("text", flat=True))
    seen["waiting"] = journal.state()
    return seen


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1])), ensure_ascii=False))
