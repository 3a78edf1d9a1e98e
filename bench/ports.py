"""A port for a process to listen on, while others ask at it before it listens, or again and again after it died."""

from __future__ import annotations

import random
import socket
from pathlib import Path

_GIVEN_FROM = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LOWEST = 12_000
"""Above those a browser refuses to open."""


def free_port() -> int:
    """One nobody listens on, below those the system gives to connections: who asks in a loop at a closed port of theirs is given, sooner
    or later, that very port as his own, talks to himself, and the process meant for it cannot listen."""
    end = int(_GIVEN_FROM.read_text(encoding="ascii").split()[0]) if _GIVEN_FROM.exists() else 32_768
    while True:
        port = random.randrange(_LOWEST, end)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
