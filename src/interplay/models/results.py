"""What a client's function returned, as the text that a model reads. Not here: how a backend says it to its model."""

import msgspec

from interplay import wire
from interplay.wire.decode import function_result


def result_text(step: wire.FunctionResultStep) -> str:
    """The result's text: a string as it is, the text of content blocks, an object as JSON. A failure is called that."""
    text = _text(step.result)
    return f"Error: {text}" if step.is_error else text


def _text(raw: msgspec.Raw) -> str:
    match function_result(raw):
        case str(text):
            return text
        case tuple(blocks):
            return "\n".join(map(_block, blocks))
        case fields:
            wrapped = _wrapped(fields)
            return bytes(raw).decode() if wrapped is None else "\n".join(map(_block, wrapped))


def _wrapped(fields: dict[str, object]) -> tuple[wire.FunctionResultSubcontent, ...] | None:
    """The blocks of `{"content": [...]}`, as MCP tools answer."""
    if fields.keys() != {"content"} or not isinstance(fields["content"], list):
        return None
    try:
        return msgspec.convert(fields["content"], tuple[wire.FunctionResultSubcontent, ...])
    except msgspec.ValidationError:  # a list of something else
        return None


def _block(block: wire.FunctionResultSubcontent) -> str:
    return block.text if isinstance(block, wire.TextContent) else msgspec.json.encode(block).decode()
