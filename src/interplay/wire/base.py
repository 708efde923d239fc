"""What every struct of the wire has in common, and how open vocabularies are written down.

Not here: any type of the API itself.
"""

from typing import Annotated, Final, Literal

import msgspec

ABSENT: Final = msgspec.Raw()
"""The default of a field that is kept as raw JSON; msgspec cannot combine `Raw` with None."""


class Wire(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A JSON object of the API: immutable, built by field names, absent fields left out.

    An optional field is `X | None = None`; an explicit null in JSON means the same as a missing field.
    """


def known(*values: str) -> msgspec.Meta:
    """An open vocabulary: these values have a meaning, any other string is accepted too.

    The values appear in the OpenAPI document and are compared with the contract by the tests.
    """
    return msgspec.Meta(extra_json_schema={"x-known-values": list(values)})


def object_interaction() -> Literal["interaction"]:
    """The constant field `object`. A factory makes it, because a plain default would be left out when encoding."""
    return "interaction"


Int32 = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
"""A whole number in a request."""

Count = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
"""A limit in a request: none would be said by leaving it out."""

Int64 = int | Annotated[str, msgspec.Meta(pattern=r"^-?[0-9]{1,19}$")]
"""A 64-bit number: the Python SDK writes a decimal string, the JavaScript SDK a number. `int()` reads both."""
