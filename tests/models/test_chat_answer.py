"""Chat-completions answers as bytes: what the pieces are, however the bytes are cut."""

from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interplay.models.base import Counts, Stop, Text, Thought
from interplay.models.chat.answer import ChatAnswer, RawPiece
from interplay.models.chat.limits import LONGEST_ANSWER, MOST_CALLS
from interplay.models.chat.tool_calls import CallReader, Named, Part, Wanted
from tests.models.asking import failure

STREAM = """: a comment
data: {"choices": [{"delta": {"role": "assistant", "content": null}}], "usage": null}

event: message
id: 7
data:{"choices": [{"delta": {"reasoning_content": "Hm"}}]}

data: {"choices": [{"delta": {"reasoning": "m.", "content": ""}, "logprobs": {"x": []}}], "new": 1}


: ping

retry: 5
data: {"choices":
data:  [{"delta": {"content": "Grüße 🌍"}, "finish_reason": ""}]}

data: {"type": "ping"}

data

data: {"choices": [{"delta": {"content": "!\\r\\n\\n"}, "finish_reason": "length"}]}

data: {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}}

data:[DONE]

"""
PIECES = [
    Thought("Hm"),
    Thought("m."),
    Text("Grüße 🌍"),
    Text("!\r\n\n"),
    Counts(input=3, output=2),
    Stop("length"),
]


CALLS = """data: {"choices": [{"delta": {"content": "So:", "tool_calls": null}}]}

data: {"choices": [{"delta": {"tool_calls": [{"index": 0, "id": "a", "function": {"name": "f", "arguments": ""}}]}}]}

data: {"choices": [{"delta": {"tool_calls": [{"index": 1, "id": "b", "function": {"name": "g"}}]}}]}

data: {"choices": [{"delta": {"tool_calls": [{"index": 0, "function": {"arguments": "{\\"a\\": "}}]}}]}

data: {"choices": [{"delta": {"tool_calls": [{"index": 0, "function": {"arguments": "\\"ü\\"}"}}]}}]}

data: {"choices": [{"delta": {}, "finish_reason": "tool_calls"}]}

data: {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}}

data: [DONE]

"""
CALLS_PIECES = [
    Text("So:"),
    Wanted("f", '{"a": "ü"}'),
    Wanted("g", "{}"),
    Counts(input=3, output=2),
    Stop("stop"),
]


def read(*parts: bytes, most: int | None = None) -> list[RawPiece]:
    """The pieces of a stream that arrives in these parts."""
    answer = ChatAnswer(most=most)
    return [piece for part in parts for piece in answer.feed(part)] + answer.end()


def events(*chunks: dict[str, object]) -> bytes:
    """A stream of these chunks and [DONE]."""
    return b"".join(b"data: " + msgspec.json.encode(chunk) + b"\n\n" for chunk in chunks) + b"data: [DONE]\n\n"


def finished(most: int | None = None, **fields: object) -> list[RawPiece]:
    """The pieces of a stream that says nothing but its end and these fields."""
    return read(events({"choices": [{"delta": {"content": "a"}, "finish_reason": "stop"}], **fields}), most=most)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_split_of_a_stream_gives_the_same_pieces(newline: str) -> None:
    """Cut in two at every byte, and cut at all of them, with any line end."""
    data = STREAM.replace("\n", newline).encode()
    for cut in range(len(data) + 1):
        assert read(data[:cut], data[cut:]) == PIECES
    assert read(*(data[place : place + 1] for place in range(len(data)))) == PIECES


@given(cuts=st.lists(st.integers(0, len(STREAM.encode()) * 2)), newline=st.sampled_from(["\n", "\r\n", "\r"]))
def test_any_splits_of_a_stream_give_the_same_pieces(cuts: list[int], newline: str) -> None:
    """Cut at any places at once."""
    data = STREAM.replace("\n", newline).encode()
    places = [0, *sorted(cuts), len(data)]
    assert read(*(data[start:end] for start, end in pairwise(places))) == PIECES


def test_every_split_of_a_stream_of_calls_gives_the_same_calls() -> None:
    """They come when all else has been said, whole, however their bytes were cut."""
    data = CALLS.encode()
    for cut in range(len(data) + 1):
        assert read(data[:cut], data[cut:]) == CALLS_PIECES


@pytest.mark.parametrize(
    "calls",
    [
        [{}],
        [{"function": None}],
        [{"function": {"name": 5, "arguments": 6}}],
        [{"index": "0", "id": 7, "function": {"name": ["f"], "arguments": [None]}}],
        [{"index": {}, "function": {"name": "f", "arguments": "}{" * 1000}}],
        [{"index": 0, "function": {"name": "f", "arguments": "[" * 100_000}}],
    ],
)
def test_calls_of_nonsense_are_calls(calls: list[object]) -> None:
    """Whether they are right is decided later; reading them does no harm, whole or streamed."""
    chunk: dict[str, object] = {"choices": [{"delta": {"tool_calls": calls}, "finish_reason": "stop"}]}
    assert read(events(chunk, chunk))[-1] == Stop("stop")
    whole = ChatAnswer()
    whole.whole(msgspec.json.encode({"choices": [{"message": {"tool_calls": calls}}]}))
    assert whole.end()[-1] == Stop("stop")


@given(data=st.binary(max_size=200))
def test_any_nonsense_ends_in_a_failure(data: bytes) -> None:
    """Bytes that are no stream raise nothing, and are no answer."""
    assert failure(read(data))[0] == "bad_gateway"


@given(body=st.binary(max_size=200))
def test_any_nonsense_at_once_ends_in_a_failure(body: bytes) -> None:
    """The same for an answer in one piece."""
    answer = ChatAnswer()
    assert failure([*answer.whole(body), *answer.end()])[0] == "bad_gateway"


def test_usage_may_come_with_every_event_and_beside_the_finish() -> None:
    """The last usage counts."""
    pieces = read(
        events(
            {"choices": [{"delta": {"content": "a"}}], "usage": {"prompt_tokens": 9, "completion_tokens": 1}},
            {"choices": [{"finish_reason": "stop"}], "usage": {"prompt_tokens": 9, "completion_tokens": 2}},
        )
    )
    assert pieces == [Text("a"), Counts(input=9, output=2), Stop("stop")]


def test_reasoning_tokens_are_no_output_tokens() -> None:
    """The protocol counts thoughts among the completion; our counts keep them apart."""
    usage = {
        "prompt_tokens": 10,
        "completion_tokens": 7,
        "prompt_tokens_details": {"cached_tokens": 4, "audio_tokens": None},
        "completion_tokens_details": {"reasoning_tokens": 5},
    }
    assert finished(usage=usage)[1] == Counts(input=10, output=2, cached=4, thought=5)


@pytest.mark.parametrize("empty", [{}, {"prompt_tokens_details": None, "completion_tokens_details": {}}])
def test_usage_may_say_little(empty: dict[str, object]) -> None:
    """What is not told stays unknown."""
    assert finished(usage=empty)[1] == Counts()


@pytest.mark.parametrize("nonsense", [-1, 2**31, 10**40, 1.5, True, "7", None, [], {}])
def test_what_is_no_count_is_left_out(nonsense: object) -> None:
    """The rest is believed, and the answer is as good as with right counts."""
    details = {"cached_tokens": nonsense}
    usage = {"prompt_tokens": nonsense, "completion_tokens": 7, "prompt_tokens_details": details}
    assert finished(usage=usage) == [Text("a"), Counts(output=7), Stop("stop")]
    usage = {"prompt_tokens": 7, "completion_tokens": nonsense, "completion_tokens_details": nonsense}
    assert finished(usage=usage) == [Text("a"), Counts(input=7), Stop("stop")]
    assert finished(timings={"prompt_n": nonsense, "cache_n": nonsense, "predicted_n": 3})[1] == Counts(output=3)


@pytest.mark.parametrize("nonsense", [5, "many", [1]])
def test_usage_that_is_none_is_no_usage(nonsense: object) -> None:
    """Nor are timings; the answer stands without counts."""
    assert finished(usage=nonsense, timings=nonsense) == [Text("a"), Stop("stop")]


def test_no_count_is_above_what_it_is_a_part_of() -> None:
    """No more is cached than was read, and no more was decoded than was asked for, thoughts included."""
    usage = {"prompt_tokens": 10, "prompt_tokens_details": {"cached_tokens": 11}, "completion_tokens": 1000}
    assert finished(50, usage=usage)[1] == Counts(input=10, cached=10, output=50)
    usage = {"completion_tokens": 1000, "completion_tokens_details": {"reasoning_tokens": 40}}
    assert finished(50, usage=usage)[1] == Counts(output=10, thought=40)
    assert finished(50, timings={"predicted_n": 1000})[1] == Counts(output=50)


def test_more_thoughts_than_completion_are_beside_it() -> None:
    """Some upstreams count them so; the limit is that of both together."""
    usage = {"completion_tokens": 20, "completion_tokens_details": {"reasoning_tokens": 40}}
    assert finished(usage=usage)[1] == Counts(output=20, thought=40)
    assert finished(50, usage=usage)[1] == Counts(output=20, thought=30)


def test_llama_cpp_timings_fill_in_what_usage_leaves_out() -> None:
    """`cache_n` is the cached part; without any usage, the timings are the counts."""
    timings = {"cache_n": 6, "prompt_n": 4, "predicted_n": 3, "prompt_ms": 1.5}
    assert finished(timings=timings)[1] == Counts(input=10, output=3, cached=6)
    usage = {"prompt_tokens": 10, "completion_tokens": 3}
    assert finished(timings=timings, usage=usage)[1] == Counts(input=10, output=3, cached=6)


def test_no_counts_without_usage() -> None:
    """An upstream that tells nothing leaves the Counts out."""
    assert finished() == [Text("a"), Stop("stop")]


@pytest.mark.parametrize(("finish", "reason"), [("stop", "stop"), ("eos", "stop"), ("length", "length")])
def test_known_ends(finish: str, reason: str) -> None:
    """The upstreams' words for a regular end are two of ours."""
    assert read(events({"choices": [{"delta": {"content": "a"}, "finish_reason": finish}]}))[-1] == Stop(reason)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("finish", "code"), [("content_filter", "invalid_request"), ("abort", "bad_gateway"), ("error", "bad_gateway")]
)
def test_irregular_ends_are_failures(finish: str, code: str) -> None:
    """An answer that was filtered or given up must not look finished."""
    pieces = read(events({"choices": [{"delta": {"content": "a"}, "finish_reason": finish}]}))
    assert pieces[0] == Text("a")
    assert failure(pieces)[0] == code


def test_done_alone_is_no_answer() -> None:
    """A stream that ends in order before anything was said has failed."""
    assert failure(read(b"data: [DONE]\n\n"))[0] == "bad_gateway"


def test_a_whole_answer_need_not_say_why_it_ended() -> None:
    """JSON that was cut does not parse, so what parses is whole."""
    answer = ChatAnswer()
    pieces = [*answer.whole(b'{"choices": [{"message": {"content": "a"}, "finish_reason": null}]}'), *answer.end()]
    assert pieces == [Text("a"), Stop("stop")]


def test_the_words_of_a_model_that_declines_are_text() -> None:
    """A refusal is what the model said, wherever the upstream puts it."""
    assert read(events({"choices": [{"delta": {"refusal": "No."}, "finish_reason": "stop"}]}))[0] == Text("No.")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ({"error": {"message": "why", "code": 429}}, "rate_limited"),
        ({"error": {"message": "why", "code": "503"}}, "unavailable"),
        ({"error": {"message": "why", "code": "server_error"}}, "bad_gateway"),
        ({"error": {"message": "why", "code": None}}, "bad_gateway"),
        ({"error": "why"}, "bad_gateway"),
        ({"object": "error", "message": "why", "code": 400}, "invalid_request"),
    ],
)
def test_an_error_event_ends_the_answer(error: dict[str, object], code: str) -> None:
    """In any shape; what comes behind it is not read."""
    got, message = failure(read(events(error, {"choices": [{"delta": {"content": "a"}, "finish_reason": "stop"}]})))
    assert got == code
    assert "why" in message


def test_an_event_without_end_is_given_up() -> None:
    """An upstream cannot fill the memory."""
    answer = ChatAnswer()
    pieces = [piece for _ in range(17) for piece in answer.feed(b"x" * 2**20)]
    assert failure(pieces)[0] == "bad_gateway"
    assert answer.done


def test_a_stream_without_end_is_given_up() -> None:
    """Nor can it by saying a little again and again."""
    answer, event = ChatAnswer(), b": " + b"x" * 2**20 + b"\n\n"
    pieces = [piece for _ in range(64) for piece in answer.feed(event)]
    assert failure(pieces)[0] == "bad_gateway"
    assert str(LONGEST_ANSWER) in failure(pieces)[1]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_mark_before_the_first_event_hides_nothing(newline: str) -> None:
    """Some servers on Windows begin every text with a byte order mark."""
    said = events({"choices": [{"delta": {"content": "a"}, "finish_reason": "stop"}]})
    data = b"\xef\xbb\xbf" + said.replace(b"\n", newline.encode())
    assert read(*(data[place : place + 1] for place in range(len(data)))) == [Text("a"), Stop("stop")]


def parts_read(*parts: Part) -> list[Wanted]:
    """The calls in deltas that come one after the other."""
    reader = CallReader()
    for part in parts:
        reader.more([part])
    return reader.wanted()


def test_calls_of_one_id_are_the_same_only_with_the_same_arguments() -> None:
    """A sender that numbers all of its calls alike does not lose the second, however alike the two look."""
    oslo, rome = (
        Part(index=0, id="a", function=Named("f", arguments)) for arguments in ('{"a": "Oslo"}', '{"a": "Rome"}')
    )
    assert parts_read(oslo, oslo) == [Wanted("f", '{"a": "Oslo"}')]
    assert parts_read(oslo, rome) == [Wanted("f", '{"a": "Oslo"}'), Wanted("f", '{"a": "Rome"}')]


def test_the_beginning_of_arguments_may_come_again_inside_them() -> None:
    """What repeats the arguments so far is a flush only where it makes no sense behind them."""
    (call,) = parts_read(*(Part(index=0, function=Named("f", each)) for each in ('{"a":', '{"a":1}', "}")))
    assert call == Wanted("f", '{"a":{"a":1}}')


def test_calls_in_deltas_with_ever_other_ids_are_one() -> None:
    """With the name and empty parts between them."""
    pieces = ('{"a"', "", ":", "", "1}", "")
    deltas = (Part(index=0, id=str(number), function=Named("f", each)) for number, each in enumerate(pieces))
    assert parts_read(*deltas) == [Wanted("f", '{"a":1}')]


def test_a_name_without_end_is_joined_no_further() -> None:
    """It is that of no function, and joining it would take ever longer."""
    (call,) = parts_read(*(Part(index=0, function=Named(f"n{number}")) for number in range(1000)))
    assert len(call.name) < 600


def test_calls_without_end_are_given_up_while_they_come() -> None:
    """An upstream that goes on calling is not listened to until it stops."""
    answer = ChatAnswer()
    for number in range(MOST_CALLS + 1):
        call = {"index": number, "function": {"name": "f", "arguments": "{}"}}
        pieces = answer.feed(
            b"data: " + msgspec.json.encode({"choices": [{"delta": {"tool_calls": [call]}}]}) + b"\n\n"
        )
    assert failure(pieces)[0] == "invalid_answer"
    assert answer.done
