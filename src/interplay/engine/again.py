"""Going on with an interaction that an earlier attempt has begun, and whose server died or stopped over it.

    what was shown                        what is done
    the answer, or calls                  it ends: nothing that a client may have acted on is asked for again
    the beginning of a text, and the      the model goes on from its very end, in the same step: nothing is
    model can go on with one              taken back
    anything else                         the model is asked again: a status update `in_progress` says that what the
                                          open step held is not part of the answer, and new steps follow

What was finished stays. Steps that are cut stay in the log, which is never taken back, and not in the Interaction.
"""

import msgspec

from interplay import wire
from interplay.engine.status import COMPLETED, FAILED, IN_PROGRESS, REQUIRES_ACTION
from interplay.errors import Failure
from interplay.models.base import Backend, Counts, ModelRequest


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """What earlier attempts have shown: the fold of a log without an end."""

    interaction: wire.Interaction
    started: int
    """How many steps have begun, those that were cut included."""
    open_step: int | None
    """Index of the step that was under way."""
    asked: bool
    """Whether the model was asked since the last step began: what stands before that was no answer then either."""

    def over(self) -> str | None:
        """The status it ends with, if there is nothing left to ask the model for."""
        if self.interaction.errors:
            return FAILED
        if any(isinstance(step, wire.FunctionCallStep) for step in self.interaction.steps):
            return REQUIRES_ACTION
        answered = bool(self.interaction.steps) and isinstance(self.interaction.steps[-1], wire.ModelOutputStep)
        return COMPLETED if answered and self.open_step is None and not self.asked else None

    def said(self) -> str:
        """The text of the answer that was under way, or whole at the end."""
        last = self.interaction.steps[-1] if self.interaction.steps else None
        if not isinstance(last, wire.ModelOutputStep):
            return ""
        return "".join(block.text for block in last.content or () if isinstance(block, wire.TextContent))

    def shown(self) -> str:
        """All that the model wrote of what was shown."""
        calls = [step for step in self.interaction.steps if isinstance(step, wire.FunctionCallStep)]
        written = [f"{call.name}{msgspec.json.encode(call.arguments).decode()}" for call in calls]
        return "\n".join([*written, self.said()])

    def closing(self) -> list[wire.Event]:
        """The events before the model is asked again."""
        again = wire.InteractionStatusUpdate(interaction_id=self.interaction.id, status=IN_PROGRESS)
        return [again] if self.open_step is None else [again, wire.StepStop(index=self.open_step)]


class Prefix(msgspec.Struct, frozen=True):
    """The beginning of an answer that the model goes on with."""

    text: str = ""
    prompt: int | None = None
    """Tokens of the conversation before it; None where the backend cannot tell."""
    tokens: int = 0
    """Its own."""

    def before(self, request: ModelRequest) -> ModelRequest:
        """The request for what comes behind it, with the tokens that are left."""
        if not self.text:
            return request
        config, most = request.generation_config, request.generation_config.max_output_tokens
        if most is not None:
            config = msgspec.structs.replace(config, max_output_tokens=most - self.tokens)
        return msgspec.structs.replace(continued(request, self.text), generation_config=config)

    def spent(self, request: ModelRequest) -> bool:
        """Whether the token limit leaves nothing to say."""
        most = request.generation_config.max_output_tokens
        return most is not None and self.tokens >= most

    def counts(self) -> Counts | None:
        """The counts of an answer that is whole."""
        return None if self.prompt is None else Counts(self.prompt, self.tokens)

    def counted(self, counts: Counts | None) -> Counts | None:
        """The counts of the whole answer, from those of what came behind it."""
        if counts is None or self.prompt is None:
            return counts
        return msgspec.structs.replace(counts, input=self.prompt, output=self.tokens + (counts.output or 0))


async def prefix(begun: Begun | None, request: ModelRequest, backend: Backend) -> Prefix:
    """What the model goes on with; empty where it is asked from the beginning.

    JSON is not gone on with: the grammar that it is held to begins at its beginning.
    """
    text = begun.said() if begun is not None and begun.open_step is not None else ""
    if not text or not backend.continues or request.answer is not None:
        return Prefix()
    return await measured(text, request, backend)


async def measured(text: str, request: ModelRequest, backend: Backend) -> Prefix:
    """An answer, or its beginning, as the backend counts it."""
    try:
        prompt = await backend.count_tokens(request)
        return Prefix(text, prompt, max(0, await backend.count_tokens(continued(request, text)) - prompt))
    except Failure:  # it counts nothing, or cannot be asked now; the turn itself will say so
        return Prefix(text)


def continued(request: ModelRequest, text: str) -> ModelRequest:
    """The request for what comes behind this text."""
    said = wire.ModelOutputStep(content=(wire.TextContent(text=text),))
    return msgspec.structs.replace(request, steps=(*request.steps, said), continues=True)
