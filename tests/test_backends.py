"""From the settings to model backends."""

from pathlib import Path

import pytest

from interplay.models.catalogue import Pattern
from interplay.models.chat.watch import Times
from interplay.models.openai import OpenAIBackend
from interplay.parts.backends import Backends
from interplay.settings import Settings, SettingsError, load


def settings(folder: Path, line: str = "") -> Settings:
    """Settings with one upstream, and another line about it."""
    file = folder / "interplay.toml"
    file.write_text(f'[[models]]\nmatch = "*"\nbackend = "openai"\nbase_url = "http://127.0.0.1:1/v1"\n{line}\n')
    return load(file)


@pytest.mark.parametrize(
    ("line", "way"), [("", "checked"), *((f'structured_output = "{way}"', way) for way in ("native", "prompt"))]
)
def test_the_way_to_ask_for_json_reaches_the_backend(tmp_path: Path, line: str, way: str) -> None:
    """As the entry says; `checked` when it says nothing."""
    (entry,) = Backends(settings(tmp_path, line), None, lambda _: None).entries
    assert isinstance(entry, Pattern)
    assert isinstance(entry._backend, OpenAIBackend)
    assert entry._backend._corrected._structured_output == way


def test_a_way_that_there_is_not_stops_the_start(tmp_path: Path) -> None:
    """The message names the setting."""
    with pytest.raises(SettingsError, match="structured_output"):
        settings(tmp_path, 'structured_output = "guided"')


@pytest.mark.parametrize(
    ("line", "times"),
    [("", Times(1800, 300)), ("first_byte_seconds = 60\nsilence_seconds = 2.5", Times(60, 2.5))],
)
def test_how_long_a_model_is_waited_for_reaches_the_backend(tmp_path: Path, line: str, times: Times) -> None:
    """As the entry says; half an hour for the first byte when it says nothing."""
    (entry,) = Backends(settings(tmp_path, line), None, lambda _: None).entries
    assert isinstance(entry, Pattern)
    assert isinstance(entry._backend, OpenAIBackend)
    assert entry._backend._chat._times == times
