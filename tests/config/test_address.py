"""One address of the database for everybody who reads it: a socket, one server, or several of which one is the leader."""

from __future__ import annotations

import os

import pytest

from jiean.config import address
from jiean.config.database import connect, faults, in_clear
from jiean.config.settings import database


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("postgresql:///jiean", "", ""),
        ("postgresql://jiean_app@/jiean?host=/srv/one%20run", "/srv/one run", ""),
        ("postgresql://a:b@db.local:5433/jiean", "db.local", "5433"),
        ("postgresql://a:b@[::1]:5433/jiean", "::1", "5433"),
        ("postgresql://a:b@one:5432,two:5433,[fd00::3]:5434/jiean", "one,two,fd00::3", "5432,5433,5434"),
        ("postgresql://a:b@/jiean?host=one,two&port=1,2", "one,two", "1,2"),
    ],
)
def test_every_way_of_naming_servers(url: str, host: str, port: str) -> None:
    found = address.read(url)
    assert (found.name, found.host, found.port) == ("jiean", host, port)


def test_passwords_with_signs_and_words_for_libpq_arrive() -> None:
    url = "postgresql://jiean_app:p%40ss%2Fw%3Ard@one:1,two:2/jiean?target_session_attrs=read-write&sslmode=verify-full"
    found = address.read(url)
    assert (found.user, found.password) == ("jiean_app", "p@ss/w:rd")
    asked = database(url)
    assert (asked["HOST"], asked["PORT"], asked["PASSWORD"]) == ("one,two", "1,2", "p@ss/w:rd")
    assert asked["OPTIONS"]["target_session_attrs"] == "read-write" and asked["OPTIONS"]["sslmode"] == "verify-full"


@pytest.mark.parametrize(
    ("server", "sealed", "read_along"),
    [("", False, False), ("127.0.0.1", False, False), ("::1", False, False), ("10.0.0.5", True, False), ("10.0.0.5", False, True),
     ("fe80::1%eth0", False, True)],
)  # fmt: skip
def test_a_line_in_clear_over_a_network_is_seen(server: str, sealed: bool, read_along: bool) -> None:
    assert in_clear(server, sealed) is read_along


def test_the_line_to_this_machines_own_server_is_none() -> None:
    with connect(os.environ["DATABASE_URL"]) as db:
        assert not in_clear(db.info.hostaddr, db.pgconn.ssl_in_use)
    assert not [fault for fault in faults(os.environ["DATABASE_URL"]) if "clear text" in fault]
