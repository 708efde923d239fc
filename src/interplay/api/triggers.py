"""The triggers resource and its executions."""

from interplay import wire
from interplay.api import pages
from interplay.api.answer import Answer
from interplay.api.operation import Body, Checked, Known, Operation
from interplay.api.pages import Page
from interplay.triggers.triggers import Triggers
from interplay.wire.decode_trigger import create_trigger, run_trigger, update_trigger


class TriggerPage(Page, frozen=True):
    """The query items of the list of triggers."""

    filter: str = ""


class TriggerRoutes:
    """The endpoints, over the triggers of this server's store."""

    def __init__(self, triggers: Triggers) -> None:
        self._triggers = triggers

    def routes(self) -> list[Known]:
        """The resource's part of the route table."""
        one, runs = "/triggers/{id}", "/triggers/{id}/executions"
        created, updated = Body(create_trigger, "TriggerCreateParams"), Body(update_trigger, "TriggerUpdate")
        started = Body(run_trigger, required=False)
        page, history = "ListTriggersResponse", "ListTriggerExecutionsResponse"
        return [
            Operation("POST", "/triggers", self.create, id="createTrigger", body=created, gives="Trigger"),
            Operation("GET", "/triggers", self.list, id="listTriggers", query=TriggerPage, gives=page),
            Operation("GET", one, self.get, id="getTrigger", gives="Trigger"),
            Operation("PATCH", one, self.update, id="updateTrigger", body=updated, gives="Trigger"),
            Operation("DELETE", one, self.delete, id="deleteTrigger"),
            Operation("POST", runs, self.run, id="runTrigger", body=started, gives="TriggerExecution"),
            Operation("GET", runs, self.executions, id="listTriggerExecutions", query=Page, gives=history),
        ]

    async def create(self, request: Checked[None, wire.TriggerCreateParams]) -> Answer:
        """Start an interaction by the clock, again and again."""
        made, notes = await self._triggers.create(request.caller, request.body)
        return Answer(made, lambda: notes)

    async def list(self, request: Checked[TriggerPage, None]) -> object:
        """A page of triggers, the newest first."""
        page = request.query
        found, last = await self._triggers.page(request.project, page.filter, page.after, page.size)
        return wire.ListTriggersResponse(triggers=found, next_page_token=pages.token(last))

    async def get(self, request: Checked[None, None]) -> object:
        """One trigger."""
        return await self._triggers.get(request.project, request.id)

    async def update(self, request: Checked[None, wire.TriggerUpdate]) -> object:
        """Pause, resume or rename a trigger."""
        return await self._triggers.update(request.project, request.id, request.body)

    async def delete(self, request: Checked[None, None]) -> object:
        """Remove a trigger; its executions stay."""
        await self._triggers.delete(request.project, request.id)
        return {}

    async def run(self, request: Checked[None, None]) -> object:
        """Execute a trigger now."""
        return await self._triggers.run(request.project, request.id)

    async def executions(self, request: Checked[Page, None]) -> object:
        """A page of a trigger's executions, the newest first."""
        found, last = await self._triggers.executions(
            request.project, request.id, request.query.after, request.query.size
        )
        return wire.ListTriggerExecutionsResponse(trigger_executions=found, next_page_token=pages.token(last))
