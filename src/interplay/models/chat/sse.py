"""Server-sent events as upstreams send them: bytes in, the data of each event out.

Kind to sloppy senders: LF, CRLF or CR, cut anywhere, no space after `data:`, comments, other fields. Not here:
any input or output, or what the data means.
"""

from typing import Final

from interplay.errors import Failure

LONGEST_EVENT: Final = 16 * 2**20
"""Bytes after which an event that does not end is given up, so that a broken upstream cannot fill the memory."""


class EventReader:
    """The events of one stream."""

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, received: bytes) -> list[bytes]:
        """The data of every event that these bytes complete."""
        rest = self._rest + received if self._rest else received
        if b"\r" in rest:
            rest = _with_plain_newlines(rest)
        events = rest.split(b"\n\n")
        self._rest = events.pop()
        if len(self._rest) > LONGEST_EVENT:
            raise Failure("bad_gateway", f"the upstream sent an event of more than {LONGEST_EVENT} bytes")
        return [data for event in events if (data := _data(event))]


def _with_plain_newlines(received: bytes) -> bytes:
    """The same with LF as the only line end. A CR at the very end stays: its LF may be on the way."""
    held = received[-1:] if received.endswith(b"\r") else b""
    return received[: len(received) - len(held)].replace(b"\r\n", b"\n").replace(b"\r", b"\n") + held


def _data(event: bytes) -> bytes:
    """The data lines of an event, joined. The first line is the usual case: one data line and nothing else."""
    if event.startswith(b"data:") and b"\n" not in event:
        return event[5:]
    return b"\n".join(line[5:] for line in event.split(b"\n") if line.startswith(b"data:"))
