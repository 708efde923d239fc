"""The documents' code, run as it stands there."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from interplay.settings import Settings, load
from tests.docs.blocks import Block, blocks
from tests.docs.conftest import environment
from tests.server import RunningServer

_FILES = {"python": "block.py", "javascript": "block.mjs", "bash": "block.sh"}
_COMMANDS = {"python": [sys.executable], "javascript": ["node"], "bash": ["bash", "-euo", "pipefail"]}

_RUN = [block for block in blocks(*_FILES) if not block.not_run]
_RECEIVING = [block for block in _RUN if block.document == "webhooks.md"]
_SCRIPTED = [block for block in _RUN if "gemini-3.5-flash" not in block.code and block not in _RECEIVING]
_DEFAULT = [
    pytest.param(block, marks=pytest.mark.nightly) if block.language == "javascript" else block
    for block in _RUN
    if "gemini-3.5-flash" in block.code
]


@pytest.mark.parametrize("block", _SCRIPTED, ids=str)
def test_a_block_prints_what_stands_under_it(server: RunningServer, folder: Path, block: Block) -> None:
    """A block for the scripted model prints exactly the text that follows it."""
    assert block.output is not None, "say in a text block what it prints"
    assert _run(server, folder, block) == block.output


@pytest.mark.parametrize("block", _RECEIVING, ids=str)
def test_a_receiver_prints_what_stands_under_it(receiving_server: RunningServer, folder: Path, block: Block) -> None:
    """A block that receives webhooks prints exactly the text that follows it."""
    assert _run(receiving_server, folder, block) == block.output


@pytest.mark.model
@pytest.mark.parametrize("block", _DEFAULT, ids=str)
def test_a_block_for_the_default_model_works(default_model_server: RunningServer, folder: Path, block: Block) -> None:
    """A block for the default model ends well and prints an answer about what was asked."""
    output = _run(default_model_server, folder, block).lower()
    assert '"error"' not in output
    expected = {"planet": r"mercury", "sky": r"light|scatter|blue", "trees": r"(?s)apple.*pear|pear.*apple"}
    expected |= {"ships": r"(?s)completed.*(water|dens|buoy|displac)"}
    asked = next(word for word in expected if f"{word} " in block.code)
    assert re.search(expected[asked], _text(output)), output


@pytest.mark.parametrize("block", [block for block in blocks(*_FILES) if block.not_run], ids=str)
def test_a_block_that_is_not_run_could_not_be(block: Block) -> None:
    """What is left out installs, downloads, serves or has a gap to fill: commands of the shell, and no programs."""
    assert block.language == "bash"
    reasons = ("install ", "interplay ", "scripts/serve", "export ", "docker ", "kubectl ", "helm ", "cd ", "cp ")
    lines = block.code.replace("\\\n", "").splitlines()
    assert all(any(reason in line for reason in reasons) for line in lines)


@pytest.mark.parametrize("block", blocks("toml"), ids=str)
def test_settings_in_the_documents_are_valid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: Block) -> None:
    """Every TOML block is a settings file that the server would start with."""
    for name in ("UPSTREAM_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "secret")
    file = tmp_path / "interplay.toml"
    file.write_text(block.code)
    assert load(file) != Settings()


def test_no_language_is_overlooked() -> None:
    """There are blocks to run, and none in a language that nothing here knows."""
    known = [*_FILES, "toml", "yaml", "text"]
    assert len(blocks(*_FILES)) > 20
    assert len(blocks(*known)) == len(blocks(*known, "", "sh", "shell", "console", "js", "json", "py"))


def _run(server: RunningServer, folder: Path, block: Block) -> str:
    file = _FILES[block.language]
    (folder / file).write_text(block.code, encoding="utf-8")
    command = [*_COMMANDS[block.language], file]
    done = subprocess.run(command, cwd=folder, env=environment(server), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _text(output: str) -> str:
    """What was said: the deltas of a stream joined, anything else as it is."""
    events = [line.removeprefix("data: ") for line in output.splitlines() if line.startswith("data: {")]
    return "".join(json.loads(event).get("delta", {}).get("text", "") for event in events) or output
