"""What the OpenAPI document says beside what the operations themselves declare: how they refuse, and which operation follows which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

JSON = "application/json"
PROBLEM = "application/problem+json"
_PUBLIC = {
    404: "No such thing, or not for the caller: the two are told alike.",
    405: "The address does not take this method.",
    409: "The state, the version or the idempotency key does not fit any more.",
    413: "The body is too large.",
    422: "What was sent cannot be read or breaks a rule; ``fields`` names where.",
    429: "Too many wrong codes from this address; reports are taken all the same.",
    503: "The database or the disk is away. Reports are kept all the same (202).",
}
_STAFF = {401: "Sign in first.", 403: "Not with this role, or the CSRF token or a second factor is missing."}
_SCHEMA = {
    "title": "Problem",
    "description": "A refusal (RFC 9457), in the reader's language.",
    "type": "object",
    "required": ["type", "title", "status", "code", "detail", "fields"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "fields": {"type": "object", "additionalProperties": {"type": "string"}},
        "version": {"type": ["integer", "null"], "description": "Of the row as it stands now, after a conflict."},
    },
}


def then(status: int, operation: str, **parameters: str) -> dict[str, Any]:
    """For an operation's ``openapi_extra``: ``operation`` can follow an answer of ``status``; ``number="number"`` takes that of the answer.

    A parameter that is a header is named as ``header_X_Name``.
    """
    taken = {_place(name): f"$response.body#/{pointer}" for name, pointer in parameters.items()}
    return {"responses": {status: {"links": {operation.rpartition("_api_")[2]: _link(operation, taken)}}}}


def then_both(*extras: Mapping[str, Any]) -> dict[str, Any]:
    """Several operations that can follow."""
    responses: dict[int, Any] = {}
    for extra in extras:
        for status, told in extra["responses"].items():
            responses.setdefault(status, {"links": {}})["links"].update(told["links"])
    return {"responses": responses}


def _place(name: str) -> str:
    return "header." + name[7:].replace("_", "-") if name.startswith("header_") else f"path.{name}"


def _link(operation: str, taken: Mapping[str, str]) -> dict[str, Any]:
    return {"operationId": operation, "parameters": dict(taken)}


def tell_refusals(document: dict[str, Any], public: frozenset[str]) -> None:
    """Add to every operation how it refuses; ``public`` are the ids of those anybody may ask. An answer without a form is JSON."""
    document.setdefault("components", {}).setdefault("schemas", {})["Problem"] = _SCHEMA
    body = {"content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    for operations in document["paths"].values():
        for operation in operations.values():
            refusals = _PUBLIC if operation["operationId"] in public else _STAFF | _PUBLIC
            for told in operation["responses"].values():
                told.setdefault("content", {JSON: {}})
            for status, words in refusals.items():
                operation["responses"].setdefault(status, {"description": words} | body)
