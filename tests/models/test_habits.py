"""What is remembered of how models think."""

from typing import Any

import msgspec
import pytest

from interplay.models.base import ModelRequest, Stop, Text, Thought
from interplay.models.chat.habits import Habits
from interplay.models.chat.thinking import ThoughtScreen
from tests.models.asking import request

UNOPENED = "Hm.</think>42"


def asked(model: str = "m", *, incremental: bool = True, continues: bool = False) -> ModelRequest:
    """A request to a model."""
    return msgspec.structs.replace(request(model, "Hi", incremental=incremental), continues=continues)


def through(screen: ThoughtScreen, text: str) -> list[Any]:
    """What a screen makes of an answer that is this text."""
    return [piece for piece in screen.take([Text(text)]) + screen.take([Stop("stop")]) if piece != Stop("stop")]


def answered(habits: Habits, text: str, model: str = "m", form: str | None = None) -> None:
    """A model's answer, whose reasoning came in this form."""
    screen = habits.screen(asked(model))
    through(screen, text)
    habits.note(asked(model), screen, form)


def thinks_first(habits: Habits, model: str = "m") -> bool:
    """Whether the model's next answer is expected to begin inside of a thought."""
    return through(habits.screen(asked(model)), UNOPENED) == [Thought("Hm."), Text("42")]


@pytest.mark.parametrize(
    ("text", "came_in", "form"),
    [
        ("42", None, "reasoning_content"),
        ("42", "thinking", "thinking"),
        ("<think>Hm.</think>42", None, "<think>"),
        ("[THINK]Hm.[/THINK]42", None, "[THINK]"),
        ("<think>Hm.</think>42", "reasoning", "reasoning"),
        (UNOPENED, None, "<think>"),
    ],
)
def test_the_form_of_the_last_reasoning_is_known(text: str, came_in: str | None, form: str) -> None:
    """A field beside the text, else the tags in it, those included that a template opens."""
    habits = Habits()
    answered(habits, text, form=came_in)
    assert habits.form("m") == form
    assert thinks_first(habits) is (text == UNOPENED)
    answered(habits, "42")
    assert habits.form("m") == form
    assert not thinks_first(habits)
    assert habits.form("another") == "reasoning_content"


def test_an_answer_that_goes_on_does_not_begin_with_a_thought() -> None:
    """Whatever the model has done before: its first words were said in an earlier request."""
    habits = Habits()
    answered(habits, UNOPENED)
    assert thinks_first(habits)
    for incremental in (True, False):
        going_on = asked(incremental=incremental, continues=True)
        assert through(habits.screen(going_on), UNOPENED) == [Text(UNOPENED)]
        assert through(Habits(begins_thinking=True).screen(going_on), UNOPENED) == [Text(UNOPENED)]


def test_only_so_many_models_are_remembered() -> None:
    """A client chooses the name that it asks for, and some upstreams answer under any: the oldest goes."""
    habits = Habits()
    for number in range(1000):
        answered(habits, UNOPENED, f"m{number}")
    answered(habits, UNOPENED, "m0")
    for number in range(1000):
        answered(habits, "42", f"usual{number}")
    assert all(thinks_first(habits, f"m{number}") for number in (0, 1, 999))
    answered(habits, UNOPENED, "m1000")
    assert [thinks_first(habits, f"m{number}") for number in (0, 1, 2, 1000)] == [True, False, True, True]
