"""Server-sent events as upstreams send them: bytes in, the data of each event out.

Kind to sloppy senders: LF, CRLF or CR, cut anywhere, a byte order mark, no space after `data:`, comments, other fields,
pings, blank data, and a newline too few between two events. What is no event's data all the same is not passed over:

    error: {...}, or any data under `event: error`      an `ErrorData`
    a bare line of JSON                                 data, as if `data:` stood before it
    any other line that is no field of an event         a `StrayData`

Not here: any input or output, or what the data means.
"""

from codecs import BOM_UTF8
from collections.abc import Iterator
from typing import Final

from interplay.models.chat import limits


class ErrorData(bytes):
    """The data of an event that says of itself that it is an error."""

    __slots__ = ()


class StrayData(bytes):
    """What stands in a stream and is no part of any event, such as a proxy's last words."""

    __slots__ = ()


_ERRORS: Final = frozenset({b"error", b"exception"})
"""Events, and fields, that are errors whatever stands in them."""

_SIGNS_OF_LIFE: Final = frozenset({b"ping", b"heartbeat", b"keepalive", b"keep-alive", b"keep_alive"})
"""Events, and data, that only show that the sender is still there."""

_BLANK: Final = _SIGNS_OF_LIFE | {b"", b"null", b'""', b"[]", b"{}", b"[ping]"}
"""Data that says nothing."""

_LONGEST_BLANK: Final = 24
"""Bytes of a line that is looked up there."""


class EventReader:
    """The events of one stream. Each byte is looked at once, however few arrive at a time."""

    __slots__ = ("_held", "_rest", "_size")

    def __init__(self) -> None:
        self._held = b""
        """A CR whose LF may be on the way."""
        self._rest = bytearray()
        """The beginning of an event, its lines ended by LF."""
        self._size = 0

    def feed(self, received: bytes) -> list[bytes]:
        """The data of every event that these bytes complete. Raises Failure when there is no end to them."""
        self._size += len(received)
        if self._size > limits.LONGEST_ANSWER:
            raise limits.too_long()
        looked_at = max(len(self._rest) - 1, 0)
        self._rest += self._with_plain_newlines(received)
        end = self._rest.rfind(b"\n\n", looked_at)
        if end < 0:
            if len(self._rest) > limits.LONGEST_EVENT:
                raise limits.too_long_an_event()
            return []
        whole = bytes(self._rest[:end])
        del self._rest[: end + 2]
        if whole.startswith(b"data:") and b"\n" not in whole and len(whole) > _LONGEST_BLANK:
            return [whole[5:]]  # the usual case: one event, of one line
        told = list[bytes]()
        for event in whole.split(b"\n\n"):
            if event.startswith(b"data:") and len(event) > _LONGEST_BLANK and b"\n" not in event:
                told.append(event[5:])
            else:
                told += _of_lines(event.removeprefix(BOM_UTF8).split(b"\n"))
        return told

    def _with_plain_newlines(self, received: bytes) -> bytes:
        """The same with LF as the only line end."""
        if self._held:
            received = self._held + received
        if b"\r" not in received:
            return received
        self._held = received[-1:] if received.endswith(b"\r") else b""
        return received[: len(received) - len(self._held)].replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _of_lines(lines: list[bytes]) -> Iterator[bytes]:
    """What the lines of an event say, whatever its fields are."""
    kind, data, bare = b"", list[bytes](), list[bytes]()
    for line in lines:
        field, colon, value = line.partition(b":")
        match field.strip().lower():
            case b"data":
                data.append(value)
            case b"event":
                kind = value.strip().lower()
            case b"" | b"id" | b"retry":
                pass  # comments, and what is for those who come again
            case name if name in _ERRORS and colon:
                kind = b"error"
                data.append(value)
            case _:
                bare.append(line)
    if kind in _ERRORS:
        yield ErrorData(b"\n".join(data))
    elif kind not in _SIGNS_OF_LIFE:
        yield from (text for text in _texts(data) if not _is_blank(text))
    for text in _texts(bare):
        yield text if text.lstrip().startswith(b"{") else StrayData(text)


def _texts(lines: list[bytes]) -> Iterator[bytes]:
    """Lines as one text, or as several where each is JSON by itself: inside of JSON no `}` stands before a `{`."""
    begun = 0
    for place in range(1, len(lines)):
        if lines[place - 1].rstrip().endswith(b"}") and lines[place].lstrip().startswith((b"{", b"[DONE]")):
            yield b"\n".join(lines[begun:place])
            begun = place
    if lines:
        yield b"\n".join(lines[begun:])


def _is_blank(data: bytes) -> bool:
    return len(data) <= _LONGEST_BLANK and data.strip().lower() in _BLANK
