"""The office's commands that need the rooms: accounts, news, grants, the audit."""

from __future__ import annotations

import getpass
import sys
from importlib import import_module
from pathlib import Path

import django

from jiean.config.start import say


def create_admin(username: str, name: str) -> int:
    """Make the first system administrator; the password is asked for, or read from standard input."""
    django.setup()
    from jiean.kernel.actor import Actor, Role  # noqa: PLC0415 — models load only after django.setup()
    from jiean.kernel.errors import Refusal  # noqa: PLC0415
    from jiean.people.commands import create_account, give_role  # noqa: PLC0415

    password = getpass.getpass("password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    try:
        account = create_account(Actor.system(), username, name, password=password)
        give_role(Actor.system(), account.pk, Role.ADMIN)
    except Refusal as refusal:
        say(" ".join(["refused:", str(refusal.message), *map(str, refusal.fields.values())]))
        return 1
    say(f"administrator {account.username} is ready; sign in, set up the second factor, then grant roles")
    return 0


def print_news() -> int:
    """Who announces what, and who reacts: no flow is hidden."""
    django.setup()
    from jiean.kernel.events import known_events, reactions_to  # noqa: PLC0415

    for name, event in sorted(known_events().items()):
        heard_by = ", ".join(f"{role.value}:{reach.value}" for role, reach in event.AUDIENCE.items()) or "nobody"
        say(f"{name:<44} boards: {heard_by}")
        for reaction in sorted(reactions_to(name)):
            say(f"{'':<44} -> {reaction}")
    return 0


def print_grants() -> int:
    """What each role may do, over which rows."""
    django.setup()
    from jiean.kernel.access import grants  # noqa: PLC0415

    for can, scopes in sorted(grants().items(), key=lambda item: item[0].value):
        say(
            f"{can.value:<40} "
            + "  ".join(f"{role.value}:{scope.__name__.strip('_')}" for role, scope in scopes.items())
        )
    return 0


def verify_audit() -> int:
    """Walk the hash chain; exit 1 and name the first bad entry if there is one."""
    django.setup()
    from jiean.kernel.audit import verify  # noqa: PLC0415

    verdict = verify()
    if verdict.sound:
        say(f"sound: {verdict.links} entries, head {verdict.head}")
        return 0
    say(f"BROKEN after {verdict.links} sound entries: entry {verdict.bad_entry_id}: {verdict.reason}")
    return 1


def import_file(kind: str, path: Path) -> int:
    """Import areas, people, roads or past calls from a file."""
    if not path.is_file():
        say(f"there is no file {path}")
        return 2
    django.setup()
    from jiean.kernel.errors import Refusal  # noqa: PLC0415 — models load only after django.setup()

    try:
        return int(import_module(f"jiean.config.imports.{kind}").run(path, say))
    except Refusal as refusal:
        say(" ".join(["refused:", str(refusal.message), *map(str, refusal.fields.values())]))
        return 1
