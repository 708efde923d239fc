"""The conversation that a request goes on from: out of memory, or loaded."""

from interplay.engine import status as statuses
from interplay.engine.history import history
from interplay.errors import invalid, not_found, shown
from interplay.runs.conversations import Conversation, Conversations
from interplay.store.base import Store


class Past:
    """What was said before, by the id of the interaction that was last."""

    def __init__(self, store: Store, conversations: Conversations) -> None:
        self._store = store
        self._conversations = conversations

    async def conversation(self, project: str, previous_id: str | None) -> Conversation:
        """Everything up to and including this interaction. Raises Failure where a conversation cannot go on from it."""
        if previous_id is None:
            return Conversation(generation=self._conversations.generation)
        await self._check_previous(project, previous_id)
        known = self._conversations.get(project, previous_id)
        return known or await self._load(project, previous_id)

    async def _check_previous(self, project: str, previous_id: str) -> None:
        previous = await self._store.get(project, previous_id)
        if previous is None:
            raise not_found(
                f"'previous_interaction_id' {shown(previous_id)} names no interaction of this project. Expected the id "
                "of an interaction that was stored and not deleted since."
            )
        if previous.status not in statuses.CAN_GO_ON:
            raise invalid(
                f"'previous_interaction_id' {shown(previous_id)} is {previous.status}: expected an interaction that "
                "has ended and has not failed. Go on from the last good one."
            )

    async def _load(self, project: str, previous_id: str) -> Conversation:
        generation = self._conversations.generation
        turns = await self._store.history(project, previous_id)
        steps = tuple(history((turn.input, turn.resource) for turn in turns))
        size = sum(len(turn.input) + len(turn.resource) for turn in turns)
        conversation = Conversation(steps, size, generation)
        self._conversations.put(project, previous_id, conversation)
        return conversation
