"""The command line: ``jiean demo | serve | doctor | …``. One clear line and an exit code other than 0 when something is wrong."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from jiean.config import (
    backup,
    doctor,
    fields,
    holes,
    index,
    journal,
    keys,
    law,
    office,
    plan,
    restore,
    sbom,
    start,
    triage,
)
from jiean.config.embedded import Embedded, ServerError
from jiean.config.folder import StartError, default_folder

_WITH_FOLDER = (
    "keys",
    "backup",
    "restore",
    "import",
    "journal",
    "createadmin",
    "liftfactors",
    "audit",
    "migrate",
    "replay",
    "triage",
    "law",
    "index",
)
WEB_PROCESSES = min(4, len(os.sched_getaffinity(0)))
"""One a core: one alone is bound to one core by Python's lock. More than four are for who measured them."""
REQUEST_KINDS = ("areas", "people", "roads", "calls", "statutes", "mediators")


def parser() -> argparse.ArgumentParser:
    """The words the command line understands."""
    top = argparse.ArgumentParser(
        prog="jiean", description="皆安 Jiean: a neighbourhood police station's working platform"
    )
    todo = top.add_subparsers(dest="what", required=True, metavar="COMMAND")
    _station(todo.add_parser("demo", help="open the demonstration station on an embedded database"), port=8600)
    _demo(todo.choices["demo"])
    _station(todo.add_parser("serve", help="run a production station on DATABASE_URL"), port=8600)
    todo.choices["serve"].add_argument(
        "--workers",
        type=int,
        default=WEB_PROCESSES,
        help=f"web processes (default here {WEB_PROCESSES}: one a core, at most 4)",
    )
    _station(todo.add_parser("doctor", help="check this machine and the database"), port=8600)
    _office_words(todo)
    plan.add(todo)
    return top


def _office_words(todo: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    bring_up = todo.add_parser("migrate", help="bring the tables of DATABASE_URL up to date")
    bring_up.add_argument("--grant-to", metavar="ROLE", help="give this database role the application's rights")
    key = todo.add_parser("createkey", help="make the station key that opens sealed records")
    key.add_argument("file", type=Path)
    admin = todo.add_parser("createadmin", help="make the first system administrator")
    admin.add_argument("username")
    admin.add_argument("--name", required=True, help="the person's name")
    bring = todo.add_parser("import", help="import areas, people, mediators, roads, past calls or statutes")
    bring.add_argument("kind", choices=REQUEST_KINDS)
    bring.add_argument("file", type=Path)
    bring.add_argument(
        "--country", default="", help="roads: legal limits of cn, de, fi, fr, gb, jp or nz where none is posted"
    )
    _replay_words(todo.add_parser("replay", help="play imported calls again on a running station's board"))
    for name, words in (("news", "print who announces what and who reacts"), ("grants", "print what each role may do")):
        todo.add_parser(name, help=words)
    _trust_words(todo)
    _audit_words(todo.add_parser("audit", help="check the audit chain, sign its head, print it"))
    _learning_words(todo)
    journal.words(todo.add_parser("journal", help="enter what was kept while the database was away"))
    backup.words(todo.add_parser("backup", help="the whole station in one sealed file; --drill tries it"))
    restore.words(todo.add_parser("restore", help="a station from its backup, into an empty place"))
    for name in _WITH_FOLDER:
        todo.choices[name].add_argument("--data-dir", type=Path, default=default_folder())


def _learning_words(todo: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    triage.words(todo.add_parser("triage", help="learn where reports belong, and choose which model advises"))
    law.words(todo.add_parser("law", help="make what articles of statutes are ranked by"))
    index.words(todo.add_parser("index", help="make reports and incidents findable by their words"))


def _replay_words(again: argparse.ArgumentParser) -> None:
    again.add_argument("file", type=Path)
    again.add_argument("--host", default="127.0.0.1")
    again.add_argument("--port", type=_port, default=8600)
    again.add_argument("--speed", type=_speed, default=start.DAY_SPEED, help="how many times faster (default 20)")
    again.add_argument("--most", type=int, help="play at most so many calls")


def _trust_words(todo: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    fields.words(todo.add_parser("fields", help="print every column: class, purpose, basis, keeping"))
    keys.words(todo.add_parser("keys", help="check, rotate, split and join the station's key"))
    lost = todo.add_parser("liftfactors", help="take lost second factors from an account, where no other commander can")
    lost.add_argument("username")
    sbom.words(todo.add_parser("sbom", help="print what the program is made of (CycloneDX)"))
    holes.words(todo.add_parser("holes", help="look locked libraries up in a file of advisories (OSV)"))


def _audit_words(audit: argparse.ArgumentParser) -> None:
    deeds = {
        "verify": "walk the chain",
        "anchor": "sign its head now",
        "head": "print its head",
        "key": "make the signing key",
    }
    audit.add_argument("deed", choices=list(deeds), help="; ".join(f"{deed}: {words}" for deed, words in deeds.items()))
    audit.add_argument(
        "--anchor", type=Path, action="append", default=[], help="signed heads: a file, or a folder of them"
    )
    audit.add_argument("--key", type=Path, help="the public key (default: audit.pub in the data folder)")


def _demo(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--speed", type=_speed, default=start.DAY_SPEED, help="speed of the simulated day (default 20)"
    )
    command.add_argument("--quiet", action="store_true", help="no simulated day")
    command.add_argument("--reset", action="store_true", help="throw the data folder's content away first")


def _station(command: argparse.ArgumentParser, port: int) -> None:
    command.add_argument("--host", default="127.0.0.1")
    command.add_argument("--port", type=_port, default=port)
    command.add_argument("--data-dir", type=Path, default=default_folder())


def _port(words: str) -> int:
    if not words.isdigit() or not 0 < int(words) < 65536:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return int(words)


def _speed(words: str) -> float:
    try:
        value = float(words)
    except ValueError:
        value = 0
    if not 0.1 <= value <= 200:
        raise argparse.ArgumentTypeError("a speed lies between 0.1 and 200")
    return value


def main(words: Sequence[str] | None = None) -> int:
    """Do what the command line says; returns the exit code."""
    asked = parser().parse_args(words)
    try:
        return _do(asked)
    except (StartError, ServerError) as error:
        print(f"jiean: {error}", file=sys.stderr)
        return 1


def _do(asked: argparse.Namespace) -> int:
    if asked.what in ("demo", "serve"):
        start.raise_open_files()
    if asked.what == "demo":
        speed = None if asked.quiet else asked.speed
        return start.demo(asked.data_dir, asked.host, asked.port, speed=speed, reset=asked.reset)
    if asked.what == "serve":
        return start.serve(asked.data_dir, asked.host, asked.port, workers=asked.workers)
    if asked.what == "doctor":
        return _doctor(asked)
    if getattr(asked, "closures", plan.NONE) == plan.LIVE:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jiean.config.settings")
        _find_database(asked.data_dir)
    if asked.what in ("twin", "plan"):
        return plan.do(asked)
    return _office(asked)


def _office(asked: argparse.Namespace) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jiean.config.settings")
    if asked.what in _ON_DATABASE:
        _find_database(asked.data_dir)
        return _ON_DATABASE[asked.what](asked)
    return _ALONE[asked.what](asked)


def _audit(asked: argparse.Namespace) -> int:
    if asked.deed == "key":
        return office.create_audit_key(asked.data_dir / "audit.key")
    _find_database(asked.data_dir)
    if asked.deed == "verify":
        return office.verify_audit(asked.anchor, asked.key or asked.data_dir / "audit.pub")
    return office.sign_audit(asked.deed)


def _replay(asked: argparse.Namespace) -> int:
    return office.replay_file(asked.file, f"http://{asked.host}:{asked.port}", speed=asked.speed, most=asked.most)


def _keys(asked: argparse.Namespace) -> int:
    if keys.needs_database(asked):
        _find_database(asked.data_dir)
    else:
        os.environ.setdefault("JIEAN_DATA_DIR", str(asked.data_dir))
    return keys.run(asked)


_Deed = Callable[[argparse.Namespace], int]
_ALONE: dict[str, _Deed] = {
    "createkey": lambda asked: office.create_key(asked.file),
    "news": lambda asked: office.print_news(),
    "grants": lambda asked: office.print_grants(),
    "fields": lambda asked: fields.run(as_json=asked.json, as_page=asked.page),
    "audit": _audit,
    "keys": _keys,
    "sbom": sbom.run,
    "holes": holes.run,
    "restore": restore.run,
}
_ON_DATABASE: dict[str, _Deed] = {
    "backup": backup.run,
    "journal": journal.run,
    "index": lambda asked: index.run(anew=asked.anew, as_json=asked.json),
    "law": lambda asked: law.run(asked.deed, asked.file, as_json=asked.json),
    "triage": lambda asked: triage.run(asked.deed, asked.version, as_json=asked.json),
    "migrate": lambda asked: office.migrate(asked.grant_to),
    "createadmin": lambda asked: office.create_admin(asked.username, asked.name),
    "liftfactors": lambda asked: office.lift_factors(asked.username),
    "import": lambda asked: office.import_file(asked.kind, asked.file, country=asked.country),
    "replay": _replay,
}


def _find_database(data_dir: Path) -> None:
    """Without DATABASE_URL the command works on the data folder's own database, which must be running."""
    if os.environ.get("DATABASE_URL"):
        return
    server = Embedded(data_dir)
    if not (server.data / "PG_VERSION").exists() or not server.running():
        raise StartError(f"no database runs in {data_dir}: start `jiean demo` there, or set DATABASE_URL")
    os.environ["DATABASE_URL"] = server.url()
    os.environ["JIEAN_DATA_DIR"] = str(data_dir)
    os.environ["JIEAN_STATION_KEY_FILE"] = str(data_dir / "station.key")


def _doctor(asked: argparse.Namespace) -> int:
    grave = False
    for finding in doctor.examine(asked.data_dir, asked.host, asked.port):
        mark = "ok  " if finding.well else ("FAIL" if finding.grave else "warn")
        grave = grave or (finding.grave and not finding.well)
        start.say(f"{mark}  {finding.name:<11} {finding.words}")
    return int(grave)


if __name__ == "__main__":
    sys.exit(main())
