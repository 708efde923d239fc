"""The examples as a new user runs them: by themselves, with two variables, against the default model."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.conftest import environment
from tests.server import RunningServer, parsed

pytestmark = pytest.mark.model

EXAMPLES = Path(__file__).parents[2] / "examples" / "quickstart"

COMMANDS = {".py": [sys.executable], ".mjs": ["node"], ".sh": ["bash"]}

JAVASCRIPT = pytest.param(".mjs", marks=pytest.mark.nightly)
"""Its SDK is shown against every endpoint in tests/sdk; what a model adds, the other languages show at each landing."""


@pytest.mark.parametrize("suffix", [".py", JAVASCRIPT])
def test_a_first_call_prints_an_answer(default_model_server: RunningServer, folder: Path, suffix: str) -> None:
    """The answer has words, and the tokens are counted."""
    *answer, tokens = _run(default_model_server, folder, "first_call" + suffix).strip().splitlines()
    assert len(" ".join(answer).split()) >= 3
    assert int(tokens.removeprefix("Tokens: ")) > len(answer)


def test_a_first_call_with_curl_prints_the_interaction(default_model_server: RunningServer, folder: Path) -> None:
    """The JSON has the answer, the counts and the model's name as it was asked for."""
    interaction = json.loads(_run(default_model_server, folder, "first_call.sh"))
    assert (interaction["status"], interaction["model"]) == ("completed", "gemini-3.5-flash")
    assert len(interaction["steps"][-1]["content"][0]["text"].split()) >= 3
    assert interaction["usage"]["total_output_tokens"] > 2


@pytest.mark.parametrize("suffix", [".py", JAVASCRIPT])
def test_a_stream_prints_the_answer_and_its_end(default_model_server: RunningServer, folder: Path, suffix: str) -> None:
    """A description comes, about what was asked, and the end is told with a count of several tokens."""
    *answer, end = _run(default_model_server, folder, "stream" + suffix).strip().splitlines()
    assert "light" in " ".join(answer).lower()
    assert end.startswith("[completed, ")
    assert int(end.split()[1]) > 10


def test_a_stream_with_curl_prints_events(default_model_server: RunningServer, folder: Path) -> None:
    """There are several deltas, which make an answer, and the last event says that it is complete."""
    events = parsed(_run(default_model_server, folder, "stream.sh"))
    deltas = [event["delta"]["text"] for event in events if event["event_type"] == "step.delta"]
    assert len(deltas) > 10
    assert "light" in "".join(deltas).lower()
    assert events[-1]["interaction"]["status"] == "completed"


@pytest.mark.parametrize("suffix", [".py", JAVASCRIPT, ".sh"])
@pytest.mark.parametrize("stem", ["conversation", "conversation_without_state"])
def test_a_conversation_remembers(default_model_server: RunningServer, folder: Path, stem: str, suffix: str) -> None:
    """A name told in the first turn comes back in the second, whoever keeps the conversation."""
    output = _run(default_model_server, folder, stem + suffix)
    told, asked = [part.strip() for part in output.split("Model:")[1:]]
    assert told
    assert "Marlene" in asked


@pytest.mark.parametrize("suffix", [".py", JAVASCRIPT, ".sh"])
def test_a_structured_answer_can_be_read(default_model_server: RunningServer, folder: Path, suffix: str) -> None:
    """The answer parses into the type that the program has, and says what the text says."""
    output = _run(default_model_server, folder, "structured" + suffix)
    assert output.strip() == "Ines Alves | Porto | Portuguese, English"


@pytest.mark.parametrize("suffix", [".py", JAVASCRIPT, ".sh"])
@pytest.mark.parametrize("stem", ["functions", "functions_without_state"])
def test_a_function_is_called_and_its_result_used(
    default_model_server: RunningServer, folder: Path, stem: str, suffix: str
) -> None:
    """The model asks for the article, and its answer says how many are left, whoever keeps the conversation."""
    call, answer = _run(default_model_server, folder, stem + suffix).split("Model:")
    assert call.startswith("Call:")
    assert "green tea" in call
    assert "3" in answer


@pytest.mark.parametrize("suffix", [".py", JAVASCRIPT, ".sh"])
def test_a_background_run_is_asked_for_later(default_model_server: RunningServer, folder: Path, suffix: str) -> None:
    """It is started, ends well, and its answer is about what was asked."""
    started, rest = _run(default_model_server, folder, "background" + suffix).split("completed")
    assert started.startswith("Started: v1_")
    assert "water" in rest.partition("Model:")[2]


def _run(server: RunningServer, folder: Path, name: str) -> str:
    shutil.copy(EXAMPLES / name, folder)
    command = [*COMMANDS[Path(name).suffix], name]
    done = subprocess.run(command, cwd=folder, env=environment(server), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
