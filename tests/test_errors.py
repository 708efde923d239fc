from typing import Any

import pytest

from interplay.errors import SHOWN, let_go, listed, shown


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        ("it's", '"it\'s"'),
        (["a", 1.5], '["a",1.5]'),
        ({"a": None}, '{"a":null}'),
        ("é", '"é"'),
        ("\ud800", "'\\ud800'"),
        (1 << 70, "1180591620717411303424"),
    ],
)
def test_a_value_is_shown_as_json(value: Any, text: str) -> None:
    """Messages speak the client's language; what JSON cannot hold is shown all the same."""
    assert shown(value) == text


def test_a_long_value_is_cut() -> None:
    """A message stays a sentence."""
    assert len(shown("x" * 1000)) == SHOWN
    assert shown("x" * 1000).endswith("xxx...")


def test_choices_are_listed() -> None:
    """One after the other, each as JSON."""
    assert listed(("auto", None)) == '"auto", null'


def test_an_error_that_causes_itself_is_let_go() -> None:
    """Frames are taken from it and from all that led to it, once each, however the chain is closed."""
    error: BaseException = ValueError("first")
    for number in range(40):
        error, earlier = ValueError(str(number)), error
        error.__cause__ = error.__context__ = earlier
    earlier.__cause__ = error
    assert let_go(error) is error


def test_what_led_to_an_error_is_let_go_with_it() -> None:
    """Also what was merely being handled when it came."""
    with pytest.raises(ValueError, match="later") as caught:
        _fail_while_failing()
    earlier = caught.value.__context__
    assert earlier is not None
    assert earlier.__traceback__ is not None
    let_go(caught.value)
    assert earlier.__traceback__ is None


def _fail_while_failing() -> None:
    try:
        raise KeyError
    finally:
        raise ValueError("later")
