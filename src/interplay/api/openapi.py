"""The OpenAPI document of this server: its routes and the wire structs. Served at `/openapi.json`."""

import re
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from interplay import __version__
from interplay.api.operation import Operation
from interplay.wire.openapi import components

_JSON: Final = "application/json"
_ERRORS: Final = {"400": "The request is wrong", "401": "No valid API key", "404": "Not found in this project"}
_VERSION: Final = "/v1beta"


class Document:
    """The document over some routes, itself among them."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        own = Operation("GET", "/openapi.json", self.serve, id="getOpenApi", open=True)
        self.operations = (*operations, own)

    async def serve(self, _: Request) -> Response:
        """This document."""
        return Response(self._content, media_type=_JSON)

    @cached_property
    def _content(self) -> bytes:
        return msgspec.json.encode(document(self.operations))


def document(operations: Sequence[Operation]) -> dict[str, Any]:
    """The whole document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Interplay",
            "version": __version__,
            "description": "The Gemini Interactions API on your own machines. Any version part may stand for `v1beta`.",
        },
        "security": [{"key": []}, {"bearer": []}],
        "paths": _paths(operations),
        "components": {
            "schemas": components(),
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "x-goog-api-key"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _paths(operations: Sequence[Operation]) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for operation in operations:
        path = operation.documented if operation.open else _VERSION + operation.documented
        paths.setdefault(path, {})[operation.method] = _described(operation)
    return paths


def _described(operation: Operation) -> dict[str, Any]:
    done = {"description": "Done", "content": {media: _schema(name) for media, name in operation.gives.items()}}
    described = {
        "operationId": operation.id,
        "summary": operation.summary,
        "parameters": [
            *(_parameter(name, "path", "string") for name in re.findall(r"{(\w+)}", operation.documented)),
            *(_parameter(name, "query", type) for name, type in operation.query.items()),
            *(_parameter(name, "header", type) for name, type in operation.headers.items()),
        ],
        "responses": {"200": done} | ({} if operation.open else _errors()),
    }
    if operation.open:
        described["security"] = []
    if operation.body is not None:
        described["requestBody"] = {"required": True, "content": {_JSON: _schema(operation.body)}}
    return described


def _schema(name: str | None) -> dict[str, Any]:
    return {"schema": {"$ref": f"#/components/schemas/{name}"}} if name else {}


def _parameter(name: str, place: str, type: str) -> dict[str, Any]:
    return {"name": name, "in": place, "schema": {"type": type}} | ({"required": True} if place == "path" else {})


def _errors() -> dict[str, Any]:
    schema = {
        "type": "object",
        "required": ["error"],
        "properties": {"error": {"$ref": "#/components/schemas/Error"}},
    }
    return {status: {"description": text, "content": {_JSON: {"schema": schema}}} for status, text in _ERRORS.items()}
