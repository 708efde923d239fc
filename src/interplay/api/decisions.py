"""The decisions resource: one call, nothing kept."""

import asyncio
import time
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from interplay import wire
from interplay.api import body, query
from interplay.api.auth import Door
from interplay.engine.decisions.decide import decide
from interplay.errors import Failure
from interplay.models.catalogue import Catalogue, Served
from interplay.observe import DecisionsMade, Observer
from interplay.wire.decode_decision import create_decision

_LEFT: Final = "The client left before its questions were answered."


class Decisions:
    """The endpoint, over the catalogue. `temperature` is the calibration's."""

    def __init__(
        self, catalogue: Catalogue, door: Door, observe: Observer, *, max_body: int, temperature: float
    ) -> None:
        self._catalogue = catalogue
        self._door = door
        self._observe = observe
        self._max_body = max_body
        self._temperature = temperature

    def routes(self) -> list[Route]:
        """The resource's part of the route table."""
        return [Route("/decisions", self.create, methods=["POST"])]

    async def create(self, request: Request) -> Response:
        """Answer questions over one input."""
        project = await self._door.project(request)
        query.check(request)
        asked = create_decision(await body.read(request, self._max_body))
        served = await self._catalogue.resolve(asked.model)
        started = time.monotonic()
        made = await _while_here(request, asyncio.create_task(decide(asked, served, self._temperature)))
        self._observe(_observed(project, served, asked, made, time.monotonic() - started))
        return Response(msgspec.json.encode(made), media_type="application/json")


async def _while_here(request: Request, work: asyncio.Task[wire.CreateDecisionResponse]) -> wire.CreateDecisionResponse:
    """The answers. A client that leaves stops the work, because the SDKs send an abandoned create again."""
    gone = asyncio.ensure_future(request.receive())  # the body was read: what comes next is the disconnect
    gone.add_done_callback(lambda _: work.cancel())
    try:
        return await work
    except asyncio.CancelledError:
        if gone.done() and not gone.cancelled():
            raise Failure("cancelled", _LEFT) from None
        raise
    finally:
        gone.cancel()


def _observed(
    project: str,
    served: Served,
    asked: wire.CreateDecisionRequest,
    made: wire.CreateDecisionResponse,
    seconds: float,
) -> DecisionsMade:
    usage = made.usage or wire.Usage()
    return DecisionsMade(
        project=project,
        model=served.entry,
        questions=len(asked.questions),
        seconds=seconds,
        input_tokens=usage.total_input_tokens or 0,
        output_tokens=usage.total_output_tokens or 0,
    )
