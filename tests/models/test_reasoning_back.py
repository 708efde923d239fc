"""Reasoning that goes back to the model: with which messages, in which form, and where it is refused."""

from collections.abc import Sequence

import msgspec
import pytest

from interplay.models.base import ModelRequest
from interplay.models.chat.messages import LONGEST_REASONING, Message, messages
from interplay.models.openai import OpenAIBackend
from interplay.settings.models import ReasoningBack
from interplay.wire import Step, ThoughtStep
from tests.models.asking import answer, model, request, text
from tests.models.calling import called, calls, function, offering, returned
from tests.models.sloppy_server import (
    RIGHT,
    WRONG_CALL,
    Behaviour,
    Body,
    Refusal,
    Reply,
    first,
    in_parts,
    said,
    sloppy_server,
    text_part,
)

LOOP: Sequence[Step | str] = (
    "Weather?",
    ThoughtStep(signature="sealed 1"),
    called("a", city="Paris"),
    returned("a", "sun"),
    ThoughtStep(signature="sealed 2"),
    model("Sunny."),
    "And Oslo?",
    ThoughtStep(signature="sealed 3"),
    ThoughtStep(),
    model("Let me see."),
    ThoughtStep(signature="sealed 4"),
    called("b", city="Oslo"),
    returned("b", "snow"),
)


WITH_TEXT = ["thought 1", None]


def opened(signature: str) -> str:
    """What was thought; nothing under a seal of somebody else's."""
    return signature.replace("sealed", "thought") if signature.startswith("sealed") else ""


def thinking(*steps: Step | str, back: ReasoningBack = "calls") -> ModelRequest:
    """A request whose thoughts can be opened."""
    return msgspec.structs.replace(request("m", *steps), recalled=opened, reasoning_back=back)


def reasoned(chat: Sequence[Message]) -> list[str | None]:
    """The reasoning of each message of the model's."""
    return [message.reasoning_content for message in chat if message.role == "assistant"]


@pytest.mark.parametrize(
    ("back", "expected"),
    [
        ("calls", ["thought 1", None, "thought 3\n\nthought 4"]),
        ("always", ["thought 1", "thought 2", "thought 3\n\nthought 4"]),
        ("never", [None, None, None]),
    ],
)
def test_thoughts_go_back_with_what_the_model_said_behind_them(back: ReasoningBack, expected: list[str | None]) -> None:
    """With the messages that call, with all, or with none; who asks for nothing gets none."""
    assert reasoned(messages(thinking(*LOOP, back=back))) == expected
    assert reasoned(messages(request("m", *LOOP))) == [None, None, None]


def test_thoughts_that_cannot_be_opened_are_left_out() -> None:
    """And so are those behind which somebody else spoke."""
    steps = (ThoughtStep(signature="another's"), called("a"), ThoughtStep(signature="sealed 1"), returned("a", "sun"))
    assert reasoned(messages(thinking("Weather?", *steps))) == [None]
    assert reasoned(messages(thinking("Hi", ThoughtStep(signature="sealed 1"), "Hi?", called("a")))) == [None]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((ThoughtStep(signature="sealed 1"), called("a"), called("b")), ["thought 1"]),
        ((called("a"), ThoughtStep(signature="sealed 1"), called("b")), ["thought 1"]),
        ((called("a"), returned("a", "sun"), called("b")), [None, None]),
        (
            (ThoughtStep(signature="sealed 1"), called("a"), returned("a", "sun"), called("b"), returned("b", "snow")),
            ["thought 1", None],
        ),
        (
            (ThoughtStep(signature="sealed 1"), called("a"), returned("a", "sun"), model("Sunny."), called("b")),
            ["thought 1", None],
        ),
        ((called("a"), ThoughtStep(signature="sealed 1"), returned("a", "sun"), called("b")), [None, None]),
        ((ThoughtStep(signature="sealed 1"), model("I look."), "And?", called("b")), ["thought 1", None]),
        ((model("I"), ThoughtStep(signature="sealed 1"), model(""), model(" look."), "And?", called("b")), WITH_TEXT),
    ],
)
def test_no_thought_of_an_earlier_call_goes_with_a_later_one(
    steps: tuple[Step | str, ...], expected: list[str | None]
) -> None:
    """It belongs to what the model said next, of which it is sent once; behind a result, or the user, it is over."""
    assert reasoned(messages(thinking("Weather?", *steps, back="always"))) == expected


def test_only_so_much_reasoning_goes_back() -> None:
    """The newest; a conversation does not grow without end by what was thought in it."""
    long = ThoughtStep(signature="sealed" + "x" * (LONGEST_REASONING - 20))
    steps = (long, called("a"), returned("a", "sun"), ThoughtStep(signature="sealed 2"), called("b"))
    first, second = reasoned(messages(thinking("Weather?", *steps)))
    assert first is not None
    assert second == "thought 2"
    assert reasoned(messages(thinking("Hi", long, called("c"), returned("c", "sun"), *steps)))[0] is None


async def sent(behaviour: Behaviour, *requests: ModelRequest, back: ReasoningBack = "calls") -> list[Body]:
    """The bodies that an upstream gets for some requests, all of which it answers."""
    async with sloppy_server(behaviour) as server:
        backend = OpenAIBackend(server.url, reasoning_back=back)
        await backend.open()
        for each in requests:
            assert text(pieces := await answer(backend, each)) or calls(pieces)
        await backend.close()
    return server.bodies


def message(body: Body) -> Body:
    """The message with the last call."""
    found: Body = [each for each in body["messages"] if each.get("tool_calls")][-1]
    return found


def reasoning_in(**fields: object) -> Reply:
    """An answer behind some reasoning."""
    return Reply((fields, {"content": "Hello"}), {**fields, "content": "Hello"})


THOUGHT = "thought 3\n\nthought 4"
FORMS: dict[str, tuple[Reply, dict[str, object]]] = {
    "nothing known": (said("Hello"), {"reasoning_content": THOUGHT}),
    "reasoning_content": (reasoning_in(reasoning_content="Hm"), {"reasoning_content": THOUGHT}),
    "reasoning": (reasoning_in(reasoning="Hm"), {"reasoning": THOUGHT}),
    "thinking": (reasoning_in(thinking="Hm"), {"thinking": THOUGHT}),
    "reasoning_details": (
        reasoning_in(reasoning_details=[{"type": "reasoning.text", "text": "Hm"}]),
        {"reasoning_details": [{"type": "reasoning.text", "text": THOUGHT}]},
    ),
    "control tokens": (
        said("<|channel|>analysis<|message|>Hm<|end|><|start|>assistant<|channel|>final<|message|>Hello"),
        {"reasoning_content": THOUGHT},
    ),
    "tags": (said("<think>Hm</think>Hello"), {"content": f"<think>\n{THOUGHT}\n</think>\n\nLet me see."}),
    "parts": (in_parts({"type": "thinking", "thinking": "Hm"}, text_part("Hello")), {}),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("incremental", [True, False])
async def test_reasoning_goes_back_as_it_came(form: str, incremental: bool) -> None:
    """In the field, or the tags, that the model's last answer had; in the usual field before any answer."""
    reply, expected = FORMS[form]
    asked = msgspec.structs.replace(thinking(*LOOP), incremental=incremental)
    hello = msgspec.structs.replace(request("m", "Hi"), incremental=incremental)
    body = (await sent(lambda _: reply, hello, asked))[1]
    sent_back = {key: value for key, value in message(body).items() if key not in ("role", "tool_calls")}
    assert sent_back == {"content": "Let me see."} | expected
    assert {"role": "assistant", "content": "Sunny."} in body["messages"]


async def test_an_answer_without_reasoning_says_nothing_of_its_form() -> None:
    """The one that was seen last is kept."""
    replies = [reasoning_in(reasoning="Hm"), said("Hello"), said("Snow.")]
    bodies = await sent(lambda _: replies.pop(0), thinking("Hi"), thinking("Hi"), thinking(*LOOP))
    assert "reasoning" in message(bodies[2])


async def test_another_model_of_the_upstream_has_its_own_form() -> None:
    """What one does says nothing of another."""
    other = msgspec.structs.replace(thinking(*LOOP), model="other")
    bodies = await sent(lambda _: reasoning_in(reasoning="Hm"), thinking(*LOOP), thinking(*LOOP), other)
    assert ["reasoning" in message(body) for body in bodies] == [False, True, False]


async def test_a_server_that_takes_no_reasoning_is_asked_without() -> None:
    """Its refusal is learnt once, and the conversation goes on."""

    def refusing(body: Body) -> Reply | Refusal:
        extra = any("reasoning_content" in each for each in body["messages"])
        return Refusal(400, "property 'messages.1.reasoning_content' is unsupported") if extra else said("Snow.")

    bodies = await sent(refusing, thinking(*LOOP), thinking(*LOOP))
    assert ["reasoning_content" in message(body) for body in bodies] == [True, False, False]


async def test_another_refusal_is_no_refusal_of_reasoning() -> None:
    """It is passed on, and nothing is learnt of it."""
    async with sloppy_server(lambda _: Refusal(400, "the context is too long")) as server:
        backend = OpenAIBackend(server.url)
        await backend.open()
        await answer(backend, thinking(*LOOP))
        await answer(backend, thinking(*LOOP))
        await backend.close()
    assert ["reasoning_content" in message(body) for body in server.bodies] == [True, True]


async def test_the_thought_before_a_wrong_call_goes_back_with_the_complaint() -> None:
    """A server that wants reasoning between calls and results wants it there too."""
    wrong = WRONG_CALL["a missing argument"]
    thoughtful = Reply(({"reasoning_content": "Hm, "}, {"reasoning_content": "so."}, *wrong.deltas), wrong.message)
    asked = offering(request("m", "Weather?"), function())
    bodies = await sent(first(thoughtful, RIGHT), asked)
    assert message(bodies[1])["reasoning_content"] == "Hm, so."
    bodies = await sent(first(thoughtful, RIGHT), asked, back="never")
    assert "reasoning_content" not in message(bodies[1])
