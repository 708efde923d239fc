r"""Characters that an upstream cut in two: the halves of surrogate pairs, which JSON can name and no text can have.

A model writes an emoji in several tokens, and a server that decodes each by itself in UTF-16 sends `"\ud83d"` in one
event and `"\ude00"` in the next. Halves that meet are joined; one that stays alone becomes U+FFFD. While JSON is read,
a character for private use stands for each half, since no decoder takes it as it is.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from interplay.models.base import Text, Thought

ALONE: Final = "\ufffd"
"""What a half becomes that has no other."""

_SHIFT: Final = 0x102000
"""From the number of a half to its stand-in's: from U+10F800 on, at the very end of all characters."""

_FIRST: Final = rb"\\u[dD][89abAB][0-9a-fA-F]{2}"
_SECOND: Final = rb"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_ALONE: Final = re.compile(rb"(%b(?!%b)|%b(?<!%b......))" % (_FIRST, _SECOND, _SECOND, _FIRST))
"""The escape of a half alone, where every escaped backslash is something else."""

_HALF: Final = re.compile(rb"\\u[dD][89a-fA-F]")
_BACKSLASH: Final = rb"\\"
_NO_TEXT: Final = b"\xff\xff"
"""What stands for an escaped backslash meanwhile; it is no UTF-8."""

_STAND_INS: Final = re.compile("[\U0010f800-\U0010ffff]")
_PAIRS: Final = re.compile("([\U0010f800-\U0010fbff])([\U0010fc00-\U0010ffff])")
_FIRST_AT_END: Final = re.compile("[\U0010f800-\U0010fbff]\\Z")


def kept(data: bytes) -> bytes | None:
    """JSON with a stand-in for each half alone; None where there is none."""
    return _replaced(data, _stand_in)


def joined(text: str) -> str:
    """A text in which all that stands for halves is joined, or alone."""
    if _STAND_INS.search(text) is None:
        return text
    parts = _PAIRS.split(text)
    parts[1::3] = [_character(*pair) for pair in zip(parts[1::3], parts[2::3], strict=True)]
    del parts[2::3]
    return _STAND_INS.sub(ALONE, "".join(parts))


def readable(json: str) -> str:
    """JSON that a model wrote, without halves of either kind."""
    if "\\u" in json:
        changed = _replaced(json.encode(errors="surrogatepass"), lambda _: ALONE.encode())
        json = json if changed is None else changed.decode(errors="surrogatepass")
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


def _replaced(data: bytes, other: Callable[[bytes], bytes]) -> bytes | None:
    """JSON with something else for the escape of each half alone; None where there is none.

    It stops at nothing but halves, and at nothing at all where there are none.
    """
    if _HALF.search(data) is None:
        return None
    parts = _ALONE.split(data.replace(_BACKSLASH, _NO_TEXT))
    if len(parts) == 1 or b"\xff" in data:
        return None
    known = {half: other(half) for half in set(parts[1::2])}
    parts[1::2] = map(known.__getitem__, parts[1::2])
    return b"".join(parts).replace(_NO_TEXT, _BACKSLASH)


def _stand_in(escape: bytes) -> bytes:
    return chr(_SHIFT + int(escape.removeprefix(rb"\u"), base=16)).encode()


def _character(first: str, second: str) -> str:
    high, low = ord(first) - _SHIFT, ord(second) - _SHIFT
    return chr(0x10000 + ((high - 0xD800) << 10) + low - 0xDC00)
