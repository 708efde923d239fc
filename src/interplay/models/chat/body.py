"""The body of a chat-completions request. Pure functions. Not here: the conversation in it (`messages`)."""

from typing import Final

from interplay.models.base import NO_ARGUMENTS, Function, ModelRequest
from interplay.models.chat.messages import messages
from interplay.wire import GenerationConfig

_POSITIVE: Final = 2**31 - 1


def body(request: ModelRequest) -> dict[str, object]:
    """The request body of one turn."""
    fields: dict[str, object] = {"model": request.model, "messages": messages(request)}
    fields |= sampling(request.generation_config) | tools(request) | _format(request)
    if request.incremental:
        return fields | {"stream": True, "stream_options": {"include_usage": True}}
    return fields | {"stream": False}


def sampling(config: GenerationConfig) -> dict[str, object]:
    """The request fields that say how to decode; what the client left out is left to the engine."""
    fields = {
        "temperature": config.temperature,
        "top_p": config.top_p,
        "top_k": config.top_k,
        "seed": None if config.seed is None else config.seed & _POSITIVE,  # engines read a negative seed as "any"
        "max_tokens": config.max_output_tokens,
        "stop": config.stop_sequences or None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def tools(request: ModelRequest) -> dict[str, object]:
    """The functions that may be called, and whether one must be.

    A function is never demanded by name, not even the only one: LM Studio refuses a `tool_choice` that is no word, and
    llama-server takes it for "auto". "required" means the same where there is one.
    """
    if not request.functions:
        return {}
    choice = "required" if request.must_call else "auto"
    return {"tools": [_tool(function) for function in request.functions], "tool_choice": choice}


def _tool(function: Function) -> dict[str, object]:
    described = {"description": function.description} if function.description else {}
    parameters = {**NO_ARGUMENTS, **function.declared}
    return {"type": "function", "function": {"name": function.name, **described, "parameters": parameters}}


def _format(request: ModelRequest) -> dict[str, object]:
    return {} if request.answer is None else {"response_format": request.answer.for_upstream()}
