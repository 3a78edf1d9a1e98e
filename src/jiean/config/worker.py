"""The worker process: jobs and timers by procrastinate, and the sealer of the audit chain."""

from __future__ import annotations

import logging
import os
import threading

import django
from django.db import Error, close_old_connections

CONCURRENCY = 4
NICE = 5
"""Taking reports comes first: where the processor is short, what may follow within seconds gives way to the web process."""
SEAL_EVERY_S = 1.0

log = logging.getLogger(__name__)


def seal_forever(stopping: threading.Event) -> None:
    """Link settled audit entries to the chain, second by second, until told to stop."""
    from jiean.kernel import audit  # noqa: PLC0415 — models load only after django.setup()

    while not stopping.wait(SEAL_EVERY_S):
        try:
            while audit.seal():
                pass
        except Error as error:
            log.warning("the audit sealer waits for the database: %s", type(error).__name__)
        finally:
            close_old_connections()


def main() -> None:
    """Work until TERM; a job in hand has three seconds to end, else the next worker takes it up again."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jiean.config.settings")
    os.nice(NICE)
    django.setup()
    from procrastinate.contrib.django import DjangoApp, app  # noqa: PLC0415

    # An app of its own for fetching jobs: jobs that running jobs enqueue must still join Django's transaction.
    fetcher = DjangoApp(connector=app.connector.get_worker_connector())  # type: ignore[attr-defined]
    fetcher.tasks, fetcher.periodic_registry = app.tasks, app.periodic_registry
    stopping = threading.Event()
    sealer = threading.Thread(target=seal_forever, args=(stopping,), name="sealer", daemon=True)
    sealer.start()
    try:
        fetcher.run_worker(
            concurrency=CONCURRENCY, delete_jobs="successful", shutdown_graceful_timeout=3, fetch_job_polling_interval=1
        )
    finally:
        stopping.set()
        sealer.join(timeout=2)
