"""Events of upstreams' streams: when one is whole, and what of it is said."""

from itertools import pairwise

import pytest

from interplay.models.chat.sse import ErrorData, EventReader, StrayData

LINE_ENDS = pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"], ids=["LF", "CRLF", "CR"])
LONG = b'{"choices": [{"delta": {"content": "x"}}]}'


def read(data: bytes, *places: int) -> list[bytes]:
    """The events of a stream that is cut at these places."""
    reader = EventReader()
    return [event for start, end in pairwise([0, *places, len(data)]) for event in reader.feed(data[start:end])]


@LINE_ENDS
@pytest.mark.parametrize("data", [b'{"a": 1}', LONG], ids=["short", "long"])
def test_an_event_is_held_until_its_empty_line(end: bytes, data: bytes) -> None:
    """One line end may be within an event; the second one completes it, however the two come."""
    reader = EventReader()
    line = b"data: " + data + end
    assert reader.feed(line[:5]) == []
    assert reader.feed(line[5:]) == []
    assert reader.feed(b"") == []
    after = [event for byte in end + b"data" for event in reader.feed(bytes([byte]))]
    assert [event.strip() for event in after] == [data]


@LINE_ENDS
def test_each_event_is_read_once_wherever_the_stream_is_cut(end: bytes) -> None:
    """In two parts, and into single bytes."""
    events = [LONG, b"{}", b'{"b": 2}', LONG, b"[DONE]"]
    data = b"".join(b"data: " + event + end * 2 for event in events) + b": the end" + end
    whole = [event.strip() for event in read(data)]
    assert whole == [LONG, b'{"b": 2}', LONG, b"[DONE]"]
    for places in [*((place,) for place in range(1, len(data))), tuple(range(1, len(data)))]:
        assert [event.strip() for event in read(data, *places)] == whole, places


@LINE_ENDS
def test_events_with_a_line_end_too_few_are_several(end: bytes) -> None:
    """They are held together until an empty line comes, and told apart by where one JSON ends and the next begins."""
    reader = EventReader()
    assert reader.feed(end.join([b"data: " + LONG, b"data: " + LONG, b"data: [DONE]"]) + end) == []
    told = reader.feed(end + b":")
    assert [event.strip() for event in told] == [LONG, LONG, b"[DONE]"]


def test_lines_of_one_event_are_one() -> None:
    """JSON that is written over several lines."""
    assert [event.split() for event in read(b'data: {"a":\ndata: 1}\nid: 7\n\n')] == [[b'{"a":', b"1}"]]


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (b'event: error\ndata: {"message": "no"}', ErrorData),
        (b'error: {"message": "no"}', ErrorData),
        (b'Exception : {"message": "no"}', ErrorData),
        (b"event: exception\ndata: [1]", ErrorData),
        (b"Bad Gateway", StrayData),
        (b'{"message": "no"}', bytes),
        (b'event: message\ndata: {"message": "no"}', bytes),
    ],
)
def test_what_is_no_usual_event_is_not_passed_over(event: bytes, kind: type) -> None:
    """An error says so itself; a line that is no field is stray, but for JSON, which is data."""
    assert [type(told) for told in read(event + b"\n\n")] == [kind]


@pytest.mark.parametrize("word", ["ping", "PING", "heartbeat", "keepalive", "keep-alive", "keep_alive"])
def test_signs_of_life_are_no_events(word: str) -> None:
    """As an event's name, whatever its data is, and as data."""
    assert read(f'event: {word}\ndata: {{"type": "ping"}}\n\ndata: {word}\n\nid: 1\nretry: 5\n\n'.encode()) == []


@pytest.mark.parametrize("data", [b"", b" ", b"null", b'""', b"[]", b"{}", b"[PING]", b"NULL "])
def test_blank_data_says_nothing(data: bytes) -> None:
    """Of every spelling; what is not blank all the same is data."""
    assert read(b"data:" + data + b"\n\n") == []
    assert read(b"data:" + data + b".\n\n") == [data + b"."]
