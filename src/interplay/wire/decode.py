"""Reads a request: bytes in, typed values or a Failure out.

    create_interaction(body)        the whole body; `input` and `response_format` stay raw, as each has several shapes
    input_steps(request.input)      what the client sends, as steps
    response_formats(request.response_format)
    function_result(step.result)    what a client's function returned

Nothing else comes out of these functions, whatever the bytes are. All are strict about unknown fields, but for the
steps of earlier answers that a client sends back; a `function_result` is the client's own.

Not here: whether a model or agent exists or can do what is asked (`interplay.runs`, `interplay.models`).
"""

from typing import Final

import msgspec

from interplay.errors import invalid, shown
from interplay.wire.decode_body import decode_body
from interplay.wire.decode_format import response_formats
from interplay.wire.decode_input import function_result, input_steps
from interplay.wire.request import CreateInteraction

__all__ = ["create_interaction", "function_result", "input_steps", "refuse_wrong_runner", "response_formats"]

_REQUEST: Final = msgspec.json.Decoder(CreateInteraction)

_ONLY_WITH_MODEL: Final = ("generation_config", "cached_content")
_ONLY_WITH_AGENT: Final = ("agent_config",)


def create_interaction(body: bytes) -> CreateInteraction:
    """The request in the body of `POST /interactions`."""
    request = decode_body(_REQUEST, body)
    refuse_wrong_runner(request)
    return request


def refuse_wrong_runner(request: CreateInteraction) -> None:
    """A model runs, or an agent; each has settings that mean nothing to the other."""
    if request.model is None and request.agent is None:
        raise invalid("Missing required parameter: give either 'model' or 'agent'.")
    if request.model is not None and request.agent is not None:
        raise invalid(
            f"Give either 'model' or 'agent', not both: got {shown(request.model)} and {shown(request.agent)}."
        )
    if request.model is None:
        _refuse(request, _ONLY_WITH_MODEL, "model")
    else:
        _refuse(request, _ONLY_WITH_AGENT, "agent")


def _refuse(request: CreateInteraction, fields: tuple[str, ...], runner: str) -> None:
    for field in fields:
        if getattr(request, field) is not None:
            raise invalid(f"Unknown parameter '{field}': it can only be given together with '{runner}'.")
