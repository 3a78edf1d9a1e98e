"""Every address has a door that says who may enter, and every deed asks leave."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from jiean.kernel.access import grants
from jiean.kernel.actor import PERSONAL_ROLES, Role
from jiean.kernel.api import Gate, api
from jiean.kernel.command import commands
from jiean.kernel.events import known_events

KEPT_LIBRARIES = ("allauth.", "ninja.", "django.views.")


def patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for item in resolver.url_patterns:
        if isinstance(item, URLResolver):
            yield from patterns(item, prefix + str(item.pattern))
        else:
            yield prefix + str(item.pattern), item


def _module(view: Any) -> str:
    return str(getattr(view, "func", view).__module__)


def test_every_page_has_a_door() -> None:
    open_ways = [
        path
        for path, pattern in patterns(get_resolver())
        if not hasattr(pattern.callback, "door") and not _module(pattern.callback).startswith(KEPT_LIBRARIES)
    ]
    assert not open_ways


def test_every_operation_of_the_api_has_a_gate() -> None:
    open_ways = []
    for _prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                if not any(isinstance(callback, Gate) for callback in operation.auth_callbacks):
                    open_ways.append(f"{operation.methods} {path}")
    assert not open_ways


def _asks_leave(tree: ast.AST, names: set[str]) -> bool:
    called = {ast.unparse(node.func).rpartition(".")[2] for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return bool(called & names)


def test_every_command_asks_leave() -> None:
    """By its own call, through a function of its module that asks, or through an inner deed; the kernel checks it again when it runs."""
    deeds = {command.function.__name__ for command in commands().values()}
    wrong = []
    for name, command in commands().items():
        if not command.function.__module__.startswith("jiean."):
            continue
        tree = ast.parse(inspect.getsource(inspect.getmodule(command.function) or command.function))
        functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        asking = {"fetch", "visible", "admit", "allow"} | deeds
        asking |= {helper for helper, node in functions.items() if helper not in deeds and _asks_leave(node, asking)}
        if not _asks_leave(functions[command.function.__name__], asking - {command.function.__name__}):
            wrong.append(name)
    assert not wrong


def test_grants_name_only_known_roles_and_no_administrator_reads_matters() -> None:
    for can, scopes in grants().items():
        assert set(scopes) <= {*PERSONAL_ROLES, Role.SYSTEM, Role.PUBLIC}, can
        room = can.value.split(".")[0]
        if room in ("intake", "dispatch", "disputes", "vault"):
            reading = {role for role in scopes if role == Role.ADMIN}
            assert not reading, f"{can} is granted to the administrator"


def test_every_event_has_an_audience_or_is_for_reactions_only() -> None:
    for name, event in known_events().items():
        assert Role.PUBLIC not in event.AUDIENCE, name
        assert set(event.AUDIENCE) <= set(PERSONAL_ROLES), name
