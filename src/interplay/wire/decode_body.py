"""Reads the body of a request as a struct: strict about every field."""

from typing import Any, Final, TypeVar

import msgspec

from interplay.wire.absent import without_nulls
from interplay.wire.complaints import explain
from interplay.wire.strictness import refuse_deep, refuse_unknown

T = TypeVar("T")

_PLAIN: Final = msgspec.json.Decoder()


def decode_body(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    """What the decoder makes of the body. Raises Failure `invalid_request`."""
    request, said = decoded(decoder, body, decoder.type)
    plain, _ = decoded(_PLAIN, said, decoder.type)
    refuse_deep(bytes(said), plain)
    refuse_unknown(request, plain)
    return request


def decoded(
    decoder: msgspec.json.Decoder[T], raw: bytes | msgspec.Raw, kind: Any, where: str = ""
) -> tuple[T, bytes | msgspec.Raw]:
    """What the decoder makes of JSON that must be a `kind`, and that JSON without the nulls that said nothing.

    `where` is its place in the request; empty for the request itself. Raises Failure `invalid_request`.
    """
    said = raw
    try:
        try:
            return decoder.decode(said), said
        except msgspec.ValidationError:
            said = without_nulls(raw, kind)
            return decoder.decode(said), said
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise explain(error, said, kind, where) from error
