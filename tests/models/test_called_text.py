"""What is shown of a text in which calls may stand, however it is cut."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from interplay.models.chat.called_text import CallScreen, calls_in
from tests.models.sloppy_server import BARE, TAGGED

FRAGMENTS = ("<", "<tool_call>", "</tool_call>", "[", "[TOOL_CALLS]", "{", "```json\n", "```", " ", "a", BARE, TAGGED)


@given(pieces=st.lists(st.sampled_from(FRAGMENTS)), cuts=st.sets(st.integers(1, 200)))
def test_nothing_is_lost_and_no_call_is_shown(pieces: list[str], cuts: set[int]) -> None:
    """What is shown and what is held are the text; the calls in what is held are those of the whole text."""
    text = "".join(pieces)
    places = [0, *sorted(cut for cut in cuts if cut < len(text)), len(text)]
    screen = CallScreen()
    shown = "".join(screen.take(text[start:end]) for start, end in pairwise(places))
    assert shown + screen.held == text
    held_calls, _ = calls_in(screen.held, {"get_weather"}, spoken=bool(shown.strip()))
    assert held_calls == calls_in(text, {"get_weather"})[0]


def test_a_tag_that_is_spoken_of_hides_no_call() -> None:
    """The first tag with a call behind it counts, whatever tags stand before."""
    calls, around = calls_in(f"I use <tool_call> or [TOOL_CALLS] now: {TAGGED}", {"get_weather"})
    assert [call.name for call in calls] == ["get_weather"]
    assert around == "I use <tool_call> or [TOOL_CALLS] now:"
