r"""Characters that an upstream cut in two: the halves of surrogate pairs, which JSON can name and no text can have.

A model writes an emoji in several tokens, and a server that decodes each by itself in UTF-16 sends `"\ud83d"` in one
event and `"\ude00"` in the next. Halves that meet are joined; one that stays alone becomes U+FFFD. While JSON is read,
a character for private use stands for each half, since no decoder takes it as it is.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from interplay.models.base import Text, Thought

ALONE: Final = "\ufffd"
"""What a half becomes that has no other."""

_SHIFT: Final = 0x102000
"""From the number of a half to its stand-in's: from U+10F800 on, at the very end of all characters."""

_ESCAPE: Final = rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u([dD][89a-fA-F][0-9a-fA-F]{2})|\\."
_ESCAPES: Final = re.compile(_ESCAPE, re.DOTALL)
_ESCAPES_IN_TEXT: Final = re.compile(_ESCAPE.decode(), re.DOTALL)
"""A pair, a half alone, or any other character that is escaped."""

_STAND_INS: Final = re.compile("([\U0010f800-\U0010fbff])([\U0010fc00-\U0010ffff])|[\U0010f800-\U0010ffff]")
_FIRST_AT_END: Final = re.compile("[\U0010f800-\U0010fbff]\\Z")


def kept(data: bytes) -> bytes | None:
    """JSON with a stand-in for each half alone; None where there is none."""
    found = False

    def stand_in(escape: re.Match[bytes]) -> bytes:
        nonlocal found
        if escape[1] is None:
            return escape[0]
        found = True
        return chr(_SHIFT + int(escape[1], 16)).encode()

    changed = _ESCAPES.sub(stand_in, data)
    return changed if found else None


def joined(text: str) -> str:
    """A text in which all that stands for halves is joined, or alone."""
    return _STAND_INS.sub(_character, text)


def readable(json: str) -> str:
    """JSON that a model wrote, without halves of either kind."""
    if "\\u" in json:
        json = _ESCAPES_IN_TEXT.sub(lambda escape: escape[0] if escape[1] is None else ALONE, json)
    return json if json.isascii() else joined(json)


class Halves:
    """The halves in one answer: the first of a pair waits for the second, and nothing else of the answer does."""

    __slots__ = ("_waits",)

    def __init__(self) -> None:
        self._waits: Text | Thought | None = None

    def joined(self, pieces: Iterable[Any]) -> list[Any]:
        """The pieces with whole characters. Whatever is no more of the same text ends the wait for a second half."""
        return [whole for piece in pieces for whole in self._next(piece)]

    def _next(self, piece: Any) -> Iterator[Any]:
        waits, self._waits = self._waits, None
        if waits is not None and type(piece) is not type(waits):
            yield type(waits)(ALONE)
            waits = None
        if isinstance(piece, Text | Thought):
            yield from self._whole(type(piece), (waits.text if waits else "") + piece.text)
        else:
            yield piece

    def _whole(self, kind: type[Text | Thought], text: str) -> Iterator[Text | Thought]:
        if _FIRST_AT_END.search(text):
            self._waits, text = kind(text[-1]), text[:-1]
        if text:
            yield kind(joined(text))


def _character(found: re.Match[str]) -> str:
    if found[1] is None:
        return ALONE
    high, low = (ord(half) - _SHIFT for half in found.groups())
    return chr(0x10000 + ((high - 0xD800) << 10) + low - 0xDC00)
