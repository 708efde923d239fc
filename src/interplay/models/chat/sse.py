"""Server-sent events as upstreams send them: bytes in, the data of each event out.

Kind to sloppy senders: LF, CRLF or CR, cut anywhere, a byte order mark, no space after `data:`, comments, other fields.
Not here: any input or output, or what the data means.
"""

from codecs import BOM_UTF8

from interplay.models.chat import limits


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
        return [data for event in whole.split(b"\n\n") if (data := _data(event))]

    def _with_plain_newlines(self, received: bytes) -> bytes:
        """The same with LF as the only line end."""
        if self._held:
            received = self._held + received
        if b"\r" not in received:
            return received
        self._held = received[-1:] if received.endswith(b"\r") else b""
        return received[: len(received) - len(self._held)].replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _data(event: bytes) -> bytes:
    """The data lines of an event, joined. The first line is the usual case: one data line and nothing else."""
    if event.startswith(b"data:") and b"\n" not in event:
        return event[5:]
    lines = event.removeprefix(BOM_UTF8).split(b"\n")
    return b"\n".join(line[5:] for line in lines if line.startswith(b"data:"))
