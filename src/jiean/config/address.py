"""Where the database is: one ``DATABASE_URL``, read the same way by the station and by whoever looks at its database from outside."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of a database's address. ``host`` and ``port`` may name several servers, separated by commas, as libpq has them."""

    name: str
    user: str
    password: str
    host: str
    port: str
    options: dict[str, str] = field(default_factory=dict)
    """Words libpq knows: ``sslmode``, ``target_session_attrs`` and the like."""


def read(url: str) -> Address:
    """``postgresql://user:password@one:5432,two:5433/name?option=value``; a socket folder, or anything else, as ``?host=``."""
    rest, _mark, query = url.partition("://")[2].partition("?")  # urllib refuses several servers where one is IPv6
    servers_part, _slash, name = rest.partition("/")
    options = dict(parse_qsl(query))
    who, _at, where = servers_part.rpartition("@")
    user, _colon, password = who.partition(":")
    servers = [_split(server) for server in where.split(",")]
    host = options.pop("host", "") or ",".join(unquote(name) for name, _port in servers)
    port = options.pop("port", "") or ",".join(number for _name, number in servers)
    return Address(
        unquote(name),
        unquote(user),
        unquote(password),
        host,
        port if port.strip(",") else "",
        options,
    )


def _split(server: str) -> tuple[str, str]:
    """Name and port of one server; an address of IPv6 stands in brackets."""
    end = server.find("]")
    name, _colon, port = server[end + 1 :].partition(":")
    return (server[1:end] if end > 0 else name), port
