"""What may be shown of a text in which calls may stand, while it comes.

Text that may be the beginning of a call (`called_text`) is held back until the end of the answer, so that nothing is
shown that turns out to be one.
"""

import re
from itertools import product
from typing import Final

from interplay.models.chat.called.formats import MARKERS

_FENCES: Final = ("```", "```json", "```xml", "```tool_call")
_BEGINNINGS: Final = (("", *_FENCES), ("", "[", "{"), ('{"name":', '{"function":'))
_BARE: Final = tuple(map("".join, [*product(*_BEGINNINGS), *product(_FENCES, MARKERS)]))
"""How a text begins that is nothing but a call, white space left out."""

_BARE_PREFIXES: Final = frozenset(bare[:length] for bare in _BARE for length in range(len(bare)))
_PREFIXES: Final = frozenset(marker[:length] for marker in MARKERS for length in range(1, len(marker)))
_LONGEST: Final = max(map(len, MARKERS))

_FIRST: Final = tuple({marker[0] for marker in MARKERS})

_MARKER: Final = re.compile("|".join(map(re.escape, MARKERS)))


class CallScreen:
    """Lets the text of an answer through, up to where a call may begin."""

    __slots__ = ("_begun", "_head", "_held", "_met")

    def __init__(self) -> None:
        self._held: list[str] = []
        self._head = ""
        """How the text begins, white space left out, until it is known what it begins as."""
        self._begun = False
        """Whether the text began as something else than a call."""
        self._met = False
        """Whether all that comes is held, for a call seems to have begun."""

    @property
    def held(self) -> str:
        """What was not let through."""
        return "".join(self._held)

    def take(self, text: str) -> str:
        """The text that may be shown now that this has come."""
        if self._begun and not self._held and not any(first in text for first in _FIRST):
            return text
        self._held.append(text)
        if self._met or (not self._begun and self._may_be_bare(text)):
            return ""
        held = self.held
        place = self._beginning(held)
        if not self._begun and not held[:place].strip():
            return ""  # white space before a call is no text
        self._held = [held[place:]] if place < len(held) else []
        self._begun = True
        return held[:place]

    def _may_be_bare(self, text: str) -> bool:
        self._head += "".join(text.split())
        self._met = self._head.startswith(_BARE)
        return self._met or self._head in _BARE_PREFIXES

    def _beginning(self, held: str) -> int:
        """Where the first marker stands, or what may become one."""
        found = _MARKER.search(held)
        self._met = found is not None
        return found.start() if found else len(held) - _open_end(held)


def _open_end(text: str) -> int:
    """How many characters at the end of a text may be the beginning of a marker."""
    lengths = range(min(_LONGEST - 1, len(text)), 0, -1)
    return next((length for length in lengths if text[-length:] in _PREFIXES), 0)
