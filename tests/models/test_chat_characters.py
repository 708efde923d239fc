r"""Characters that come in halves: a model's emoji as `\ud83d` in one event and `\ude00` in the next."""

import json
import time
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interplay.models.base import Stop, Text, Thought
from interplay.models.chat.answer import ChatAnswer, RawPiece
from interplay.models.chat.halves import ALONE, joined, kept, readable
from interplay.models.chat.tool_calls import Wanted
from tests.models.asking import failure
from tests.models.sloppy_server import part, streamed
from tests.models.test_calls import WAYS, WEATHER, arguments, asked

HALVES = [
    (["a", "\ud83d", "\ude00", "b"], "a😀b"),
    (["\ud83d", "", "\ude00"], "😀"),
    (["\ud83d\ude00"], "😀"),
    (["a\ud83d", "\ude00b\ud83d", "\ude00"], "a😀b😀"),
    (["\ud83d", "b"], "\ufffdb"),
    (["\ude00", "b"], "\ufffdb"),
    (["a\ud83d b", "\ude00"], "a\ufffd b\ufffd"),
    (["\ud83d", "\ud83d", "\ude00"], "\ufffd😀"),
    (["\ude00", "\ud83d"], "\ufffd\ufffd"),
    (["a", "\ud83d"], "a\ufffd"),
]
"""Parts of a text, and the text."""


def events(*deltas: object) -> bytes:
    """A stream of these deltas, with halves as JSON escapes them, to its regular end."""
    choices = [*({"delta": delta} for delta in deltas), {"delta": {}, "finish_reason": "stop"}]
    return b"".join(b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n" for choice in choices)


def read(data: bytes, *cuts: int) -> list[RawPiece]:
    """The pieces of a stream that is cut at these places."""
    answer = ChatAnswer()
    places = [0, *cuts, len(data)]
    fed = [answer.feed(data[start:end]) for start, end in pairwise(places)]
    return [piece for pieces in fed for piece in pieces] + answer.end()


def said(pieces: list[RawPiece], kind: type[Text | Thought]) -> str:
    """All text of a kind."""
    return "".join(piece.text for piece in pieces if isinstance(piece, kind))


@pytest.mark.parametrize(("parts", "whole"), HALVES)
@pytest.mark.parametrize(
    ("field", "kind"),
    [("content", Text), ("refusal", Text), ("reasoning_content", Thought), ("reasoning", Thought)],
)
def test_halves_are_joined(field: str, kind: type[Text | Thought], parts: list[str], whole: str) -> None:
    """In text and in reasoning, streamed and at once, wherever the bytes are cut."""
    data = events(*({field: each} for each in parts))
    for cut in range(0, len(data), 7):
        assert said(read(data, cut), kind) == whole
    answer = ChatAnswer()
    body = json.dumps({"choices": [{"message": {field: "".join(parts)}, "finish_reason": "stop"}]})
    assert said([*answer.whole(body.encode()), *answer.end()], kind) == whole


@pytest.mark.parametrize(("parts", "whole"), HALVES)
def test_halves_in_parts_of_content_are_joined(parts: list[str], whole: str) -> None:
    """As in a string."""
    assert said(read(events({"content": [{"type": "text", "text": each} for each in parts]})), Text) == whole


@pytest.mark.parametrize(("parts", "whole"), HALVES)
@pytest.mark.parametrize("ascii", [True, False])
def test_halves_in_arguments_are_joined(parts: list[str], whole: str, ascii: bool) -> None:
    """Whether the server cut the characters or the model wrote their escapes."""
    written = [json.dumps(each, ensure_ascii=ascii)[1:-1] for each in parts]
    deltas = [part("f", '{"a":"', index=0, id="a"), *(part(arguments=each, index=0) for each in written)]
    pieces = read(events(*({"tool_calls": [each]} for each in [*deltas, part(arguments='"}', index=0)])))
    (call,) = [piece for piece in pieces if isinstance(piece, Wanted)]
    assert msgspec.json.decode(call.arguments) == {"a": whole}


def test_halves_of_different_texts_are_alone() -> None:
    """The end of a thought is not joined with the beginning of the answer, and comes before it."""
    pieces = read(events({"reasoning": "a\ud83d"}, {"content": "\ude00b"}))
    assert pieces == [Thought("a"), Thought("\ufffd"), Text("\ufffdb"), Stop("stop")]


def test_an_error_with_half_a_character_is_told() -> None:
    """What is wrong with it hides nothing."""
    assert "no \ufffd more" in failure(read(b'data: {"error": {"message": "no \\ud83d more"}}\n\n'))[1]


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        (r"\ud83d\ude00", "😀"),
        (r"\uD83D", "\ufffd"),
        (r"\\ud83d", r"\ud83d"),
        (r"\\\ud83d", "\\\ufffd"),
        (r"\u00e9", "é"),
    ],
)
def test_escapes_are_read_as_json_has_them(written: str, read_as: str) -> None:
    """A backslash that is escaped itself begins none."""
    assert json.loads(readable(f'"{written}"')) == read_as


@WAYS
@pytest.mark.parametrize("whole", [True, False])
async def test_half_a_character_costs_no_other_try(whole: bool, incremental: bool) -> None:
    """In the arguments of a call and in JSON that is demanded, as the model wrote it."""
    half = r"Par\ud83d" + (r"\ude00" if whole else "")
    meant = "Par😀" if whole else "Par\ufffd"
    pieces, bodies = await asked(
        streamed(part("get_weather", f'{{"city": "{half}"}}', index=0)), WEATHER, incremental=incremental
    )
    assert arguments(pieces) == [{"city": meant}]
    assert len(bodies) == 1


ESCAPES = (r"\ud83d", r"\uDE00", r"\\", r"\n", r"\"", r"\u0041", "ud83d", "u", "a", "😀", "ÿ")
"""What a string in JSON may have beside halves, and much that looks like them."""


@given(written=st.lists(st.sampled_from(ESCAPES), max_size=12).map("".join))
def test_any_string_has_the_same_characters(written: str) -> None:
    """As a decoder reads it that takes halves as they are; JSON without halves alone is left as it is."""
    data = f'["{written}"]'
    meant = json.loads(data)[0].encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    changed = kept(data.encode())
    assert joined(msgspec.json.decode(changed or data.encode())[0]) == meant
    assert (changed is None) == (ALONE not in meant)
    assert msgspec.json.decode(readable(data))[0] == meant


@pytest.mark.parametrize("escape", [r"\n", r"\\", r"\"", r"\u0041"])
@pytest.mark.parametrize("end", ["", r"\ud83d"])
def test_escapes_that_are_no_halves_cost_nothing(escape: str, end: str) -> None:
    """Looking for halves takes no longer than reading the JSON does, however much is escaped in it."""
    data = f'"{escape * (2**21 // len(escape))}{end}"'.encode()
    began = time.process_time()
    changed = kept(data)
    looked = time.process_time()
    msgspec.json.decode(changed or data)
    assert (changed is None) == (end == "")
    assert looked - began < 10 * (time.process_time() - looked) + 0.05
