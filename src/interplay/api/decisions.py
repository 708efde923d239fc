"""The decisions resource: one call, nothing kept."""

import asyncio

from interplay.api.leaving import done_or_left
from interplay.api.operation import Body, Checked, Known, Operation
from interplay.errors import Failure
from interplay.runs.deciding import Deciding
from interplay.wire import CreateDecisionRequest
from interplay.wire.decode_decision import create_decision


class Decisions:
    """The endpoint."""

    def __init__(self, deciding: Deciding) -> None:
        self._deciding = deciding

    def routes(self) -> list[Known]:
        """The resource's part of the route table."""
        body = Body(create_decision, "CreateDecisionRequest")
        return [
            Operation("POST", "/decisions", self.create, id="createDecision", body=body, gives="CreateDecisionResponse")
        ]

    async def create(self, request: Checked[None, CreateDecisionRequest]) -> object:
        """Answer questions over one input by probabilities.

        A client that leaves stops the work, because the SDKs send an abandoned create again.
        """
        deciding = asyncio.create_task(self._deciding.decide(request.caller, request.body))
        try:
            if not await done_or_left(deciding, request.receive):
                raise Failure("cancelled", "The client left before its questions were answered.")
            return await deciding
        finally:
            deciding.cancel()
            await asyncio.wait([deciding])
