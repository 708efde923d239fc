"""Kinds of values that several tables have, and the error for those that cannot be used."""

from typing import Annotated, Final

import msgspec

Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]
Count = Annotated[int, msgspec.Meta(ge=1)]
NotNegative = Annotated[float, msgspec.Meta(ge=0)]
Positive = Annotated[float, msgspec.Meta(gt=0)]

HOST: Final = r"(?:[\w.-]*|\[[\da-fA-F:.]+\])(?::\d+)?"
"""A pattern: a host, with its port if it has one."""


class SettingsError(Exception):
    """Settings that cannot be used; the message is one sentence for the operator."""
