"""Deeds: ``@command`` gives a function one transaction, one audit entry, a check that it asked leave, and idempotency."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

import orjson
from django.apps import apps
from django.db import connection, models, transaction
from django.utils.translation import gettext_lazy as _

from jiean.kernel import audit
from jiean.kernel.access import leave_asked
from jiean.kernel.actor import Actor
from jiean.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from jiean.kernel.events import Told, call_reactions, gathering, telling
from jiean.kernel.rows import Change, together

P = ParamSpec("P")
R = TypeVar("R")

KEY_LIMIT = 80
_COMMANDS: dict[str, Command[Any, Any]] = {}


class LeaveNotAsked(RuntimeError):
    """A command ended without asking leave: a defect, so the transaction is taken back."""


@dataclass
class Deed:
    """The outermost command now running, with what it and its inner commands leave behind at its end."""

    actor: Actor
    entries: list[audit.Draft] = field(default_factory=list)
    news: list[Told] = field(default_factory=list)
    last: dict[str, Change] = field(default_factory=dict)

    def close(self, *, kept: Change | None) -> None:
        """Write what was put off, the news, the audit and the answer under its key in one statement, then the jobs of whoever reacts."""
        changes = self.last | ({"kept": kept} if kept else {})
        changes |= {"news": telling(self.news)} if self.news else {}
        changes |= {"audit": audit.writing(self.entries)}
        call_reactions(self.news, together(changes).get("news", ()))

    def settle(self) -> None:
        """Write what was put off: the deed that called may read it."""
        together(self.last)
        self.last.clear()


_running: ContextVar[Deed | None] = ContextVar("running", default=None)


def write_last(changes: Mapping[str, Change]) -> None:
    """Put changes off to the last statement of the deed that is running, which saves a way to the server and back.

    For rows that nothing in the deed reads again; an inner deed's are written when it ends. Names are one deed's own.
    """
    deed = _running.get()
    if deed is None:
        raise RuntimeError("changes can be put off only while a deed is running")
    deed.last |= changes


class Command(Generic[P, R]):
    """A deed. Call it as the function it wraps; ``keyed(key)`` gives the same function under an idempotency key."""

    def __init__(self, function: Callable[Concatenate[Actor, P], R]) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.name = f"{function.__module__.split('.')[1]}.{function.__name__}"

    def __call__(self, actor: Actor, *args: P.args, **kwargs: P.kwargs) -> R:
        return self._run(None, actor, *args, **kwargs)

    def keyed(self, key: str | None) -> Callable[Concatenate[Actor, P], R]:
        """The command under a client's key. Same key, same body: same answer. Same key, other body: Conflict."""
        return functools.partial(self._run, key or None)

    def _run(self, key: str | None, actor: Actor, *args: P.args, **kwargs: P.kwargs) -> R:
        outer = _running.get()
        if outer is not None:
            if outer.actor != actor:
                raise RuntimeError(f"{self.name} was called inside a deed of another actor")
            answer = self._perform(outer, actor, *args, **kwargs)
            outer.settle()
            return answer
        deed = Deed(actor)
        token, news = _running.set(deed), gathering.set(deed.news)
        try:
            with transaction.atomic():
                return self._answer(key, deed, actor, *args, **kwargs)
        except (NotFound, Forbidden) as refusal:
            audit.write([self._draft(actor, args, kwargs, None, refusal)])
            raise
        finally:
            gathering.reset(news)
            _running.reset(token)

    def _answer(self, key: str | None, deed: Deed, actor: Actor, *args: P.args, **kwargs: P.kwargs) -> R:
        claim = _Claim(self.name, actor, key, args, kwargs) if key is not None else None
        if claim is not None and not claim.take():
            return claim.answer_given()  # type: ignore[no-any-return]
        answer = self._perform(deed, actor, *args, **kwargs)
        deed.close(kept=claim.kept(answer) if claim else None)
        return answer

    def _perform(self, deed: Deed, actor: Actor, *args: P.args, **kwargs: P.kwargs) -> R:
        before, asked = leave_asked.get(), list[str]()
        token = leave_asked.set(asked)
        try:
            answer = self.function(actor, *args, **kwargs)
        finally:
            leave_asked.reset(token)
        if not asked:
            raise LeaveNotAsked(self.name)
        if before is not None:  # leave asked by an inner deed counts for the deed that called it
            before.extend(asked)
        deed.entries.append(self._draft(actor, args, kwargs, answer, None))
        return answer

    def _draft(
        self, actor: Actor, args: tuple[Any, ...], kwargs: Mapping[str, Any], answer: Any, refusal: Refusal | None
    ) -> audit.Draft:
        names = self.function.__code__.co_varnames[1 : 1 + len(args)]
        given = dict(zip(names, args, strict=False)) | dict(kwargs)
        return audit.draft(self.name, actor, given, answer=answer, refused=refusal.code if refusal else "")


class _Claim:
    """An idempotency key being used: taken before the deed, filled with its answer after it, in the same transaction."""

    def __init__(self, name: str, actor: Actor, key: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        if len(key) > KEY_LIMIT or not key.isprintable():
            raise Invalid(_("请求键无效。"), key=_("请求键最多 80 个可见字符。"))
        self.scope = f"{name}:{actor.account_id or actor.role.value}"
        self.key = key
        self.body_hash = hashlib.sha256(orjson.dumps([args, kwargs], default=_digestible)).hexdigest()

    def take(self) -> bool:
        """Claim the key; false when an earlier deed holds it. A deed still running is waited for."""
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO kernel_idempotencykey (scope, key, body_hash) VALUES (%s, %s, %s)"
                " ON CONFLICT (scope, key) DO NOTHING",
                [self.scope, self.key, self.body_hash],
            )
            return bool(cursor.rowcount == 1)

    def kept(self, answer: Any) -> Change:
        """The statement that keeps the answer for whoever comes again with the key."""
        statement = (
            "UPDATE kernel_idempotencykey SET answer = %s::jsonb WHERE scope = %s AND key = %s RETURNING 0 AS id"
        )
        return statement, [orjson.dumps(_packed(answer)).decode(), self.scope, self.key]

    def answer_given(self) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT body_hash, answer::text FROM kernel_idempotencykey WHERE scope = %s AND key = %s",
                [self.scope, self.key],
            )
            body_hash, answer = cursor.fetchone()
        if body_hash != self.body_hash:
            raise Conflict(_("这个请求键已经用于另一份内容。"))
        return _unpacked(orjson.loads(answer))


def _packed(answer: Any) -> dict[str, Any]:
    if isinstance(answer, models.Model):
        return {"model": answer._meta.label_lower, "pk": answer.pk}
    return {"value": answer}


def _unpacked(packed: dict[str, Any]) -> Any:
    if "model" in packed:
        return apps.get_model(packed["model"])._base_manager.get(pk=packed["pk"])
    return packed["value"]


def _digestible(value: Any) -> Any:
    """What orjson cannot write by itself, for the body's digest only: pictures by their bytes, sets in order."""
    if isinstance(value, bytes | bytearray | memoryview):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)


def command(function: Callable[Concatenate[Actor, P], R]) -> Command[P, R]:
    """Make a function a deed: see ARCHITECTURE, "How a deed runs". Its first parameter is the actor."""
    made = Command(function)
    _COMMANDS[made.name] = made
    return made


def commands() -> Mapping[str, Command[Any, Any]]:
    """Every command defined so far, by ``room.name``."""
    return _COMMANDS
