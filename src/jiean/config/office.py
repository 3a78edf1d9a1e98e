"""The office's commands that need the rooms: accounts, news, grants, the audit."""

from __future__ import annotations

import getpass
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

import django

from jiean.config.database import give_rights
from jiean.config.start import MANAGE, say
from jiean.kernel import anchors


def migrate(grant_to: str | None) -> int:
    """Bring the tables up to date and, if asked, give the application's database role its rights."""
    done = subprocess.run([sys.executable, "-m", MANAGE, "migrate", "--no-input"], check=False).returncode
    if done == 0 and grant_to:
        give_rights(os.environ["DATABASE_URL"], grant_to, os.environ.get("JIEAN_SCHEMA", "public"))
        say(f"{grant_to} may use the tables; audit tables it may only insert into and read")
    return done


def create_key(file: Path) -> int:
    """Make a station key; a file that is there already is never replaced."""
    django.setup()
    from jiean.vault.keys import make_station_keys  # noqa: PLC0415 — settings load only after django.setup()

    try:
        make_station_keys(file)
    except OSError as error:
        say(f"{file}: {error.strerror}")
        return 1
    say(f"{file} opens the station's sealed records: keep two copies, apart from the database and its backups")
    return 0


def lift_factors(username: str) -> int:
    """Take lost second factors from an account, at the machine itself: for the station's only commander."""
    django.setup()
    from jiean.kernel.actor import Actor  # noqa: PLC0415 — models load only after django.setup()
    from jiean.kernel.errors import Refusal  # noqa: PLC0415
    from jiean.people import commands  # noqa: PLC0415
    from jiean.people.models import Account  # noqa: PLC0415

    try:
        account = Account.objects.get(username=username, is_active=True)
        commands.lift_factors(Actor.system(), account.pk)
    except Account.DoesNotExist:
        say(f"nobody signs in as {username}")
        return 1
    except Refusal as refusal:
        say(f"refused: {refusal.message}")
        return 1
    say(f"{username} signs in with the password alone and sets up a new second factor")
    return 0


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


def create_audit_key(file: Path) -> int:
    """Make the key that signs heads of the audit chain; one that is there is never replaced."""
    try:
        words = anchors.make_key(file)
    except OSError as error:
        say(f"{file}: {error.strerror}")
        return 1
    say(f"heads of the audit chain are signed by {file}; give its public half to the auditor: {words}")
    return 0


def verify_audit(places: Sequence[Path], public: Path) -> int:
    """Walk the hash chain, against signed heads where some are given; exit 1 and name the first bad entry if there is one."""
    django.setup()
    from jiean.kernel.audit import verify  # noqa: PLC0415

    try:
        key = anchors.public_key(public.read_text(encoding="ascii")) if places else None
        signed = list(anchors.read(places, key)) if key else []
        anchored = anchors.by_link(signed)
    except (OSError, UnicodeDecodeError, anchors.KeyMissing, anchors.BadAnchor) as error:
        say(f"BROKEN: the signed heads do not hold: {error}")
        return 1
    verdict = verify(anchored)
    if verdict.sound:
        outside = (
            f"{len(signed)} signed heads agree"
            if signed
            else "no signed head was given, so a rewritten chain would not show"
        )
        say(f"sound: {verdict.links} entries, head {verdict.head}; {outside}")
        return 0
    where = f"entry {verdict.bad_entry_id}: " if verdict.bad_entry_id is not None else ""
    say(f"BROKEN after {verdict.links} sound entries: {where}{verdict.reason}")
    return 1


def sign_audit(deed: str) -> int:
    """Sign the head of the chain now (``anchor``), or print it as a sheet (``head``)."""
    django.setup()
    from jiean.kernel.housekeeping import anchor_head, head_sheet  # noqa: PLC0415

    try:
        anchor = anchor_head()
    except (OSError, anchors.KeyMissing) as error:
        say(f"cannot sign: {error}")
        return 1
    if anchor is None:
        say("the chain has no entry yet")
        return 0
    say(head_sheet(anchor) if deed == "head" else f"link {anchor.seq} signed at {anchor.at}")
    return 0


def import_file(kind: str, path: Path, *, country: str = "") -> int:
    """Import areas, people, roads, past calls or statutes from a file; `country` is for roads alone."""
    if country and kind != "roads":
        say("--country goes with roads alone")
        return 2
    folder_too = kind == "statutes" and path.is_dir()
    more = {"country": country} if country else {}
    run = import_module(f"jiean.config.imports.{kind}").run
    return _with_file(path, lambda: int(run(path, say, **more)), there=folder_too)


def replay_file(path: Path, url: str, *, speed: float, most: int | None) -> int:
    """Play the calls of a file again on the running station at ``url``."""
    play = import_module("jiean.config.demo.replay").replay
    return _with_file(path, lambda: int(play(path, url, speed=speed, most=most)))


def _with_file(path: Path, deed: Callable[[], int], *, there: bool = False) -> int:
    """Do something with a file; a file that is not there, or is refused, is one clear line and an exit code."""
    if not (there or path.is_file()):
        say(f"there is no file {path}")
        return 2
    django.setup()
    from jiean.kernel.errors import Refusal  # noqa: PLC0415 — models load only after django.setup()

    try:
        return deed()
    except Refusal as refusal:
        say(" ".join(["refused:", str(refusal.message), *map(str, refusal.fields.values())]))
        return 1
