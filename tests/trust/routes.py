"""Every address of the station and who may enter it, read from the code; `matrix.toml` says who shall."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import get_resolver

from jiean.kernel.access import grants
from jiean.kernel.actor import Role
from jiean.kernel.api import Gate, api
from tests.house.test_doors import KEPT_LIBRARIES, patterns

ANYONE = "anyone"
LIBRARY = "library"
STAFF_ORDER = [role.value for role in Role]


def roles_in_words(roles: Iterable[Role] | None) -> str:
    """Roles in the order of the plan, ``anyone`` for an open door."""
    if roles is None:
        return ANYONE
    return " ".join(sorted((role.value for role in roles), key=STAFF_ORDER.index))


def pages() -> dict[str, str]:
    """Path pattern of every page → who may enter."""
    found = {}
    for path, pattern in patterns(get_resolver()):
        module = str(getattr(pattern.callback, "func", pattern.callback).__module__)
        if path.startswith("api/v1/"):
            continue
        door = getattr(pattern.callback, "door", LIBRARY if module.startswith(KEPT_LIBRARIES) else "no door")
        found.setdefault(
            path, door if isinstance(door, str) else roles_in_words(door)
        )  # the first is the one that answers
    return found


def operations() -> dict[str, str]:
    """Method and path of every operation of the API → who may use it."""
    found = {}
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                gate = next(callback for callback in operation.auth_callbacks if isinstance(callback, Gate))
                for method in operation.methods:
                    found[f"{method} {prefix}{path}"] = roles_in_words(gate.roles)
    return found


def permissions() -> dict[str, dict[str, str]]:
    """Every permission → name of a scope → the roles that have it in that scope."""
    found: dict[str, dict[str, str]] = {}
    for can, scopes in grants().items():
        if not type(can).__module__.startswith("jiean."):
            continue  # a test's own room
        names = sorted({_name(scope) for scope in scopes.values()})
        found[str(can)] = {
            name: roles_in_words(role for role, scope in scopes.items() if _name(scope) == name) for name in names
        }
    return found


def _name(scope: Any) -> str:
    return str(scope.__name__)


def differences(listed: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """What stands in one and not the other, or differs, in words."""
    return [
        f"{key}: listed {listed.get(key, 'nowhere')!r}, found {found.get(key, 'nowhere')!r}"
        for key in sorted({*listed, *found})
        if listed.get(key) != found.get(key)
    ]


def written() -> str:
    """The table as the code has it, to be read and kept as `matrix.toml` when a route or a permission is meant to change."""
    parts = ["# Who may enter what, and what each role may do in which scope. Read it beside docs/architecture.md before changing a line;",
             "# `uv run python -m tests.trust` prints it anew from the code."]  # fmt: skip
    for title, table in (("pages", pages()), ("operations", operations())):
        parts += ["", f"[{title}]", *(f"'{key}' = \"{value}\"" for key, value in sorted(table.items()))]
    for can, scopes in sorted(permissions().items()):
        parts += ["", f"[permissions.'{can}']", *(f'{name} = "{roles}"' for name, roles in sorted(scopes.items()))]
    return "\n".join(parts) + "\n"
