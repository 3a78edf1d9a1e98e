"""The ground tests stand on: a throwaway embedded server (or the one DATABASE_URL names), keys and folders of their own."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jiean.config.embedded import OWNER, Embedded
from jiean.config.settings import database

if TYPE_CHECKING:
    from tests.town import Town

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
_HOME = "JIEAN_TEST_HOME"


def _start_server() -> None:
    """Start one server for the whole run; workers inherit its address."""
    home = Path(tempfile.mkdtemp(prefix="jiean-test-"))
    home.chmod(0o755)
    os.environ[_HOME] = str(home)
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    if "DATABASE_URL" not in os.environ:
        server = Embedded(home, durable=False)
        server.start()
        atexit.register(server.stop)
        os.environ["DATABASE_URL"] = server.url(OWNER, "postgres")


if not WORKER:
    _start_server()


def pytest_configure(config: pytest.Config) -> None:
    """Point the settings, read before this file was, at the server and folders of the run."""
    from django.conf import settings  # noqa: PLC0415 — not before the environment above is set

    own = Path(os.environ[_HOME]) / (WORKER or "main")
    own.mkdir(exist_ok=True)
    address = database(os.environ["DATABASE_URL"])
    address["OPTIONS"].pop("pool")
    address["TEST"] = settings.DATABASES["default"]["TEST"] | address["TEST"]
    settings.DATABASES["default"].update(address)  # in place: connections hold this very dictionary
    settings.DATA_DIR = own
    settings.MEDIA_ROOT = own / "media"
    settings.TILES_DIR = own / "tiles"
    settings.ROADS_FILE = own / "roads.npz"
    settings.STATION_KEY_FILE = own / "station.key"
    settings.ERASURE_LEDGER = own / "erasures.jsonl"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def chinese() -> None:
    """Every test begins in Chinese, whatever language a page of the test before it spoke."""
    from django.utils import translation  # noqa: PLC0415

    translation.activate("zh-hans")


@pytest.fixture(autouse=True)
def shell_names_stay_the_shells() -> Iterator[None]:
    """No page gives a name of its own to what the shell around it reads: the chosen look, the actor, the links of the bar."""
    from django.test.signals import template_rendered  # noqa: PLC0415

    from tests.names import refuse_covered  # noqa: PLC0415

    template_rendered.connect(refuse_covered)
    yield
    template_rendered.disconnect(refuse_covered)


@pytest.fixture
def town(db: None) -> Town:
    """The model town, built by commands."""
    from tests.town import found  # noqa: PLC0415 — Django is ready only now

    return found()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> None:
    """Let the emptying of tables between tests pass the guard that keeps audit rows: only here, only as the owner."""
    from django.db import connection  # noqa: PLC0415

    operations = type(connection.ops)
    flush = operations.execute_sql_flush

    def past_the_guard(self: Any, statements: list[str]) -> None:
        jobs = "TRUNCATE procrastinate_jobs CASCADE"  # the library's own tables are not Django's to empty
        flush(self, ["SET session_replication_role = replica", *statements, jobs, "RESET session_replication_role"])

    operations.execute_sql_flush = past_the_guard  # type: ignore[method-assign]
