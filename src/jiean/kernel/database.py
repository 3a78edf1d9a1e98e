"""Whether the database answers, asked beside the pool of connections that may all be dead."""

from __future__ import annotations

import psycopg
from django.db import connection

SOON_S = 2


def answers() -> bool:
    """Ask on a new connection; when it answers, the pool's dead connections are thrown out at once and not met one by one."""
    asked = connection.get_connection_params() | {"connect_timeout": SOON_S}
    try:
        with psycopg.connect(**asked) as one:
            one.execute("SELECT 1")
    except psycopg.Error:
        return False
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
    if pool := getattr(connection, "pool", None):
        pool.check()
    return True
