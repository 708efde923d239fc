"""JSON whose numbers keep all their digits on the way through. Not here: JSON whose numbers are calculated with."""

from decimal import Decimal
from typing import Any, Final

import msgspec

_DECODER: Final = msgspec.json.Decoder(float_hook=Decimal)
_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")


def decode(text: str | bytes | msgspec.Raw) -> Any:
    """The value. Raises ValueError or RecursionError for what is no JSON."""
    return _DECODER.decode(text)


def encode(value: Any) -> str:
    """The text of a value from `decode`."""
    return _ENCODER.encode(value).decode()
