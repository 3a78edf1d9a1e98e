"""The JSON side: one API object, its gates, and how refusals and malformed bodies are answered.

A room makes ``router = Router(tags=["intake"])`` and gives each operation a gate: ``@router.get("/x", auth=gate(Role.DISPATCHER))``
or ``auth=open_gate``. An operation without a gate fails the house tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext_lazy as _
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.utils import check_csrf

from jiean.kernel import document
from jiean.kernel.actor import STAFF_ROLES, Role
from jiean.kernel.errors import Invalid, Refusal
from jiean.kernel.http import actor_of, knock, problem_response


class Api(NinjaAPI):
    """The one API; its document says how operations refuse, too."""

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: Any = None) -> Any:
        """As ninja's, with what ``kernel/document.py`` adds."""
        told = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        document.tell_refusals(told, self._public())
        return told

    def _public(self) -> frozenset[str]:
        """The ids of operations anybody may ask."""
        return frozenset(
            self.get_openapi_operation_id(operation)
            for _prefix, router in self._routers
            for view in router.path_operations.values()
            for operation in view.operations
            if open_gate in operation.auth_callbacks
        )


api = Api(title="Jiean", version="1", urls_namespace="api", docs_url=None)


class _CsrfMissing(Refusal):
    status = 403
    code = "csrf"
    default = _("页面已过期，请刷新后再试。")


class Gate:
    """Who may use an operation. ``roles`` None is everybody; a signed-in browser's writes need the CSRF token."""

    def __init__(self, roles: Sequence[Role] | None) -> None:
        self.roles = frozenset(roles) if roles is not None else None

    def __call__(self, request: HttpRequest) -> bool:
        knock(request, self.roles)
        if actor_of(request).is_signed_in and check_csrf(request) is not None:
            raise _CsrfMissing
        return True


def gate(*roles: Role) -> Gate:
    """An operation for people signed in with one of the roles."""
    return Gate(roles)


staff_gate = Gate(STAFF_ROLES)
open_gate = Gate(None)


@api.exception_handler(Refusal)
def _refused(request: HttpRequest, refusal: Refusal) -> JsonResponse:
    return problem_response(refusal)


@api.exception_handler(ValidationError)
def _malformed(request: HttpRequest, error: ValidationError) -> JsonResponse:
    fields = {}
    for fault in error.errors:
        place = [str(part) for part in fault.get("loc", ())]
        fields[".".join(place[2:] or place[1:] or place) or "body"] = _words(fault)
    return problem_response(Invalid(**fields))


@api.exception_handler(HttpError)
def _unreadable(request: HttpRequest, error: HttpError) -> JsonResponse:
    return problem_response(Invalid(_("请求内容读不懂，应为 UTF-8 编码的 JSON。")))


_WORDS = {
    "missing": _("缺少这一项。"),
    "string_type": _("应为文字。"),
    "string_too_long": _("太长了。"),
    "string_too_short": _("太短了。"),
    "float_type": _("应为数字。"),
    "float_parsing": _("应为数字。"),
    "finite_number": _("应为普通数字。"),
    "int_type": _("应为整数。"),
    "int_parsing": _("应为整数。"),
    "int_from_float": _("应为整数。"),
    "greater_than_equal": _("太小了。"),
    "less_than_equal": _("太大了。"),
    "bool_parsing": _("应为是或否。"),
    "enum": _("不在可选范围内。"),
    "literal_error": _("不在可选范围内。"),
    "datetime_parsing": _("时间格式不对。"),
    "datetime_from_date_parsing": _("时间格式不对。"),
}


def _words(fault: dict[str, Any]) -> Any:
    return _WORDS.get(str(fault.get("type")), _("格式不对。"))


def openapi_document() -> dict[str, Any]:
    """The OpenAPI document of every room's operations."""
    return dict(api.get_openapi_schema(path_prefix=settings.API_PREFIX))
