"""Upstreams whose messages are lists of parts, whole and streamed."""

import pytest

from interplay.models.base import Counts, Piece, Stop, Text, Thought
from interplay.models.openai import OpenAIBackend
from tests.models.asking import answer, failure, request
from tests.models.sloppy_server import Body, Reply, in_parts, sloppy_server, text_part

WAYS = pytest.mark.parametrize("incremental", [True, False])
END = [Counts(input=10, output=5), Stop("stop")]


async def asked(reply: Reply, *, incremental: bool) -> list[Piece]:
    """The pieces of an answer."""
    async with sloppy_server(lambda _: reply) as server:
        backend = OpenAIBackend(server.url)
        await backend.open()
        pieces = await answer(backend, request("m", "Hi", incremental=incremental))
        await backend.close()
    return pieces


@WAYS
async def test_parts_of_text_are_joined_in_order(incremental: bool) -> None:
    """Empty ones say nothing; no space is put between them."""
    reply = in_parts(text_part("Hel"), text_part(""), {"type": "text"}, text_part("lo "), text_part("there."))
    assert await asked(reply, incremental=incremental) == [Text("Hel"), Text("lo "), Text("there."), *END]


@WAYS
@pytest.mark.parametrize("thinking", ["Hm, well.", [text_part("Hm, "), text_part("well.")]])
async def test_parts_of_thinking_are_thoughts(thinking: object, incremental: bool) -> None:
    """As reasoning is that stands in a field of its own."""
    reply = in_parts({"type": "thinking", "thinking": thinking, "closed": True}, text_part("Hello"))
    assert await asked(reply, incremental=incremental) == [Thought("Hm, well."), Text("Hello"), *END]


@WAYS
async def test_a_stream_may_go_on_with_a_string(incremental: bool) -> None:
    """Mistral's servers think in parts and answer in plain text; at once it is a list."""
    thinking = {"type": "thinking", "thinking": [text_part("Hm")]}
    reply = Reply(({"content": [thinking]}, {"content": "Hello"}), {"content": [thinking, text_part("Hello")]})
    assert await asked(reply, incremental=incremental) == [Thought("Hm"), Text("Hello"), *END]


@WAYS
@pytest.mark.parametrize(
    ("part", "named"),
    [
        ({"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}, "image_url"),
        ({"type": "reference", "reference_ids": [1]}, "reference"),
        ({"type": "thinking", "thinking": [{"type": "reference", "reference_ids": [1]}]}, "reference"),
        ({"text": "Hello"}, "None"),
    ],
)
async def test_any_other_part_fails_the_turn_by_its_type(part: Body, named: str, incremental: bool) -> None:
    """What it says would be lost."""
    code, message = failure(await asked(in_parts(text_part("See: "), part), incremental=incremental))
    assert code == "bad_gateway"
    assert repr(named) in message


@WAYS
@pytest.mark.parametrize("content", [[], [{"type": "text", "text": None}], [{"type": "thinking", "thinking": None}]])
async def test_parts_without_words_are_an_empty_answer(content: list[Body], incremental: bool) -> None:
    """As an empty string is."""
    assert await asked(Reply(({"content": content},), {"content": content}), incremental=incremental) == END


@WAYS
@pytest.mark.parametrize(
    "content", [["Hello"], [5], [[]], {"type": "text", "text": "Hello"}, [{"type": "text", "text": 5}]]
)
async def test_content_of_nonsense_is_no_answer(content: object, incremental: bool) -> None:
    """The failure shows what was sent."""
    code, message = failure(await asked(Reply(({"content": content},), {"content": content}), incremental=incremental))
    assert (code, "sent no chat completion" in message) == ("bad_gateway", True)
