"""The interactions resource: create, get, cancel, delete."""

import asyncio
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive

from interplay.api import body
from interplay.api.auth import Door
from interplay.api.sse import EventStream
from interplay.errors import invalid
from interplay.runs.run import Run
from interplay.runs.runs import Runs
from interplay.wire.decode import create_interaction

_QUERY: Final = {"stream", "last_event_id", "include_input"}
_ANY_QUERY: Final = {"key", "alt", "$alt", "prettyPrint"}
"""Query items that any request may carry."""


class Interactions:
    """The endpoints, over the runs of this server."""

    def __init__(self, runs: Runs, door: Door, *, max_body: int, heartbeat_seconds: float) -> None:
        self._runs = runs
        self._door = door
        self._max_body = max_body
        self._heartbeat = heartbeat_seconds

    def routes(self) -> list[Route]:
        """The resource's part of the route table."""
        return [
            Route("/interactions", self.create, methods=["POST"]),
            Route("/interactions/{id}", self.get, methods=["GET"]),
            Route("/interactions/{id}", self.delete, methods=["DELETE"]),
            Route("/interactions/{id}/cancel", self.cancel, methods=["POST"]),
        ]

    async def create(self, request: Request) -> ASGIApp:
        """Run a model; the Interaction as JSON, or its events when `stream` is true."""
        project = await self._door.project(request)
        asked = create_interaction(await body.read(request, self._max_body))
        streams = asked.stream if asked.stream is not None else request.query_params.get("alt") == "sse"
        run = await self._runs.start(project, asked, incremental=streams)
        if streams:
            return self._stream(run)
        if asked.background:
            return _json(run.resource())
        return await self._answer(run, request.receive)

    async def get(self, request: Request) -> ASGIApp:
        """The Interaction as JSON, or its events behind `last_event_id`."""
        project = await self._door.project(request)
        _check_query(request)
        id, cursor = request.path_params["id"], request.query_params.get("last_event_id")
        if _flag(request, "stream"):
            following = await self._runs.follow(project, id, cursor)
            return EventStream(following.reader, following.leave, self._heartbeat)
        if cursor is not None:
            raise invalid(f"'last_event_id' {cursor[:80]!r} needs 'stream=true': a plain answer has no events.")
        return _json(await self._runs.resource(project, id, include_input=_flag(request, "include_input")))

    async def cancel(self, request: Request) -> Response:
        """Stop a run in progress."""
        project = await self._door.project(request)
        return _json(await self._runs.cancel(project, request.path_params["id"]))

    async def delete(self, request: Request) -> Response:
        """Remove an interaction."""
        project = await self._door.project(request)
        await self._runs.delete(project, request.path_params["id"])
        return _json(b"{}")

    def _stream(self, run: Run) -> EventStream:
        following = self._runs.following(run)
        return EventStream(following.reader, following.leave, self._heartbeat)

    async def _answer(self, run: Run, receive: Receive) -> Response:
        """Wait for the end. A client that leaves meanwhile leaves the run."""
        run.join()
        gone = asyncio.ensure_future(receive())  # the body was read: what comes next is the disconnect
        ended = asyncio.ensure_future(run.ended())
        try:
            await asyncio.wait([gone, ended], return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone.cancel()
            run.leave()
        await ended
        if (refusal := run.refusal()) is not None:
            raise refusal
        return _json(run.resource())


def _json(content: bytes) -> Response:
    return Response(content, media_type="application/json")


def _flag(request: Request, name: str) -> bool:
    value = request.query_params.get(name, "false")
    if value.lower() not in ("true", "false", "1", "0"):
        raise invalid(f"'{name}' {value[:80]!r} is not valid: expected true or false.")
    return value.lower() in ("true", "1")


def _check_query(request: Request) -> None:
    for name in request.query_params:
        if name not in _QUERY | _ANY_QUERY:
            raise invalid(f"Unknown parameter '{name[:80]}'. Expected one of: {', '.join(sorted(_QUERY))}.")
