"""A real model that dies in the middle of a text, with its server or alone."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.server import RunningServer, engine_of

from .background import begun, ended, log_of, said_in, seen_until, text_of

SMALL = """
[local]
model = "smollm2-135m-instruct"
context_tokens = 2048
"""


STORY: dict[str, Any] = {
    "input": "Tell me a long story about the sea.",
    "model": "gemini-3.5-flash",
    "generation_config": {"temperature": 0, "max_output_tokens": 120},
}


def goes_on(seen: list[dict[str, Any]], log: list[dict[str, Any]], end: Any) -> None:
    """The log has what was seen, and the whole text in one step, which is the interaction's."""
    assert log[: len(seen)] == seen
    assert said_in(log) == text_of(end)
    assert [event["event_type"] for event in log].count("step.start") == 1
    assert end["status"] in ("completed", "incomplete")


@pytest.mark.model
def test_an_engine_that_dies_is_no_end(tmp_path: Path) -> None:
    """The new engine goes on behind the last word that the old one said, in the same step."""
    with RunningServer(tmp_path, SMALL) as server:
        id = begun(server, **STORY)
        seen = seen_until(server, id, " the ")
        os.kill(engine_of(server), signal.SIGKILL)
        end = ended(server, id)
        goes_on(seen, log_of(server, id), end)


@pytest.mark.model
def test_a_text_goes_on_behind_its_last_word(tmp_path: Path) -> None:
    """After kill -9 the model goes on with the text that was shown, in the same step; its tokens are counted once."""
    with RunningServer(tmp_path, SMALL) as server:
        id = begun(server, **STORY)
        seen = seen_until(server, id, " the ")
        server.kill()
        server.start()
        end = ended(server, id)
        goes_on(seen, log_of(server, id), end)
    words, tokens = len(text_of(end).split()), end["usage"]["total_output_tokens"]
    assert words // 2 < tokens <= 122
