"""How a small model is asked for the text of an answer: results folded in, the form it must have said and enforced.

Pure functions. Not here: whether there is to be text at all (`calling`).
"""

from typing import Final

import msgspec

from interplay.models.base import ModelRequest
from interplay.models.local.functions.transcript import USE, USE_IN_WORDS, folded
from interplay.schemas import Schema
from interplay.wire import FunctionCallStep, FunctionResultStep

LONGEST_SCHEMA: Final = 4000
"""Characters of a schema that is told to the model. A longer one is enforced only: reading it would take too long."""


def as_chat(request: ModelRequest) -> ModelRequest:
    """The same request as a conversation of nothing but words."""
    if any(isinstance(step, FunctionCallStep | FunctionResultStep) for step in request.steps):
        request = msgspec.structs.replace(request, steps=folded(request.steps, USE if request.answer else USE_IN_WORDS))
    told = request.system_instruction
    if request.answer is not None:
        told = "\n\n".join(filter(None, [told, in_words(request.answer)]))
    return of_words(msgspec.structs.replace(request, system_instruction=told))


def of_words(request: ModelRequest) -> ModelRequest:
    """The request without calls and schema: what the engine does of itself about them leaves no room for a grammar."""
    return msgspec.structs.replace(request, functions=(), must_call=False, answer=None)


def in_words(schema: Schema) -> str:
    """What form the answer must have."""
    text = "" if schema.told is None else msgspec.json.encode(schema.told).decode()
    return (
        f"Answer with JSON that meets this schema: {text}" if 0 < len(text) <= LONGEST_SCHEMA else "Answer with JSON."
    )


def enforced(request: ModelRequest) -> dict[str, object]:
    """The fields that hold the engine to the form. JSON repeats itself by its nature, so that is not punished."""
    return {} if request.answer is None else {"grammar": request.answer.grammar, "repeat_penalty": 1.0}
