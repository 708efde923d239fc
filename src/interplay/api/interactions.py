"""The interactions resource: create, get, cancel, delete."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive

from interplay.api import body, query
from interplay.api.auth import Door
from interplay.api.leaving import done_or_left
from interplay.api.noted import noted
from interplay.api.operation import Media, Operation
from interplay.api.sse import EventStream
from interplay.caller import Caller
from interplay.errors import Failure, invalid, shown
from interplay.notes import Note
from interplay.runs.following import Following, from_the_start
from interplay.runs.run import Run
from interplay.runs.runs import Runs, Started
from interplay.wire import CreateInteraction
from interplay.wire.decode import create_interaction

_encode = msgspec.json.Encoder().encode

_INTERACTION: Final[dict[Media, str | None]] = {"application/json": "Interaction"}
_OR_EVENTS: Final[dict[Media, str | None]] = {**_INTERACTION, "text/event-stream": None}
_VIEW: Final = {"stream": "boolean", "last_event_id": "string", "include_input": "boolean"}
_CURSOR: Final = "Last-Event-ID"


class Interactions:
    """The endpoints, over the runs of this server."""

    def __init__(self, runs: Runs, door: Door, *, max_body: int, heartbeat_seconds: float) -> None:
        self._runs = runs
        self._door = door
        self._max_body = max_body
        self._heartbeat = heartbeat_seconds

    def routes(self) -> list[Operation]:
        """The resource's part of the route table."""
        return [
            Operation(
                "POST", "/interactions", self.create, id="createInteraction", body="CreateInteraction", gives=_OR_EVENTS
            ),
            Operation(
                "GET",
                "/interactions/{id}",
                self.get,
                id="getInteraction",
                query=_VIEW,
                headers={_CURSOR: "string"},
                gives=_OR_EVENTS,
            ),
            Operation("DELETE", "/interactions/{id}", self.delete, id="deleteInteraction"),
            Operation("POST", "/interactions/{id}/cancel", self.cancel, id="cancelInteraction", gives=_INTERACTION),
        ]

    async def create(self, request: Request) -> ASGIApp:
        """Run a model; the Interaction as JSON, or its events when `stream` is true."""
        caller = await self._door.caller(request)
        query.check(request)
        asked = create_interaction(await body.read(request, self._max_body))
        streams = asked.stream if asked.stream is not None else request.query_params.get("alt") == "sse"
        if asked.background:
            return await self._enqueue(caller, asked, streams=streams)
        started = await self._runs.start(caller, asked, incremental=streams)
        if streams:
            following = from_the_start(started.run)
            return self._stream(following, started.notes, partial(self._refusal, started.run))
        return await self._answer(started, request.receive)

    async def get(self, request: Request) -> ASGIApp:
        """The Interaction as JSON, or its events behind `last_event_id`."""
        project = await self._door.project(request)
        query.check(request, *_VIEW)
        id, cursor = request.path_params["id"], _cursor(request)
        include_input = query.flag(request, "include_input")
        if query.flag(request, "stream"):
            if include_input:
                raise invalid("'include_input' needs 'stream=false': events do not hold the input.")
            return self._stream(await self._runs.follow(project, id, cursor))
        if cursor is not None:
            raise invalid(f"'last_event_id' {shown(cursor)} needs 'stream=true': a plain answer has no events.")
        return _json(await self._runs.resource(project, id, include_input=include_input))

    async def cancel(self, request: Request) -> Response:
        """Stop a run in progress."""
        project = await self._door.project(request)
        query.check(request)
        return _json(await self._runs.cancel(project, request.path_params["id"]))

    async def delete(self, request: Request) -> Response:
        """Remove an interaction."""
        project = await self._door.project(request)
        query.check(request)
        await self._runs.delete(project, request.path_params["id"])
        return _json(b"{}")

    async def _enqueue(self, caller: Caller, asked: CreateInteraction, *, streams: bool) -> ASGIApp:
        enqueued = await self._runs.enqueue(caller, asked)
        if streams:
            following = await self._runs.follow(caller.project, enqueued.interaction.id, None)
            return self._stream(following, lambda: enqueued.notes)
        return _json(_encode(enqueued.interaction), enqueued.notes)

    def _stream(
        self,
        following: Following,
        notes: Callable[[], Sequence[Note]] = tuple,
        refusal: Callable[[], Awaitable[Failure | None]] | None = None,
    ) -> EventStream:
        return EventStream(following.reader, following.leave, self._heartbeat, lambda: noted(notes()), refusal)

    async def _answer(self, started: Started, receive: Receive) -> Response:
        """Wait for the end. A client that leaves meanwhile leaves the run."""
        run = started.run
        run.join()
        ended = asyncio.ensure_future(run.ended())
        try:
            await done_or_left(ended, receive)
        finally:
            run.leave()
        await ended
        if (refusal := await self._refusal(run)) is not None:
            raise refusal
        return _json(run.resource(), started.notes())

    async def _refusal(self, run: Run) -> Failure | None:
        """Why nothing came of a run, which is kept no longer then; None where something did."""
        await run.ended()
        if (refusal := run.refusal()) is not None:
            with suppress(Failure):  # a disk that is full keeps it until it is not
                await self._runs.discard(run)
        return refusal


def _cursor(request: Request) -> str | None:
    """The event to go on after: of the query, or of the header that readers of event streams send by themselves."""
    asked, header = request.query_params.get("last_event_id"), request.headers.get(_CURSOR)
    if None not in (asked, header) and asked != header:
        raise invalid(
            f"'last_event_id' {shown(asked)} and the header '{_CURSOR}' {shown(header)} differ: send one of them."
        )
    return header if asked is None else asked


def _json(content: bytes, notes: Sequence[Note] = ()) -> Response:
    return Response(content, headers=noted(notes), media_type="application/json")
