"""Refusals: the ways a deed or a read can say no, each with a status, a code and words a reader understands."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


class Refusal(Exception):
    """A deed refused on its merits. Doors turn it into a message in place or a problem document; nobody else catches it."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "refused"
    default: ClassVar[Words] = _("这一步不能完成。")

    def __init__(self, message: Words | None = None) -> None:
        self.message: Words = message if message is not None else self.default
        super().__init__(self.code)

    @property
    def fields(self) -> dict[str, Words]:
        """Messages by field name; empty for a refusal that concerns the whole deed."""
        return {}

    @property
    def current(self) -> Any:
        """The row as it stands now, where the refusal is a clash with it."""
        return None


class NotFound(Refusal):
    """There is no such row, or the actor may not know of it: a stranger cannot tell which."""

    status = 404
    code = "not_found"
    default = _("没有找到，或者您无权查看。")


class Forbidden(Refusal):
    """The actor's role does not allow the deed."""

    status = 403
    code = "forbidden"
    default = _("您当前的角色不能做这一步。")


class ProveYourself(Forbidden):
    """Leave is there, but the second factor is too long ago, or nothing was said of what the look is for."""

    code = "step_up"
    default = _("这一步要先再验证一次是您本人。")


class Invalid(Refusal):
    """The words or values given make no sense; ``fields`` says which and how to mend them."""

    status = 422
    code = "invalid"
    default = _("有内容需要改正。")

    def __init__(self, message: Words | None = None, **fields: Words) -> None:
        super().__init__(message)
        self._fields = dict(fields)

    @property
    def fields(self) -> dict[str, Words]:
        return self._fields


class IllegalMove(Refusal):
    """The matter's life cycle has no such step from where it stands."""

    status = 409
    code = "illegal_move"
    default = _("按现在的状态，不能走这一步。")


class Conflict(Refusal):
    """Somebody else changed the matter first, or a key was used for something else."""

    status = 409
    code = "conflict"
    default = _("这条记录刚刚被别人改过，请核对后再保存。")

    def __init__(self, message: Words | None = None, *, current: Any = None) -> None:
        super().__init__(message)
        self._current = current

    @property
    def current(self) -> Any:
        return self._current


class TooLarge(Refusal):
    """What was sent is larger than the door takes."""

    status = 413
    code = "too_large"
    default = _("内容太大，请分次提交。")
