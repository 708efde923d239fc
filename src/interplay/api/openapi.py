"""The OpenAPI document of this server, made from the wire structs. Served at `/openapi.json`."""

from functools import cache
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from interplay import __version__
from interplay.wire.openapi import components

_JSON: Final = "application/json"
_ERRORS: Final = {"400": "The request is wrong", "401": "No valid API key", "404": "Not found in this project"}


def routes() -> list[Route]:
    """The document's endpoint."""
    return [Route("/openapi.json", _serve, methods=["GET"])]


@cache
def document() -> dict[str, Any]:
    """The whole document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Interplay",
            "version": __version__,
            "description": "The Gemini Interactions API on your own machines. Any version part may stand for `v1beta`.",
        },
        "security": [{"key": []}, {"bearer": []}],
        "paths": _paths(),
        "components": {
            "schemas": components(),
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "x-goog-api-key"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
        },
    }


async def _serve(_: Request) -> Response:
    return Response(msgspec.json.encode(document()), media_type=_JSON)


def _paths() -> dict[str, Any]:
    interaction = "/v1beta/interactions/{id}"
    return {
        "/v1beta/interactions": {
            "post": _operation("createInteraction", "Run a model", _interaction_or_events(), body="CreateInteraction")
        },
        interaction: {
            "get": _operation(
                "getInteraction",
                "An interaction, or its events behind `last_event_id`",
                _interaction_or_events(),
                parameters=[
                    _id(),
                    _query("stream", "boolean"),
                    _query("last_event_id", "string"),
                    _query("include_input", "boolean"),
                ],
            ),
            "delete": _operation("deleteInteraction", "Remove an interaction", {_JSON: {}}, parameters=[_id()]),
        },
        f"{interaction}/cancel": {
            "post": _operation(
                "cancelInteraction", "Stop an interaction in progress", _content("Interaction"), parameters=[_id()]
            )
        },
        "/v1beta/decisions": {
            "post": _operation(
                "createDecision",
                "Answer questions over one input by probabilities",
                _content("CreateDecisionResponse"),
                body="CreateDecisionRequest",
            )
        },
        "/v1beta/models": {
            "get": _operation(
                "listModels",
                "What can be asked",
                {_JSON: {}},
                parameters=[_query("pageSize", "integer"), _query("pageToken", "string")],
            )
        },
        "/v1beta/models/{id}": {"get": _operation("getModel", "One model", {_JSON: {}}, parameters=[_id()])},
        "/v1beta/models/{id}:countTokens": {
            "post": _operation("countTokens", "The length of a prompt in tokens", {_JSON: {}}, parameters=[_id()])
        },
    }


def _operation(
    id: str, summary: str, content: dict[str, Any], body: str | None = None, parameters: list[Any] | None = None
) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": id,
        "summary": summary,
        "responses": {"200": {"description": "Done", "content": content}} | _errors(),
    }
    if parameters:
        operation["parameters"] = parameters
    if body:
        operation["requestBody"] = {"required": True, "content": _content(body)}
    return operation


def _errors() -> dict[str, Any]:
    schema = {
        "type": "object",
        "required": ["error"],
        "properties": {"error": {"$ref": "#/components/schemas/Error"}},
    }
    return {status: {"description": text, "content": {_JSON: {"schema": schema}}} for status, text in _ERRORS.items()}


def _interaction_or_events() -> dict[str, Any]:
    return _content("Interaction") | {"text/event-stream": {"schema": {"type": "string"}}}


def _content(name: str) -> dict[str, Any]:
    return {_JSON: {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def _id() -> dict[str, Any]:
    return {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}


def _query(name: str, type: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": {"type": type}}
