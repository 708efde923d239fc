"""Reads the body of a request as a struct: strict about every field."""

from typing import Final, TypeVar

import msgspec

from interplay.wire.complaints import explain
from interplay.wire.strictness import refuse_deep, refuse_unknown

T = TypeVar("T")

_PLAIN: Final = msgspec.json.Decoder()


def decode_body(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    """What the decoder makes of the body. Raises Failure `invalid_request`."""
    try:
        request = decoder.decode(body)
        plain = _PLAIN.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise explain(error, body, decoder.type) from error
    refuse_deep(body, plain)
    refuse_unknown(request, plain)
    return request
