"""The interactions resource: create, get, cancel, delete."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Final

import msgspec
from starlette.types import Receive

from interplay.api import unserved
from interplay.api.answer import Answer
from interplay.api.leaving import done_or_left
from interplay.api.operation import Body, Checked, Known, Operation
from interplay.api.sse import EventStream
from interplay.caller import Caller
from interplay.errors import Failure, invalid, shown
from interplay.runs.following import Following, from_the_start
from interplay.runs.run import Run
from interplay.runs.runs import Runs, Started
from interplay.wire import CreateInteraction
from interplay.wire.decode import create_interaction

_CURSOR: Final = "Last-Event-ID"


class Form(msgspec.Struct, frozen=True):
    """The query items of a create."""

    alt: str = "json"
    """`sse` is as good as `stream`, where the body does not say."""


class View(msgspec.Struct, frozen=True):
    """The query items of a get."""

    stream: bool = False
    last_event_id: str | None = None
    include_input: bool = False


class Interactions:
    """The endpoints, over the runs of this server."""

    def __init__(self, runs: Runs, *, heartbeat_seconds: float) -> None:
        self._runs = runs
        self._heartbeat = heartbeat_seconds

    def routes(self) -> list[Known]:
        """The resource's part of the route table."""
        all, one, gives = "/interactions", "/interactions/{id}", "Interaction"
        created = Body(create_interaction, "CreateInteraction")
        return [
            Operation(
                "POST", all, self.create, id="createInteraction", query=Form, body=created, gives=gives, streams=True
            ),
            *unserved.live(),
            Operation(
                "GET", one, self.get, id="getInteraction", query=View, headers=(_CURSOR,), gives=gives, streams=True
            ),
            Operation("DELETE", one, self.delete, id="deleteInteraction"),
            Operation("POST", f"{one}/cancel", self.cancel, id="cancelInteraction", gives=gives),
        ]

    async def create(self, request: Checked[Form, CreateInteraction]) -> Answer:
        """Run a model; the Interaction as JSON, or its events when `stream` is true."""
        asked = request.body
        streams = asked.stream if asked.stream is not None else request.query.alt == "sse"
        if asked.background:
            return await self._enqueue(request.caller, asked, streams=streams)
        started = await self._runs.start(request.caller, asked, incremental=streams)
        if streams:
            following = from_the_start(started.run)
            return Answer(self._stream(following, partial(self._refusal, started.run)), started.notes)
        return await self._answer(started, request.receive)

    async def get(self, request: Checked[View, None]) -> object:
        """The Interaction as JSON, or its events behind `last_event_id`."""
        view, cursor = request.query, _cursor(request)
        if view.stream:
            if view.include_input:
                raise invalid("'include_input' needs 'stream=false': events do not hold the input.")
            return self._stream(await self._runs.follow(request.project, request.id, cursor))
        if cursor is not None:
            raise invalid(f"'last_event_id' {shown(cursor)} needs 'stream=true': a plain answer has no events.")
        return await self._runs.resource(request.project, request.id, include_input=view.include_input)

    async def cancel(self, request: Checked[None, None]) -> object:
        """Stop a run in progress."""
        return await self._runs.cancel(request.project, request.id)

    async def delete(self, request: Checked[None, None]) -> object:
        """Remove an interaction."""
        await self._runs.delete(request.project, request.id)
        return {}

    async def _enqueue(self, caller: Caller, asked: CreateInteraction, *, streams: bool) -> Answer:
        enqueued = await self._runs.enqueue(caller, asked)
        if streams:
            following = await self._runs.follow(caller.project, enqueued.interaction.id, None)
            return Answer(self._stream(following), lambda: enqueued.notes)
        return Answer(enqueued.interaction, lambda: enqueued.notes)

    def _stream(
        self, following: Following, refusal: Callable[[], Awaitable[Failure | None]] | None = None
    ) -> EventStream:
        return EventStream(following.reader, following.leave, self._heartbeat, refusal)

    async def _answer(self, started: Started, receive: Receive) -> Answer:
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
        return Answer(run.resource(), started.notes)

    async def _refusal(self, run: Run) -> Failure | None:
        """Why nothing came of a run, which is kept no longer then; None where something did."""
        await run.ended()
        if (refusal := run.refusal()) is not None:
            with suppress(Failure):  # a disk that is full keeps it until it is not
                await self._runs.discard(run)
        return refusal


def _cursor(request: Checked[View, None]) -> str | None:
    """The event to go on after: of the query, or of the header that readers of event streams send by themselves."""
    asked, header = request.query.last_event_id, request.headers.get(_CURSOR)
    if None not in (asked, header) and asked != header:
        raise invalid(
            f"'last_event_id' {shown(asked)} and the header '{_CURSOR}' {shown(header)} differ: send one of them."
        )
    return header if asked is None else asked
