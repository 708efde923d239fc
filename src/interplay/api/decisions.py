"""The decisions resource: one call, nothing kept."""

import asyncio

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from interplay.api import body, query
from interplay.api.auth import Door
from interplay.api.leaving import done_or_left
from interplay.api.operation import Media, Operation
from interplay.errors import Failure
from interplay.runs.deciding import Deciding
from interplay.wire.decode_decision import create_decision


class Decisions:
    """The endpoint."""

    def __init__(self, deciding: Deciding, door: Door, *, max_body: int) -> None:
        self._deciding = deciding
        self._door = door
        self._max_body = max_body

    def routes(self) -> list[Operation]:
        """The resource's part of the route table."""
        gives: dict[Media, str | None] = {"application/json": "CreateDecisionResponse"}
        return [
            Operation("POST", "/decisions", self.create, id="createDecision", body="CreateDecisionRequest", gives=gives)
        ]

    async def create(self, request: Request) -> Response:
        """Answer questions over one input by probabilities.

        A client that leaves stops the work, because the SDKs send an abandoned create again.
        """
        caller = await self._door.caller(request)
        query.check(request)
        asked = create_decision(await body.read(request, self._max_body))
        deciding = asyncio.create_task(self._deciding.decide(caller, asked))
        try:
            if not await done_or_left(deciding, request.receive):
                raise Failure("cancelled", "The client left before its questions were answered.")
            return Response(msgspec.json.encode(await deciding), media_type="application/json")
        finally:
            deciding.cancel()
            await asyncio.wait([deciding])
