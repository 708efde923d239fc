"""Requests in the words of the chat-completions protocol."""

import msgspec
import pytest

from interplay.models.chat.body import body, sampling
from interplay.models.chat.messages import Message, messages
from interplay.wire import GenerationConfig, ModelOutputStep, Step, TextContent, ThoughtStep, UserInputStep
from tests.models.asking import model, request, user


def test_a_conversation_becomes_messages_in_order() -> None:
    """The system instruction comes first, then the turns; thoughts are left out."""
    asked = request("m", "Hi", ThoughtStep(signature="c2ln"), model("Hello"), "Bye", system="Be kind.")
    assert messages(asked) == [
        Message("system", "Be kind."),
        Message("user", "Hi"),
        Message("assistant", "Hello"),
        Message("user", "Bye"),
    ]


TAKING_TURNS = [Message("assistant", "a"), Message("user", "b"), Message("assistant", "c")]


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ((user("a"), user("b")), [Message("user", "a\n\nb")]),
        ((user("a"), model("b"), ThoughtStep(), model("c")), [Message("user", "a"), Message("assistant", "b\n\nc")]),
        ((user("a"), model(""), user("b")), [Message("user", "a\n\nb")]),
        ((user("a"), ModelOutputStep()), [Message("user", "a")]),
        ((model("a"), model("b")), [Message("assistant", "ab")]),
        ((model(""), model("b")), [Message("assistant", "b")]),
        ((user("a"), model(""), model("b")), [Message("user", "a"), Message("assistant", "b")]),
        ((model("a"), user("b"), model(""), model("c")), TAKING_TURNS),
    ],
)
def test_messages_alternate(steps: tuple[Step, ...], said: list[Message]) -> None:
    """Steps of the same side are one message, and empty ones none: many chat templates insist on it."""
    assert messages(request("m", *steps)) == said


def test_blocks_of_one_step() -> None:
    """A user's blocks stand on lines of their own; a model's are one text."""
    blocks = (TextContent(text="a"), TextContent(text="b"))
    steps = (UserInputStep(content=blocks), ModelOutputStep(content=blocks))
    assert messages(request("m", *steps)) == [Message("user", "a\nb"), Message("assistant", "ab")]


def test_sampling_has_only_what_was_asked_for() -> None:
    """Absent settings stay the engine's own."""
    assert sampling(GenerationConfig()) == {}
    config = GenerationConfig(
        temperature=0, top_p=0.5, top_k=3, seed=4, max_output_tokens=5, stop_sequences=("x",), thinking_summaries="auto"
    )
    expected = {"temperature": 0, "top_p": 0.5, "top_k": 3, "seed": 4, "max_tokens": 5, "stop": ("x",)}
    assert sampling(config) == expected


@pytest.mark.parametrize("seed", [-1, -(2**31), 0, 2**31 - 1])
def test_every_seed_is_a_fixed_one(seed: int) -> None:
    """Engines read a negative seed as any seed at all; a client that sends one wants the same answer again."""
    sent = sampling(GenerationConfig(seed=seed))["seed"]
    assert isinstance(sent, int)
    assert 0 <= sent < 2**31
    assert seed < 0 or sent == seed


def test_the_body_of_a_turn() -> None:
    """What goes over the wire, as JSON."""
    sent = msgspec.json.decode(msgspec.json.encode(body(request("m", "Hi", config=GenerationConfig(temperature=1)))))
    assert sent == {
        "model": "m",
        "messages": [{"role": "user", "content": "Hi"}],
        "temperature": 1,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    whole = body(request("m", "Hi", incremental=False))
    assert whole["stream"] is False
    assert "stream_options" not in whole


def test_very_many_steps_of_one_side_are_one_message() -> None:
    """Written down once, however many they are: copied for each, they would hold everybody up for minutes."""
    said = messages(request("m", *["x" * 200] * 40_000))
    assert said == [Message("user", "\n\n".join(["x" * 200] * 40_000))]
    gone_on = messages(request("m", "Hi", *[model("y" * 200)] * 40_000))
    assert gone_on == [Message("user", "Hi"), Message("assistant", "y" * 200 * 40_000)]
