"""The port of the formats: from a place in a text to the calls that are written there."""

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

from interplay.models.chat.called.source import Source
from interplay.models.chat.tool_calls import Wanted

Functions = Mapping[str, dict[str, Any]]
"""The functions on offer: from a name to the JSON schema of its arguments."""


class Written(msgspec.Struct, frozen=True):
    """Calls in a text, right or wrong; what cannot be read has no name."""

    calls: list[Wanted]
    end: int
    """Where the text goes on behind them."""
    closed: bool = True
    """Whether what ends them has been there."""


class Format(Protocol):
    """One way to write calls."""

    @property
    def markers(self) -> tuple[str, ...]:
        """How such calls begin; nothing else in a text does, except where it speaks of them."""

    def read(self, source: Source, place: int, functions: Functions) -> Written | None:
        """The calls that begin at this place; None where the text goes on in another way than calls do.

        Takes no longer than what it reads is long.
        """
