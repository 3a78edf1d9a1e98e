"""Defects seen in other systems that the whole house must not have. The list, and where each is tried: docs/defects.md."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.house.plan import ROOT, SOURCE, imports_of, parsed, python_files, shown

OF_LIBRARIES = re.compile(
    r"(ACCOUNT|MFA|AXES|WHITENOISE|PROCRASTINATE|SESSION|CSRF|SECURE|DATA_UPLOAD|FILE_UPLOAD)_|[A-Z_]*URL$"
)
DJANGOS = {
    "ALLOWED_HOSTS", "AUTHENTICATION_BACKENDS", "AUTH_PASSWORD_VALIDATORS", "AUTH_USER_MODEL", "CACHES", "CONTENT_SECURITY_POLICY",
    "DATABASES", "DEBUG", "DEFAULT_AUTO_FIELD", "INSTALLED_APPS", "LANGUAGES", "LANGUAGE_CODE", "LANGUAGE_COOKIE_NAME",
    "LOGGING", "MEDIA_ROOT", "MIDDLEWARE", "PASSWORD_HASHERS", "ROOT_URLCONF", "SECRET_KEY", "SILENCED_SYSTEM_CHECKS",
    "STATIC_ROOT", "STORAGES", "TEMPLATES", "TIME_ZONE", "USE_I18N", "USE_TZ", "WSGI_APPLICATION", "X_FRAME_OPTIONS",
}  # fmt: skip
"""Settings Django itself or its parts read."""
CLIENTS = ("requests", "httpx", "aiohttp", "urllib.request", "http.client", "smtplib", "ftplib", "socket")


def constants(file: Path) -> set[str]:
    """The names in capitals a module sets."""
    return {
        target.id
        for node in ast.walk(parsed(file))
        for target in (node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)])
        if isinstance(target, ast.Name) and target.id.isupper() and not target.id.startswith("_")
    }


def readers(name: str, but: Path) -> int:
    word = re.compile(rf"\b{name}\b")
    return sum(len(word.findall(file.read_text(encoding="utf-8"))) for file in python_files() if file != but)


def unread(file: Path, names: set[str]) -> list[str]:
    own = file.read_text(encoding="utf-8")
    return sorted(name for name in names if not readers(name, file) and len(re.findall(rf"\b{name}\b", own)) < 2)


def test_every_setting_is_read_by_something() -> None:
    """Defect 16: settings that nothing reads."""
    settings = SOURCE / "config" / "settings.py"
    ours = {name for name in constants(settings) if name not in DJANGOS and not OF_LIBRARIES.match(name)}
    assert len(ours) > 5
    assert unread(settings, ours) == []


def test_every_constant_of_policy_is_read_by_something() -> None:
    """Defect 16, for the rooms' own limits and targets."""
    files = [file for name in ("targets.py", "rules.py") for file in SOURCE.rglob(name)]
    assert len(files) >= 2
    assert {shown(file): found for file in files if (found := unread(file, constants(file)))} == {}


def test_a_setting_nobody_reads_is_seen(tmp_path: Path) -> None:
    planted = tmp_path / "targets.py"
    planted.write_text("NOBODY_READS_THIS_S = 5\nUSED_HERE = 1\nprint(USED_HERE)\n", encoding="utf-8")
    assert unread(planted, constants(planted)) == ["NOBODY_READS_THIS_S"]


def test_no_deed_and_no_page_waits_for_an_outside_service() -> None:
    """Defect 17: an outside service that hangs and blocks the desk. No room can call one; only the starter speaks to itself."""
    wrong = [
        f"{shown(file)}:{line} imports {module}"
        for file in python_files()
        if file.relative_to(SOURCE).parts[0] not in ("config", "bridges")
        for module, line in imports_of(file)
        if module in CLIENTS or module.split(".")[0] in CLIENTS
    ]
    assert wrong == []


def test_every_defect_stands_in_the_list_with_a_test_or_a_room_to_come() -> None:
    table = (ROOT / "docs" / "defects.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| .+ \| (.+) \|$", table, re.MULTILINE)
    assert [int(number) for number, _where in rows] == list(range(1, 19))
    for number, where in rows:
        files = re.findall(r"`(tests/[^`]+)`", where)
        assert files or "comes with" in where, number
        for file in files:
            said = (ROOT / file).read_text(encoding="utf-8")
            assert re.search(rf"[Dd]efects?[^.\n]*\b{number}\b", said), f"{file} does not name defect {number}"
