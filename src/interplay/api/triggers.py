"""The triggers resource and its executions."""

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from interplay import wire
from interplay.api import body, pages, query
from interplay.api.auth import Door
from interplay.api.noted import noted
from interplay.api.operation import Media, Operation
from interplay.triggers.triggers import Triggers
from interplay.wire.decode_trigger import create_trigger, run_trigger, update_trigger

_LIST: Final = {"filter": "string", **pages.QUERY}


class TriggerRoutes:
    """The endpoints, over the triggers of this server's store."""

    def __init__(self, triggers: Triggers, door: Door, *, max_body: int) -> None:
        self._triggers = triggers
        self._door = door
        self._max_body = max_body

    def routes(self) -> list[Operation]:
        """The resource's part of the route table."""
        one, runs = "/triggers/{id}", "/triggers/{id}/executions"
        trigger, execution = _gives("Trigger"), _gives("TriggerExecution")
        page, history = _gives("ListTriggersResponse"), _gives("ListTriggerExecutionsResponse")
        return [
            Operation("POST", "/triggers", self.create, id="createTrigger", body="TriggerCreateParams", gives=trigger),
            Operation("GET", "/triggers", self.list, id="listTriggers", query=_LIST, gives=page),
            Operation("GET", one, self.get, id="getTrigger", gives=trigger),
            Operation("PATCH", one, self.update, id="updateTrigger", body="TriggerUpdate", gives=trigger),
            Operation("DELETE", one, self.delete, id="deleteTrigger"),
            Operation("POST", runs, self.run, id="runTrigger", gives=execution),
            Operation("GET", runs, self.executions, id="listTriggerExecutions", query=pages.QUERY, gives=history),
        ]

    async def create(self, request: Request) -> Response:
        """Start an interaction by the clock, again and again."""
        caller = await self._door.caller(request)
        query.check(request)
        asked = create_trigger(await body.read(request, self._max_body))
        trigger, notes = await self._triggers.create(caller, asked)
        return _json(trigger, noted(notes))

    async def list(self, request: Request) -> Response:
        """A page of triggers, the newest first."""
        project = await self._door.project(request)
        query.check(request, *_LIST)
        filter = request.query_params.get("filter", "")
        found, last = await self._triggers.page(project, filter, pages.after(request), pages.size(request))
        return _json(wire.ListTriggersResponse(triggers=found, next_page_token=pages.token(last)))

    async def get(self, request: Request) -> Response:
        """One trigger."""
        project = await self._door.project(request)
        query.check(request)
        return _json(await self._triggers.get(project, request.path_params["id"]))

    async def update(self, request: Request) -> Response:
        """Pause, resume or rename a trigger."""
        project = await self._door.project(request)
        query.check(request)
        asked = update_trigger(await body.read(request, self._max_body))
        return _json(await self._triggers.update(project, request.path_params["id"], asked))

    async def delete(self, request: Request) -> Response:
        """Remove a trigger; its executions stay."""
        project = await self._door.project(request)
        query.check(request)
        await self._triggers.delete(project, request.path_params["id"])
        return _json({})

    async def run(self, request: Request) -> Response:
        """Execute a trigger now."""
        project = await self._door.project(request)
        query.check(request)
        run_trigger(await body.read(request, self._max_body))
        return _json(await self._triggers.run(project, request.path_params["id"]))

    async def executions(self, request: Request) -> Response:
        """A page of a trigger's executions, the newest first."""
        project = await self._door.project(request)
        query.check(request, *pages.QUERY)
        id, after, size = request.path_params["id"], pages.after(request), pages.size(request)
        found, last = await self._triggers.executions(project, id, after, size)
        return _json(wire.ListTriggerExecutionsResponse(trigger_executions=found, next_page_token=pages.token(last)))


def _gives(schema: str) -> dict[Media, str | None]:
    return {"application/json": schema}


def _json(content: object, headers: dict[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(content), headers=headers, media_type="application/json")
