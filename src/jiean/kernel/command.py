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
from django.db import IntegrityError, connection, models, transaction
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


class _KeySpent(Exception):
    """Another deed holds the idempotency key: this one is taken back, and that one's answer stands."""


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
        written = together(changes)
        if kept and not written["kept"]:
            raise _KeySpent
        call_reactions(self.news, written.get("news", ()))

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
        claim = _Claim(self.name, actor, key, args, kwargs) if key is not None else None
        deed = Deed(actor)
        token, news = _running.set(deed), gathering.set(deed.news)
        try:
            with transaction.atomic():
                answer = self._perform(deed, actor, *args, **kwargs)
                deed.close(kept=claim.kept(answer) if claim else None)
                return answer
        except (_KeySpent, Refusal, IntegrityError) as end:
            if claim is not None and (held := claim.held()) is not None:
                return claim.answer_of(*held)  # type: ignore[no-any-return]
            if isinstance(end, NotFound | Forbidden):
                audit.write([self._draft(actor, args, kwargs, None, end)])
            raise
        finally:
            gathering.reset(news)
            _running.reset(token)

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
    """An idempotency key being used: it is written with its answer by the deed's last statement, if no other deed holds it.

    So a deed nobody did before asks nothing first, and one that comes again is done and taken back, or refused, before its key is
    looked for: what a deed does outside the database (a picture's file) must bear that, as it must bear any refusal.
    """

    def __init__(self, name: str, actor: Actor, key: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        if len(key) > KEY_LIMIT or not key.isprintable():
            raise Invalid(_("请求键无效。"), key=_("请求键最多 80 个可见字符。"))
        self.scope = f"{name}:{actor.account_id or actor.role.value}"
        self.key = key
        self.body_hash = hashlib.sha256(orjson.dumps([args, kwargs], default=_digestible)).hexdigest()

    def kept(self, answer: Any) -> Change:
        """The statement that keeps the answer for whoever comes again with the key.

        It waits for a deed under way with the same key, and answers with no row where a deed holds it.
        """
        statement = (
            "INSERT INTO kernel_idempotencykey (scope, key, body_hash, answer) VALUES (%s, %s, %s, %s::jsonb)"
            " ON CONFLICT (scope, key) DO NOTHING RETURNING 0 AS id"
        )
        return statement, [self.scope, self.key, self.body_hash, orjson.dumps(_packed(answer)).decode()]

    def held(self) -> tuple[str, str] | None:
        """What the earlier deed that holds the key was asked, by digest, and what it answered, as JSON; None where there is none."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT body_hash, answer::text FROM kernel_idempotencykey WHERE scope = %s AND key = %s",
                [self.scope, self.key],
            )
            found: tuple[str, str] | None = cursor.fetchone()
            return found

    def answer_of(self, body_hash: str, answer: str) -> Any:
        """The earlier deed's answer. Raises Conflict where that one was asked something else."""
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
