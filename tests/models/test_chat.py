"""The chat client against upstreams that refuse, break, dawdle or are merely sloppy."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import msgspec
import pytest

from interplay.models.base import Counts, Failed, Piece, Stop, Text
from interplay.models.chat.client import ChatClient
from interplay.models.chat.connections import MOST_INFORMATIONAL
from interplay.models.chat.refusals import refused
from interplay.models.chat.retrying import LONGEST_SECONDS, retry_seconds
from interplay.models.chat.upstream import Upstream
from tests.models.asking import failure, first_piece, pieces_of, request, text
from tests.models.raw_server import (
    END,
    STREAM,
    STREAM_UNTIL_CLOSED,
    RawServer,
    Reply,
    Then,
    chunk,
    json_reply,
    raw_server,
)

KEY = "sk-very-secret-1234"
HELLO = b'data: {"choices": [{"index": 0, "delta": {"content": "Hello"}, "finish_reason": null}]}\n\n'
FINISH = b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}\n\n'
DONE = b"data: [DONE]\n\n"
GOOD = (STREAM, chunk(HELLO), chunk(FINISH + DONE), END)
WHOLE = b"""{"choices": [{"message": {"content": "Hello"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 3, "completion_tokens": 1}}"""


@asynccontextmanager
async def client(
    server: RawServer | str, silence: float = 5.0, first_byte: float | None = None
) -> AsyncIterator[ChatClient]:
    """An open client of the server, patient for the first byte as for others if not told otherwise."""
    url = server if isinstance(server, str) else server.url
    first = silence if first_byte is None else first_byte
    client = ChatClient(url, {"Authorization": f"Bearer {KEY}"}, first_byte_seconds=first, silence_seconds=silence)
    await client.open()
    try:
        yield client
    finally:
        await client.close()


async def answer_to(
    *replies: Reply, incremental: bool = True, silence: float = 5.0, first_byte: float | None = None
) -> list[Piece]:
    """The pieces made of a server's only reply."""
    async with raw_server(*replies) as server, client(server, silence, first_byte) as chat:
        return await pieces_of(chat.generate(request("m", "Hi", incremental=incremental)))


async def test_a_good_stream() -> None:
    """The pieces of a regular stream."""
    assert await answer_to(GOOD) == [Text("Hello"), Stop("stop")]


async def test_a_whole_answer() -> None:
    """The same pieces come from one JSON body."""
    pieces = await answer_to((json_reply(WHOLE),), incremental=False)
    assert pieces == [Text("Hello"), Counts(input=3, output=1), Stop("stop")]


async def test_an_upstream_that_cannot_stream_is_understood() -> None:
    """JSON in answer to a wish for a stream is read as a whole answer."""
    assert text(await answer_to((json_reply(WHOLE),), incremental=True)) == "Hello"


async def test_an_upstream_that_always_streams_is_understood() -> None:
    """A stream in answer to a wish for JSON is read as a stream."""
    assert await answer_to(GOOD, incremental=False) == [Text("Hello"), Stop("stop")]


async def test_done_is_not_needed_behind_a_finish() -> None:
    """A stream that says how it ended is complete, with or without [DONE] and its last blank line."""
    pieces = await answer_to((STREAM_UNTIL_CLOSED, HELLO, FINISH.rstrip(), Then.CLOSE))
    assert pieces == [Text("Hello"), Stop("stop")]


async def test_a_finish_is_not_needed_before_done() -> None:
    """A stream that ends with [DONE] is complete."""
    assert await answer_to((STREAM, chunk(HELLO + DONE), END)) == [Text("Hello"), Stop("stop")]


async def test_a_connection_left_open_behind_done_does_not_hold_the_answer() -> None:
    """[DONE] is the end even if the upstream forgets to end its response."""
    assert await answer_to((STREAM, chunk(HELLO + DONE), Then.WAIT)) == [Text("Hello"), Stop("stop")]


@pytest.mark.parametrize(
    "reply",
    [
        (STREAM, chunk(HELLO), Then.CUT),
        (STREAM, chunk(HELLO), Then.CLOSE),
        (STREAM, chunk(HELLO), END),
        (STREAM, chunk(HELLO[:-20]), END),
        (STREAM_UNTIL_CLOSED, HELLO, Then.CLOSE),
        (STREAM, chunk(HELLO + b"data: nonsense\n\n"), END),
        (STREAM, chunk(HELLO + b"data: []\n\n"), END),
        (STREAM, b"no chunk\r\n"),
        (json_reply(b"<html>"), Then.CLOSE),
        (json_reply(WHOLE)[:-10], Then.CLOSE),
        (b"what?\r\n\r\n", Then.CLOSE),
        (Then.CLOSE,),
    ],
)
@pytest.mark.parametrize("incremental", [True, False])
async def test_half_an_answer_is_a_failure(reply: Reply, incremental: bool) -> None:
    """A cut connection, a missing end and nonsense are the upstream's fault, and never look finished."""
    code, _ = failure(await answer_to(reply, incremental=incremental))
    assert code == "bad_gateway"


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("400 Bad Request", "invalid_request"),
        ("404 Not Found", "invalid_request"),
        ("413 Payload Too Large", "invalid_request"),
        ("422 Unprocessable Entity", "invalid_request"),
        ("429 Too Many Requests", "rate_limited"),
        ("500 Internal Server Error", "bad_gateway"),
        ("501 Not Implemented", "bad_gateway"),
        ("502 Bad Gateway", "bad_gateway"),
        ("503 Service Unavailable", "unavailable"),
        ("504 Gateway Timeout", "gateway_timeout"),
        ("520 Unknown Error", "bad_gateway"),
        ("522 Connection Timed Out", "unavailable"),
        ("524 A Timeout Occurred", "gateway_timeout"),
        ("529 Overloaded", "unavailable"),
        ("530 Origin Error", "unavailable"),
    ],
)
@pytest.mark.parametrize(
    "body",
    [
        b'{"error": {"message": "the reason", "code": 1}}',
        b'{"error": "the reason"}',
        b'{"object": "error", "message": "the reason"}',
        b'{"detail": "the reason"}',
        b'{"detail": [{"loc": ["body"], "msg": "the reason"}]}',
        b"the reason",
    ],
)
async def test_a_refusal_passes_on_the_reason(status: str, code: str, body: bytes) -> None:
    """Each HTTP status has its code, and the upstream's own words are found in any of the usual shapes."""
    got, message = failure(await answer_to((json_reply(body, status),)))
    assert got == code
    assert "the reason" in message
    assert status[:3] in message


@pytest.mark.parametrize(
    ("status", "passing"),
    [*((status, True) for status in (408, 429, 502, 503, 504, 520, 521, 522, 523, 524, 529, 530)), (500, False)]
    + [(status, False) for status in (400, 401, 404, 413, 422, 501, 525, 526)],
)
async def test_what_may_pass(status: int, passing: bool) -> None:
    """Busy, starting, or not reached by a proxy: asked again in a while, it may answer. What is wrong stays wrong."""
    for pause, seconds in (("20", 20), ("", None)):
        head = f"Retry-After: {pause}\r\n" if pause else ""
        (failed,) = await answer_to((json_reply(b"{}", f"{status} So", extra=head),))
        assert isinstance(failed, Failed)
        assert (failed.failure.passing, failed.failure.retry_seconds) == (passing, seconds if passing else None)


NOON = 1796040000.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "20"}, 20),
        ({"retry-after": " 1.2 "}, 2),
        ({"retry-after": "7s"}, 7),
        ({"retry-after": "0"}, 1),
        ({"retry-after": "3600"}, LONGEST_SECONDS),
        ({"retry-after": "9" * 400}, LONGEST_SECONDS),
        ({"retry-after": "Mon, 30 Nov 2026 12:00:05 GMT"}, 5),
        ({"retry-after": "Mon, 30 Nov 2026 11:00:00 GMT"}, 1),
        ({"retry-after": "Tue, 01 Dec 2026 12:00:00 GMT"}, LONGEST_SECONDS),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 2),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Mon, 99 Nov 99999 99:00:00 GMT"}, None),
        ({"retry-after": "\u0663"}, None),
        ({}, None),
    ],
)
def test_when_to_ask_again(headers: dict[str, str], seconds: int | None) -> None:
    """In seconds, in milliseconds or as a time; a minute at most, since clients sleep as long as they are told."""
    assert retry_seconds(headers, lambda: NOON) == seconds


def test_a_refusal_that_is_nested_without_end_is_one_without_a_reason() -> None:
    """However deep it is: deep enough to be read, and too deep to be searched for a message."""
    for deep in range(10, 1100, 10):
        for opening, closing in ((b'{"error": ', b"}"), (b'{"detail": [', b"]}")):
            failure = refused(400, opening * deep + b'"why"' + closing * deep)
            assert failure.code == "invalid_request"


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
async def test_a_refused_key_is_never_shown(status: str) -> None:
    """The client hears that the server's key was refused, in none of the upstream's words."""
    body = b'{"error": {"message": "Incorrect API key provided: sk-very-sec***1234"}}'
    code, message = failure(await answer_to((json_reply(body, status),)))
    assert code == "bad_gateway"
    assert "key" in message
    assert "sk-" not in message


@pytest.mark.parametrize(
    "reply",
    [
        (json_reply(f'{{"error": "you sent Bearer {KEY}"}}'.encode(), "400 Bad Request"),),
        (json_reply(f"nonsense {KEY}".encode()),),
        (STREAM, chunk(f'data: {{"error": {{"message": "bad {KEY}"}}}}\n\n'.encode()), END),
    ],
)
async def test_an_upstream_that_repeats_the_key_does_not_give_it_away(reply: Reply) -> None:
    """The values of our headers are cut out of every message."""
    _, message = failure(await answer_to(reply))
    assert KEY not in message
    assert "[removed]" in message


async def test_a_long_refusal_is_shortened() -> None:
    """A page of text does not become a page of message."""
    _, message = failure(await answer_to((json_reply(b"word " * 50_000, "400 Bad Request"),)))
    assert len(message) < 1000


async def test_a_page_of_html_is_not_passed_on() -> None:
    """A proxy's error page tells a client nothing."""
    _, message = failure(await answer_to((json_reply(b"<html>nginx</html>", "502 Bad Gateway", "text/html"),)))
    assert "nginx" not in message


async def test_a_redirect_is_not_followed() -> None:
    """The key goes to the configured address only."""
    reply = json_reply(b"", "307 Temporary Redirect", extra="Location: http://127.0.0.1:1/\r\n")
    code, message = failure(await answer_to((reply,)))
    assert code == "bad_gateway"
    assert "307" in message


async def test_an_error_inside_a_stream_is_a_failure_after_the_text() -> None:
    """What came before the error is given; the error's own status decides its code."""
    error = b'data: {"error": {"message": "overloaded", "code": 503}}\n\n'
    pieces = await answer_to((STREAM, chunk(HELLO + error + DONE), END))
    assert pieces[0] == Text("Hello")
    code, message = failure(pieces)
    assert code == "unavailable"
    assert "overloaded" in message


async def test_an_upstream_that_is_away() -> None:
    """A refused connection means that the model is unavailable."""
    async with raw_server((Then.CLOSE,)) as server:
        url = server.url
    async with client(url) as chat:
        code, message = failure(await pieces_of(chat.generate(request("m", "Hi"))))
    assert code == "unavailable"
    assert "127.0.0.1" in message


@pytest.mark.parametrize("reply", [(Then.WAIT,), (STREAM, Then.WAIT), (STREAM, chunk(HELLO), Then.WAIT)])
@pytest.mark.parametrize("incremental", [True, False])
async def test_a_silent_upstream_is_given_up(reply: Reply, incremental: bool) -> None:
    """Silence longer than the idle timeout ends the turn, wherever it happens, and the connection."""
    async with raw_server(reply) as server, client(server, silence=0.05) as chat:
        pieces = await pieces_of(chat.generate(request("m", "Hi", incremental=incremental)))
        await asyncio.wait_for(server.left.wait(), 1)
    assert failure(pieces)[0] == "gateway_timeout"
    assert broke(pieces)


def delta(**said: object) -> bytes:
    """An event with more of an answer."""
    return b"data: " + msgspec.json.encode({"choices": [{"index": 0, "delta": said}]}) + b"\n\n"


PING = b": ping\n\n"
PING_CALL = {"name": "ping", "arguments": "{}"}
EMPTY = b'data: {"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]}\n\n'
SIGNS_OF_LIFE: dict[str, Reply] = {
    "comments": (STREAM, chunk(PING), Then.REPEAT),
    "blank data": (STREAM, chunk(b"data:\n\n"), Then.REPEAT),
    "ping events": (STREAM, chunk(b'event: ping\ndata: {"type": "ping"}\n\n'), Then.REPEAT),
    "empty deltas": (STREAM, chunk(EMPTY), Then.REPEAT),
    "usage": (STREAM, chunk(HELLO), chunk(b'data: {"choices": [], "usage": {"prompt_tokens": 1}}\n\n'), Then.REPEAT),
    "empty calls": (STREAM, chunk(delta(tool_calls=[{}])), Then.REPEAT),
    "a whole call": (STREAM, chunk(delta(tool_calls=[{"index": 0, "id": "a", "function": PING_CALL}])), Then.REPEAT),
    "the name of a call": (STREAM, chunk(delta(tool_calls=[{"index": 0, "function": {"name": "f"}}])), Then.REPEAT),
    "empty parts": (STREAM, chunk(delta(content=[{"type": "text", "text": ""}])), Then.REPEAT),
    "reasons to end": (STREAM, chunk(HELLO), chunk(FINISH), Then.REPEAT),
    "nothing of another answer": (STREAM, chunk(EMPTY.replace(b'"index": 0', b'"index": 1')), Then.REPEAT),
    "another answer": (STREAM, chunk(HELLO), chunk(HELLO.replace(b'"index": 0', b'"index": 1')), Then.REPEAT),
    "comments behind text": (STREAM, chunk(HELLO), chunk(PING), Then.REPEAT),
    "informational answers": (b"HTTP/1.1 102 Processing\r\n\r\n", Then.REPEAT),
}


@pytest.mark.parametrize("kind", SIGNS_OF_LIFE)
async def test_signs_of_life_are_no_answer(kind: str) -> None:
    """They are waited for as long as silence is, however many there are."""
    async with asyncio.timeout(5):
        pieces = await answer_to(SIGNS_OF_LIFE[kind], silence=0.2)
    assert failure(pieces)[0] == "gateway_timeout"


async def test_blank_lines_before_an_answer_in_one_piece_are_no_answer() -> None:
    """Some upstreams send them while they work, and one that sends nothing else is given up."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with asyncio.timeout(5):
        pieces = await answer_to((head, chunk(b"\n"), Then.REPEAT), incremental=False, silence=0.2)
    assert failure(pieces)[0] == "gateway_timeout"
    whole = await answer_to((head, *[chunk(b" \n")] * 9, chunk(WHOLE), END), incremental=False)
    assert text(whole) == "Hello"


async def test_informational_answers_without_end_are_given_up() -> None:
    """As fast as they come, they do not keep the server busy until the time is over."""
    flood = b"HTTP/1.1 102 Processing\r\n\r\n" * MOST_INFORMATIONAL
    async with asyncio.timeout(5):
        code, message = failure(await answer_to((flood, flood, Then.WAIT), silence=60))
    assert code == "bad_gateway"
    assert "1xx" in message
    assert text(await answer_to((flood, *GOOD))) == "Hello"


async def test_the_first_byte_may_take_longer_than_silence_in_the_middle() -> None:
    """A long prompt is read under pings; then the answer must go on."""
    slow: Reply = (STREAM, *[part for _ in range(4) for part in (chunk(PING), Then.PAUSE)], *GOOD[1:])
    assert text(await answer_to(slow, silence=0.05, first_byte=5)) == "Hello"
    stuck: Reply = (STREAM, chunk(HELLO), *[part for _ in range(40) for part in (chunk(PING), Then.PAUSE)], *GOOD[2:])
    assert "0.05 seconds" in failure(await answer_to(stuck, silence=0.05, first_byte=5))[1]


async def test_an_upstream_that_cannot_be_connected_to_in_time_was_not_at_work() -> None:
    """So the request is not the reason."""
    lost = Upstream("http://127.0.0.1:1").lost(aiohttp.ConnectionTimeoutError("no connection"))
    assert (lost.code, lost.passing, lost.broke) == ("gateway_timeout", True, False)


@pytest.mark.parametrize("said", [b"", HELLO])
async def test_a_stream_that_ends_before_its_answer_was_cut(said: bytes) -> None:
    """As by an upstream that dies: where a stream ends with its connection, nothing else tells."""
    assert broke(await answer_to((STREAM_UNTIL_CLOSED, said, Then.CLOSE)))


async def test_a_stream_without_an_answer_that_says_that_it_ends_was_not_cut() -> None:
    """The upstream would say the same again."""
    assert failure(pieces := await answer_to((STREAM, chunk(DONE), END)))[0] == "bad_gateway"
    assert not broke(pieces)


def broke(pieces: list[Piece]) -> bool:
    """Whether an answer failed over which the upstream may have died."""
    last = pieces[-1]
    return isinstance(last, Failed) and last.failure.passing and last.failure.broke


async def test_closing_the_client_ends_a_running_answer() -> None:
    """An answer that is still coming in when the server stops ends with a failure, not with a hang."""
    async with raw_server((STREAM, chunk(HELLO), Then.WAIT)) as server, client(server) as chat:
        pieces = chat.generate(request("m", "Hi"))
        assert await first_piece(pieces) == Text("Hello")
        rest = asyncio.create_task(anext(pieces))
        await asyncio.sleep(0)  # the task is reading now
        await chat.close()
        (last,) = await asyncio.wait_for(rest, 1)
        await pieces.aclose()
    assert isinstance(last, Failed)
    assert last.failure.code == "unavailable"


async def test_leaving_an_answer_ends_its_connection() -> None:
    """The upstream sees at once that nobody listens any more."""
    async with raw_server((STREAM, chunk(HELLO), Then.WAIT)) as server, client(server) as chat:
        pieces = chat.generate(request("m", "Hi"))
        await first_piece(pieces)
        await pieces.aclose()
        await asyncio.wait_for(server.left.wait(), 1)


async def test_a_connection_is_used_again() -> None:
    """Turns in a row share a connection when each was read to its end, a refused one included."""
    refusal = (json_reply(b"{}", "400 Bad Request"),)
    async with raw_server(GOOD, refusal, (json_reply(WHOLE),), GOOD) as server, client(server) as chat:
        for incremental in (True, True, False, True):
            assert await pieces_of(chat.generate(request("m", "Hi", incremental=incremental)))
        assert server.connections == 1


async def test_a_connection_that_the_upstream_closed_meanwhile_is_replaced() -> None:
    """A kept connection that turns out to be dead costs a second try, not a failure."""
    async with raw_server(GOOD, (Then.CLOSE,), GOOD) as server, client(server) as chat:
        for _ in range(2):
            pieces = await pieces_of(chat.generate(request("m", "Hi")))
            assert pieces == [Text("Hello"), Stop("stop")]
        assert len(server.requests) == 3


async def test_a_large_conversation_is_sent_whole() -> None:
    """Megabytes of input arrive as they are."""
    long = "word " * 500_000
    async with raw_server(GOOD) as server, client(server) as chat:
        pieces = await pieces_of(chat.generate(request("m", long)))
        assert pieces[-1] == Stop("stop")
        assert long.encode() in server.requests[0]


@pytest.mark.parametrize(
    "url", ["", "localhost:8000", "ftp://host/v1", "http://", "http://me:key@host", "http://host/?k=1"]
)
def test_an_address_that_cannot_be_one_stops_the_start(url: str) -> None:
    """A wrong base_url is said when the client is made, not at the first request."""
    with pytest.raises(ValueError, match="base_url"):
        ChatClient(url)


@pytest.mark.parametrize(
    "body",
    [
        b'{"choices": [{"message": {"content": "\xff\xfe"}, "finish_reason": "stop"}]}',
        b'{"choices": [], "other": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
        b'{"error": {"message": "no", "code": "' + b"9" * 5000 + b'"}}',
        b'{"choices": 5}',
    ],
)
@pytest.mark.parametrize("incremental", [True, False])
async def test_garbage_is_the_upstreams_fault(body: bytes, incremental: bool) -> None:
    """Bytes that are no text, JSON without end and numbers without sense end the answer as a bad gateway."""
    reply: Reply = (STREAM, chunk(b"data: " + body + b"\n\n"), END) if incremental else (json_reply(body),)
    assert failure(await answer_to(reply, incremental=incremental))[0] == "bad_gateway"


async def test_a_chunk_that_is_none_breaks_the_answer() -> None:
    """A connection that broke in the middle of HTTP itself is noticed, though the HTTP client keeps quiet about it."""
    async with asyncio.timeout(10):
        code, _ = failure(await answer_to((STREAM, b"zz\r\n", Then.CLOSE), silence=60))
    assert code == "bad_gateway"


async def test_a_finish_reason_does_not_carry_our_key() -> None:
    """Whatever the upstream gives as its reason to stop, our key is not in what the client is told."""
    stolen = b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "Bearer ' + KEY.encode() + b'"}]}\n\n'
    code, message = failure(await answer_to((STREAM, chunk(HELLO + stolen + DONE), END)))
    assert code == "bad_gateway"
    assert KEY not in message


async def test_counts_that_are_none_are_left_out() -> None:
    """Negative counts are not passed on."""
    usage = b'data: {"choices": [], "usage": {"prompt_tokens": -5, "completion_tokens": 7}}\n\n'
    pieces = await answer_to((STREAM, chunk(HELLO + FINISH + usage + DONE), END))
    assert pieces == [Text("Hello"), Counts(output=7), Stop("stop")]
