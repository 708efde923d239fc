"""How answers end, and what stands in them besides: errors, signs of life, other answers, in all their shapes."""

import re

import msgspec
import pytest

from interplay.models.base import Failed, Stop, Text, Thought
from interplay.models.chat.answer import ChatAnswer, RawPiece
from interplay.models.chat.tool_calls import Wanted
from tests.models.asking import failure
from tests.models.test_chat_answer import events, read

HELLO = b'data: {"choices": [{"index": 0, "delta": {"content": "Hello"}, "finish_reason": null}]}\n\n'
FINISH = b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}\n\n'
DONE = b"data: [DONE]\n\n"
WHOLE = b'{"choices": [{"message": {"content": "Hello"}, "finish_reason": "stop"}]}'

ERRORS = {
    "data: error": b'data: {"error": {"message": "why", "type": "server_error"}}\n\n',
    "data: error as text": b'data: {"error": "why"}\n\n',
    "data: error that is true": b'data: {"error": true, "message": "why"}\n\n',
    "data: error beside an empty one": b'data: {"error": {"code": 500, "message": ""}, "message": "why"}\n\n',
    "data: object": b'data: {"object": "error", "message": "why", "code": 500}\n\n',
    "data: message": b'data: {"message": "why"}\n\n',
    "data: detail": b'data: {"detail": "why"}\n\n',
    "data: detail, an object": b'data: {"detail": {"message": "why"}}\n\n',
    "data: details": b'data: {"detail": [{"loc": ["body", 1], "msg": "why"}]}\n\n',
    "data: errors": b'data: {"errors": [{"message": "why"}]}\n\n',
    "data: in the choice": b'data: {"choices": [{"error": {"message": "why"}, "finish_reason": "error"}]}\n\n',
    "data: beside the choice": b'data: {"choices": [{"finish_reason": "stop"}], "error": {"message": "why"}}\n\n',
    "event: error": b'event: error\ndata: {"message": "why"}\n\n',
    "event: error, text": b"event: error\ndata: why\n\n",
    "event: error, other JSON": b'event: error\ndata: {"reason": "why"}\n\n',
    "event behind its data": b"data: why\nevent: Error\n\n",
    "error: JSON": b'error: {"message": "why"}\n\n',
    "error: error": b'error: {"error": {"message": "why"}}\n\n',
    "error: text": b"Error: why\n\n",
    "bare JSON": b'{"error": {"message": "why"}}\n\n',
    "bare JSON, a list": b'[{"error": {"message": "why"}}]\n\n',
    "bare JSON in lines": b'{\n  "error": {\n    "message": "why"\n  }\n}\n\n',
    "bare JSON behind data": b'data: {"choices": []}\n{"detail": "why"}\n\n',
}
"""Errors, all for the same reason."""

QUIET_ERRORS = {
    "event: error alone": b"event: error\n\n",
    "event: error, nothing": b"event: error\ndata: {}\n\n",
    "data: a status only": b'data: {"error": {"code": 500}}\n\n',
}
"""Errors without a reason."""


@pytest.mark.parametrize("before", [b"", HELLO, HELLO + b": ping\n\n"])
@pytest.mark.parametrize("error", [*ERRORS, *QUIET_ERRORS])
@pytest.mark.parametrize("behind", [b"", DONE, FINISH + DONE])
def test_an_error_in_any_shape_fails_the_answer(before: bytes, error: str, behind: bytes) -> None:
    """Before text and after it, whatever follows: never completed, and the reason is the upstream's."""
    said = read(before + {**ERRORS, **QUIET_ERRORS}[error] + behind)
    code, message = failure(said)
    assert code == "bad_gateway"
    assert ("why" in message) == (error in ERRORS)
    assert said[:-1] == ([Text("Hello")] if before else [])


@pytest.mark.parametrize(
    "error", [shape for shape, data in ERRORS.items() if data.startswith(b"data: {") and "\n{" not in data.decode()]
)
def test_an_error_in_any_shape_fails_an_answer_in_one_piece(error: str) -> None:
    """HTTP 200 with an error for a body, which is not called another status."""
    message = failure(whole(ERRORS[error].removeprefix(b"data: ").strip()))[1]
    assert re.fullmatch(r"the upstream answered with an error: (body\.1: )?why", message)


def whole(body: bytes) -> list[RawPiece]:
    """The pieces of an answer in one piece."""
    answer = ChatAnswer()
    pieces = answer.whole(body)
    return [*pieces, *answer.end()]


STRAYS = [
    b"Internal Server Error\n\n",
    b"upstream connect error or disconnect/reset before headers\n\n",
    b"<html><body>502</body></html>\n\n",
    b'data: {"status": "failed"}\n\n',
    b"[5]\n\n",
]
"""What can stand in a stream and cannot be read."""


@pytest.mark.parametrize("stray", STRAYS)
def test_done_behind_what_could_not_be_read_is_no_end(stray: bytes) -> None:
    """It may have been the error; with a finish reason the answer is whole all the same."""
    assert failure(read(HELLO + stray + DONE))[0] == "bad_gateway"
    assert read(HELLO + stray + FINISH + DONE) == [Text("Hello"), Stop("stop")]


def test_what_came_in_place_of_an_answer_is_said() -> None:
    """In its own words, but for a page of HTML."""
    assert "Internal Server Error" in failure(read(STRAYS[0]))[1]
    for page in (b"<!DOCTYPE html><html>hm</html>", b" <html>\n<body>\n hm</body></html>"):
        for said in (read(page), whole(page)):
            message = failure(said)[1]
            assert "HTML" in message
            assert "hm" not in message
    assert "nothing" in failure(whole(b""))[1]


NOISE = [
    b"data:\n\n",
    b"data: \n\n",
    b"data:  \t\n\n",
    b"data\n\n",
    b"data: null\n\n",
    b"data: {}\n\n",
    b'data: ""\n\n',
    b"data: ping\n\n",
    b"data: [PING]\n\n",
    b"data: keep-alive\n\n",
    b'data: {"type": "ping"}\n\n',
    b'data: {"type": "keepalive", "id": 5}\n\n',
    b'event: ping\ndata: {"type": "ping"}\n\n',
    b"event: heartbeat\ndata: 17:04:33\n\n",
    b"event: keepalive\n\n",
    b": OPENROUTER PROCESSING\n\n",
    b":\n\n",
    b": a comment\n: and another\n\n",
    b"id: 5\nretry: 1000\n\n",
    b"\n\n\n",
    b'data: {"choices": null}\n\n',
    b'data: {"choices": []}\n\n',
    b'data: {"choices": [null]}\n\n',
    b'data: {"choices": [], "prompt_filter_results": [{"x": 1}]}\n\n',
    b'data: {"choices": [{"index": 0, "delta": null}]}\n\n',
    b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "null"}]}\n\n',
    b'data: {"choices": [{"index": 1, "delta": {"content": "Hi"}, "finish_reason": "length"}]}\n\n',
    b'data: {"choices": [{"index": 1, "delta": {"tool_calls": [{"function": {"name": "f"}}]}}]}\n\n',
]
"""What says nothing."""


@pytest.mark.parametrize("noise", NOISE)
@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"])
def test_noise_changes_nothing(noise: bytes, newline: bytes) -> None:
    """Between any two events of an answer, and it is read: [DONE] behind it is a regular end."""
    for stream in (noise + HELLO + noise + FINISH + noise + DONE, HELLO + noise + DONE):
        assert read(stream.replace(b"\n", newline)) == [Text("Hello"), Stop("stop")]


def choices(*texts: tuple[int | None, str]) -> dict[str, object]:
    """An event of several answers."""
    return {"choices": [{"index": index, "delta": {"content": text}} for index, text in texts]}


@pytest.mark.parametrize("first", [0, 1, None])
def test_of_several_answers_the_first_is_read(first: int | None) -> None:
    """Beside each other in an event or one after the other; some count from one, some leave the number out."""
    other = (first or 0) + 1
    chunks = [choices((first, "a"), (other, "x")), choices((other, "y")), choices((first, "b"))]
    finish: dict[str, object] = {"choices": [{"index": first, "delta": {}, "finish_reason": "stop"}]}
    late: dict[str, object] = {"choices": [{"index": other, "delta": {"content": "z"}, "finish_reason": "length"}]}
    assert read(events(*chunks, finish, late)) == [Text("a"), Text("b"), Stop("stop")]


NOTHING: dict[str, object] = {"choices": [{"index": 1, "delta": {"role": "assistant"}}]}


@pytest.mark.parametrize("others", [1, 5])
@pytest.mark.parametrize("zero", [0, "0", 0.0, None])
def test_the_answer_of_index_0_is_read_whichever_begins(others: int, zero: object) -> None:
    """However its index is written, and however much of others has come before it."""
    before = [NOTHING, *[choices((2, "x"), (1, "y"))] * others]
    told: list[dict[str, object]]
    told = [{"choices": [{"index": index, "delta": {"content": text}}]} for index, text in ((0, "a"), (zero, "b"))]
    end: dict[str, object] = {"choices": [{"index": zero, "delta": {}, "finish_reason": "stop"}]}
    assert read(events(*before, *told, end)) == [Text("a"), Text("b"), Stop("stop")]


def test_of_answers_without_an_index_0_the_lowest_is_read() -> None:
    """Whatever it has; once all of it is there."""
    call = {"index": 0, "id": "a", "function": {"name": "f", "arguments": "{}"}}
    told: list[dict[str, object]] = [
        choices((2, "x")),
        {"choices": [{"index": 1, "delta": {"reasoning_content": "Hm"}}]},
        {"choices": [{"index": 1, "delta": {"tool_calls": [call]}}]},
        {"choices": [{"index": 2, "delta": {}, "finish_reason": "length"}]},
        {"choices": [{"index": 1, "delta": {}, "finish_reason": "stop"}]},
    ]
    assert read(events(*told)) == [Thought("Hm"), Wanted("f", "{}"), Stop("stop")]
    only = msgspec.json.encode({"choices": [{"index": 1, "message": {"content": "a"}, "finish_reason": "stop"}]})
    assert whole(only) == [Text("a"), Stop("stop")]
    broken: dict[str, object] = {"choices": [{"index": 1, "error": {"message": "out of memory"}}]}
    assert "out of memory" in failure(read(events(choices((1, "a")), broken)))[1]


def test_the_first_of_several_answers_in_one_piece_is_read() -> None:
    """By its number, wherever it stands."""
    answers = [{"index": place, "message": {"content": "ab"[place]}, "finish_reason": "stop"} for place in (1, 0)]
    assert whole(msgspec.json.encode({"choices": answers})) == [Text("a"), Stop("stop")]


def test_events_with_a_newline_too_few_between_them_are_events() -> None:
    """Each whole JSON by itself."""
    assert read((HELLO + FINISH + DONE).replace(b"\n\n", b"\n") + b"\n") == [Text("Hello"), Stop("stop")]


def test_a_stream_that_is_not_called_one_is_read() -> None:
    """Where an answer in one piece was asked for, and came as something else."""
    assert whole(HELLO + FINISH + DONE) == [Text("Hello"), Stop("stop")]
    assert failure(whole(HELLO))[0] == "bad_gateway"


ENDS = {
    "stop": [
        "stop",
        "STOP",
        "Stop",
        "end",
        "eos",
        "EOS",
        "eos_token",
        "</s>eos",
        "end_turn",
        "EndTurn",
        "stop_sequence",
    ],
    "length": ["length", "MAX_TOKENS", "max_tokens", "max-tokens", "maxTokens", "model_length", "LENGTH", "max_length"],
}
CALLS = ["tool_calls", "tool_use", "TOOL_CALL", "function_call", "FinishReason.STOP", "FINISH_REASON_STOP", "COMPLETE"]


def ends_with(finish: str) -> RawPiece:
    """The last piece of an answer that ends for this reason."""
    return read(events({"choices": [{"delta": {"content": "a"}, "finish_reason": finish}]}))[-1]


@pytest.mark.parametrize("finish", [word for word in (*ENDS["stop"], *CALLS) if "</" not in word])
def test_a_regular_end_in_any_spelling(finish: str) -> None:
    """Upper case, other words, a type's name before it: the model was done."""
    assert ends_with(finish) == Stop("stop")


@pytest.mark.parametrize("finish", ENDS["length"])
def test_a_limit_in_any_spelling(finish: str) -> None:
    """The answer is cut, and says so."""
    assert ends_with(finish) == Stop("length")


@pytest.mark.parametrize("finish", ["content_filter", "CONTENT_FILTER", "SAFETY", "FinishReason.SAFETY", "refusal"])
def test_a_filter_in_any_spelling(finish: str) -> None:
    """Asked again, it would stop the answer again."""
    assert failure([ends_with(finish)])[0] == "invalid_request"


@pytest.mark.parametrize("finish", ["error", "ERROR", "abort", "cancelled", "MALFORMED_FUNCTION_CALL", "OTHER", "5"])
def test_an_irregular_end_in_any_spelling(finish: str) -> None:
    """It must not pass for a finished answer."""
    assert failure([ends_with(finish)])[0] == "bad_gateway"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ({"code": "rate_limit_exceeded"}, "rate_limited"),
        ({"type": "overloaded_error"}, "unavailable"),
        ({"status": "UNAVAILABLE"}, "unavailable"),
        ({"code": "RESOURCE_EXHAUSTED", "status": 429}, "rate_limited"),
        ({"status_code": 529}, "unavailable"),
        ({"code": 524}, "gateway_timeout"),
        ({"type": "invalid_request_error"}, "invalid_request"),
        ({"code": "context_length_exceeded"}, "invalid_request"),
        ({"code": 1302}, "bad_gateway"),
        ({"code": 200}, "bad_gateway"),
    ],
)
def test_what_an_error_is_called_decides_its_code(error: dict[str, object], code: str) -> None:
    """By number or by word, inside the error or beside it."""
    shapes: list[dict[str, object]] = [{"error": {"message": "why", **error}}, {"message": "why", **error}]
    for chunk in shapes:
        assert failure(read(events(chunk)))[0] == code


@pytest.mark.parametrize(
    "event",
    [
        b'{"object": "error", "message": "out of memory", "code": 500, "usage": {"prompt_tokens": 1}}',
        b'{"detail": "out of memory", "timings": {}}',
        b'{"choices": [{}], "message": "out of memory"}',
        b'{"choices": [null], "detail": "out of memory"}',
        b'{"choices": [{"index": 0, "delta": {}}], "message": "out of memory"}',
    ],
)
def test_an_error_beside_what_looks_like_an_answer_is_one(event: bytes) -> None:
    """Half an answer, an error with usage or an empty choice beside it, and `[DONE]` is no whole answer."""
    half = b'{"choices": [{"index": 0, "delta": {"content": "Half of "}}]}'
    reading = ChatAnswer()
    pieces = reading.feed(b"".join(b"data: %b\n\n" % data for data in (half, event, b"[DONE]"))) + reading.end()
    assert isinstance(pieces[-1], Failed)
    assert "out of memory" in pieces[-1].failure.message


def test_a_whole_answer_without_an_end_and_with_an_error_is_cut() -> None:
    """Its text is there, and so is why there is no more."""
    reading = ChatAnswer()
    pieces = reading.whole(b'{"choices": [{"message": {"content": "Half of"}}], "message": "out of memory"}')
    assert isinstance((pieces + reading.end())[-1], Failed)


def test_a_secret_that_is_cut_is_none_to_show() -> None:
    """What is no answer is shown shortened, and half of a key is as secret as the whole."""
    reading = ChatAnswer(secrets=("sk-0123456789abcdef",))
    (failed,) = reading.whole(b"x" * 190 + b"sk-0123456789abcdef")
    assert isinstance(failed, Failed)
    assert "sk-01" not in failed.failure.message


def test_a_refused_key_in_the_middle_of_a_stream_is_not_repeated() -> None:
    """Some upstreams say the key that they refuse."""
    reading = ChatAnswer()
    pieces = reading.feed(b'data: {"error": {"code": 401, "message": "bad key sk-0123456789"}}\n\n')
    assert isinstance(pieces[-1], Failed)
    assert "sk-" not in pieces[-1].failure.message
    assert "key" in pieces[-1].failure.message
