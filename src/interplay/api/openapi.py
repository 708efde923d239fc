"""The OpenAPI document of this server: its routes and the wire structs. Served at `/openapi.json`."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

import msgspec

from interplay import __version__
from interplay.api import query
from interplay.api.operation import EVENTS, JSON, Body, Known, Open, Operation, Refusal
from interplay.wire.openapi import components

_ERRORS: Final = {"400": "The request is wrong", "401": "No valid API key", "404": "Not found in this project"}
_VERSION: Final = "/v1beta"


class Document:
    """The document of what is served among some routes, and of itself."""

    def __init__(self, routes: Sequence[Known]) -> None:
        own = Open("/openapi.json", self.show, id="getOpenApi")
        self.routes: tuple[Known, ...] = (*routes, own)
        """Those and its own."""

    async def show(self) -> bytes:
        """This document."""
        return self._content

    @cached_property
    def _content(self) -> bytes:
        return msgspec.json.encode(document(self.routes))


def document(routes: Sequence[Known]) -> dict[str, Any]:
    """The whole document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Interplay",
            "version": __version__,
            "description": "The Gemini Interactions API on your own machines. Any version part may stand for `v1beta`.",
        },
        "security": [{"key": []}, {"bearer": []}],
        "paths": _paths(routes),
        "components": {
            "schemas": components(),
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "x-goog-api-key"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _paths(routes: Sequence[Known]) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for known in routes:
        match known:
            case Operation():
                paths.setdefault(_VERSION + _written(known.path), {})[known.method.lower()] = _operation(known)
            case Open():
                paths.setdefault(known.path, {})[known.method.lower()] = _open(known)
            case Refusal():
                continue
    return paths


def _written(path: str) -> str:
    """The path without the router's own words."""
    return path.replace(":path}", "}")


def _operation(operation: Operation[Any, Any]) -> dict[str, Any]:
    described = {
        "operationId": operation.id,
        "summary": _summary(operation.handler),
        "parameters": [
            *(_parameter(name, "path", "string") for name in re.findall(r"{(\w+)}", _written(operation.path))),
            *(_parameter(name, "query", item.type) for name, item in query.items(operation.query).items()),
            *(_parameter(name, "header", "string") for name in operation.headers),
        ],
        "responses": {
            "200": _done({JSON: operation.gives} | ({EVENTS: None} if operation.streams else {})),
            **_errors(),
        },
    }
    return described if operation.body is None else described | {"requestBody": _body(operation.body)}


def _open(open: Open) -> dict[str, Any]:
    return {
        "operationId": open.id,
        "summary": _summary(open.handler),
        "parameters": [],
        "responses": {"200": _done({open.media: None})},
        "security": [],
    }


def _summary(handler: Callable[..., object]) -> str:
    """The first sentence of its docstring."""
    return (handler.__doc__ or "").partition("\n")[0].rstrip(".")


def _body(body: Body[Any]) -> dict[str, Any]:
    return {"required": body.required, "content": {JSON: _schema(body.schema)}}


def _done(schemas: Mapping[str, str | None]) -> dict[str, Any]:
    return {"description": "Done", "content": {media: _schema(name) for media, name in schemas.items()}}


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
    return {status: {"description": text, "content": {JSON: {"schema": schema}}} for status, text in _ERRORS.items()}
