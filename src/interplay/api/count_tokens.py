"""The body of countTokens: generateContent's form of a prompt, read as what a model would be asked."""

from typing import Any, Final

import msgspec

from interplay import wire
from interplay.errors import invalid, listed, shown
from interplay.models.base import ModelRequest
from interplay.models.catalogue import Served
from interplay.wire.decode_body import decode_body


class Part(msgspec.Struct, frozen=True, rename="camel"):
    """A part of a message, of one kind. Only text is counted so far; the others are known to be refused by name."""

    text: str | None = None
    inline_data: Any = None
    inline_data_too: Any = msgspec.field(default=None, name="inline_data")  # Google's own examples spell it so
    file_data: Any = None
    file_data_too: Any = msgspec.field(default=None, name="file_data")
    function_call: Any = None
    function_response: Any = None
    executable_code: Any = None
    code_execution_result: Any = None


class Content(msgspec.Struct, frozen=True):
    """A message in generateContent's form."""

    parts: tuple[Part, ...]
    role: str = "user"


class CountTokensRequest(msgspec.Struct, frozen=True, rename="camel"):
    """The body of countTokens."""

    contents: tuple[Content, ...]
    model: str | None = None
    """The name again, which some clients send."""
    system_instruction: Content | None = None


_OTHERS: Final = [(field.name, field.encode_name) for field in msgspec.structs.fields(Part)[1:]]
"""The kinds that are no text, and how they are written."""
_COUNT_TOKENS: Final = msgspec.json.Decoder(CountTokensRequest)


def count_tokens_request(body: bytes) -> CountTokensRequest:
    """The request in the body. Raises Failure `invalid_request`."""
    return decode_body(_COUNT_TOKENS, body)


def prompt(asked: CountTokensRequest, served: Served) -> ModelRequest:
    """What the model would be asked. Raises Failure `invalid_request`."""
    _check_model(asked, served)
    if not asked.contents:
        raise invalid("'contents' is empty: expected at least one message to count.")
    system = _text(asked.system_instruction, "systemInstruction") if asked.system_instruction else None
    steps = tuple(_step(index, message) for index, message in enumerate(asked.contents))
    return ModelRequest(model=served.model, steps=steps, system_instruction=system)


def _check_model(asked: CountTokensRequest, served: Served) -> None:
    if asked.model is not None and asked.model.removeprefix("models/") != served.name:
        raise invalid(
            f"'model' {shown(asked.model)} is not the model of the path: expected {shown(served.name)}, or none."
        )


def _step(index: int, message: Content) -> wire.Step:
    content = (wire.TextContent(text=_text(message, f"contents[{index}]")),)
    match message.role:
        case "user" | "":
            return wire.UserInputStep(content=content)
        case "model":
            return wire.ModelOutputStep(content=content)
        case role:
            raise invalid(f"'contents[{index}].role' {shown(role)} is not valid: expected {listed(('user', 'model'))}.")


def _text(message: Content, where: str) -> str:
    return "".join(_part(part, f"{where}.parts[{index}]") for index, part in enumerate(message.parts))


def _part(part: Part, where: str) -> str:
    """The text of a part. Raises Failure `invalid_request` for one that has something else."""
    for field, written in _OTHERS:
        if (value := getattr(part, field)) is not None:
            raise invalid(f"'{where}.{written}' {_kind(value)}cannot be counted: only 'text' is.")
    if part.text is None:
        raise invalid(f"Missing required parameter '{where}.text'.")
    return part.text


def _kind(value: Any) -> str:
    """The kind of a medium; the SDKs write it in both ways."""
    kind = (value.get("mimeType") or value.get("mime_type")) if isinstance(value, dict) else None
    return f"of {shown(kind)} " if kind else ""
