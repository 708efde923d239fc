"""What the text of the answer must be: from `response_format`, in each of its forms, to one compiled schema.

JSON without a schema is any object or list. Not here: how the field is read (`interplay.wire.decode_format`), what a
schema may say (`interplay.schemas`).
"""

from typing import Any, Final

from interplay import wire
from interplay.engine.compiling import Compiling
from interplay.errors import Failure, invalid, shown
from interplay.schemas import Schema, standard
from interplay.wire.decode import response_formats

JSON: Final = "application/json"
PLAIN: Final = "text/plain"
ANY_JSON: Final = {"type": ["object", "array"]}


async def answer_schema(request: wire.CreateInteraction, schemas: Compiling) -> Schema | None:
    """The schema that the answer's text must meet; None where any text will do. Raises Failure `invalid_request`."""
    formats = response_formats(request.response_format)
    if len(formats) > 1:
        raise invalid(f"'response_format' has {len(formats)} formats: expected one, since only text is served yet.")
    _check_old_mime_type(request.response_mime_type, formats)
    return await _schema(formats[0], schemas) if formats else None


async def _schema(format: wire.ResponseFormat, schemas: Compiling) -> Schema | None:
    match format:
        case wire.BareSchema():
            return await schemas.compiled(standard(format.schema, "response_format"), "response_format")
        case wire.TextResponseFormat():
            return await _text_schema(format, schemas)
        case wire.AudioResponseFormat() | wire.ImageResponseFormat() | wire.VideoResponseFormat():
            kind = format.__struct_config__.tag
            raise invalid(f"'response_format' of type {shown(kind)} cannot be honoured: only text is served yet.")


async def _text_schema(format: wire.TextResponseFormat, schemas: Compiling) -> Schema | None:
    if format.mime_type not in (None, JSON, PLAIN):
        raise _mime_type("response_format.mime_type", format.mime_type)
    if format.schema is None:
        return await schemas.compiled(ANY_JSON, "response_format.schema") if format.mime_type == JSON else None
    if format.mime_type == PLAIN:
        raise invalid(
            f"'response_format.schema' needs the mime_type {shown(JSON)}: got {shown(PLAIN)}, which has no schema."
        )
    schema = standard(format.schema, "response_format.schema")
    return await schemas.compiled(schema, "response_format.schema")


def _check_old_mime_type(mime_type: str | None, formats: tuple[wire.ResponseFormat, ...]) -> None:
    """The field that stood beside a bare schema before formats had types."""
    if not mime_type:
        return
    if mime_type not in (JSON, PLAIN):
        raise _mime_type("response_mime_type", mime_type)
    if mime_type == JSON and not formats:
        raise invalid(f"'response_format' must be set when 'response_mime_type' is {shown(JSON)}.")
    if mime_type == JSON and _is_plain(formats[0]):
        raise invalid(
            f"'response_mime_type' {shown(JSON)} contradicts 'response_format', which asks for plain text: "
            "leave one of them out."
        )
    if mime_type == PLAIN and formats and not _is_plain(formats[0]):
        raise invalid(f"'response_mime_type' {shown(PLAIN)} contradicts 'response_format', which asks for JSON.")


def _is_plain(format: wire.ResponseFormat) -> bool:
    return isinstance(format, wire.TextResponseFormat) and format.schema is None and format.mime_type != JSON


def _mime_type(field: str, value: Any) -> Failure:
    return invalid(f"'{field}' {shown(value)} cannot be honoured: expected {shown(JSON)} or {shown(PLAIN)}.")
