"""What a client's function returned, as the text that a model reads.

    "12 degrees"                                   as it is
    [{"type": "text", "text": "12 degrees"}, ...]  the blocks, a line each
    {"content": [...]} or {"result": [...]}        the blocks inside, as MCP and the SDKs wrap them
    {"degrees": 12}                                JSON

Not here: where in the conversation it stands (`chat.messages`).
"""

from typing import Any, Final

import msgspec

from interplay import wire
from interplay.schemas import exact
from interplay.wire.decode_input import function_result

Blocks = tuple[wire.FunctionResultSubcontent, ...]

NOT_YET: Final = "There is no result yet."
"""What stands behind a call that has no result: servers refuse a call that nothing answers."""

_WRAPPERS: Final = ("content", "result")
"""The only word of an object, where it merely wraps content blocks."""

_BESIDE: Final = frozenset({"isError", "structuredContent", "_meta"})
"""MCP's words beside `content`; the blocks say the same as `structuredContent`."""


def result_text(step: wire.FunctionResultStep) -> str:
    """The result as the model reads it; one that reports a failure says so first."""
    content = blocks(step)
    text = content if isinstance(content, str) else "\n".join(map(_block_text, content))
    return f"Error: {text}" if _failed(step) else text


def blocks(step: wire.FunctionResultStep) -> str | Blocks:
    """The content blocks of a result; text where it has none."""
    match function_result(step.result):
        case str(text):
            return text
        case tuple(content):
            return content
        case fields:
            return _unwrapped(fields) or exact.encode(exact.decode(step.result))


def _unwrapped(fields: dict[str, Any]) -> Blocks | None:
    """The blocks in a wrapper; None for an object that is the result itself."""
    inside = [fields[name] for name in _WRAPPERS if fields.keys() - _BESIDE == {name}]
    if not inside or not isinstance(inside[0], list):
        return None
    try:
        return msgspec.convert(inside[0], Blocks)
    except msgspec.ValidationError:
        return None


def _failed(step: wire.FunctionResultStep) -> bool:
    if step.is_error is not None:
        return step.is_error
    match function_result(step.result):
        case {"isError": True}:
            return True
        case _:
            return False


def _block_text(block: wire.FunctionResultSubcontent) -> str:
    """A block's text; other blocks as JSON (`interplay.models.checks` refuses those that are media)."""
    return block.text if isinstance(block, wire.TextContent) else msgspec.json.encode(block).decode()
