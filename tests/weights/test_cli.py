"""`interplay models`, as a process of its own."""

import asyncio
import hashlib
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest

from interplay.weights.places import models_folder
from interplay.weights.shelf import Shelf

from .host import Host, held, whole

MAIN = "from interplay.cli.models import app; app(prog_name='interplay models')"


class Ended(msgspec.Struct):
    """What a command left."""

    code: int | None
    out: str
    err: str


Start = Callable[..., Awaitable[Process]]


@pytest.fixture
def start(shelf: Shelf) -> Start:
    """Starts a command with the test's models folder."""

    async def starting(*arguments: str) -> Process:
        env = os.environ | {"INTERPLAY_MODELS": str(shelf.folder), "NO_PROXY": "127.0.0.1", "COLUMNS": "200"}
        return await asyncio.create_subprocess_exec(
            sys.executable, "-c", MAIN, *arguments, stdout=PIPE, stderr=PIPE, env=env
        )

    return starting


async def ended(process: Process) -> Ended:
    """Wait for a command."""
    out, err = await process.communicate()
    return Ended(process.returncode, out.decode(), err.decode())


async def test_empty_list(start: Start, shelf: Shelf) -> None:
    """The list says what can be pulled, and where models are kept."""
    done = await ended(await start("list"))
    assert done.code == 0
    assert "qwen2.5-coder-1.5b-instruct  no    1.12 GB  Apache-2.0  The default" in done.out
    assert f"Models are kept in {shelf.folder}" in done.out


async def test_no_models_yet(start: Start, shelf: Shelf) -> None:
    """`path` without a model is one sentence and exit code 1."""
    done = await ended(await start("path"))
    assert (done.code, done.out) == (1, "")
    assert done.err == (f"There is no model in {shelf.folder} yet; `interplay models pull` brings the default one.\n")


async def test_pull_path_list(start: Start, shelf: Shelf, host: Host, data: bytes) -> None:
    """A pulled model has a path, alone on its line, and is in the list."""
    done = await ended(await start("pull", host.at("/small.gguf", whole(data)), "--name", "mine"))
    assert done.code == 0
    assert done.out == ""
    assert f"mine: 1.5 MB, SHA-256 not compared with anything, {shelf.folder}/mine.gguf\n" in done.err
    for arguments in (["path"], ["path", "mine"]):
        assert (await ended(await start(*arguments))).out == f"{shelf.folder}/mine.gguf\n"
    assert "mine                         yes   1.5 MB   unknown" in (await ended(await start("list"))).out


async def test_from_file(start: Start, tmp_path: Path, data: bytes) -> None:
    """A file needs no network, and its hash is compared."""
    path = tmp_path / "own.gguf"
    path.write_bytes(data)
    wrong = await ended(await start("pull", "--from", str(path), "--sha256", "0" * 64))
    assert (wrong.code, "nothing was kept" in wrong.err) == (1, True)
    pinned = await ended(await start("pull", "smollm2-135m-instruct", "--from", str(path)))
    assert (pinned.code, "was expected; nothing was kept" in pinned.err) == (1, True)
    right = await ended(await start("pull", "--from", str(path), "--sha256", hashlib.sha256(data).hexdigest()))
    assert (right.code, "SHA-256 as you gave it" in right.err) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--sha256", "12"], "is not a SHA-256: 64 hexadecimal digits"),
        (["--name", "x"], "a pinned model has its own name and hash"),
        (["https://example.com/x.gguf", "--from", "x"], "give either an address or --from FILE"),
    ],
)
async def test_usage(start: Start, arguments: list[str], said: str) -> None:
    """Options that do not go together are usage errors."""
    done = await ended(await start("pull", *arguments))
    assert done.code == 2
    assert said in done.err


@pytest.mark.parametrize("name", ["gpt", "hf://one", "ftp://host/x.gguf"])
async def test_unknown_names(start: Start, name: str) -> None:
    """What cannot be pulled is one sentence and exit code 1."""
    done = await ended(await start("pull", name))
    assert (done.code, done.err.count("\n")) == (1, 1)


async def test_interrupt(start: Start, host: Host, data: bytes) -> None:
    """Ctrl-C ends a pull with one sentence and no traceback."""
    asked = asyncio.Event()
    process = await start("pull", host.at("/x.gguf", held(asked, asyncio.Event(), whole(data))))
    await asked.wait()
    process.send_signal(signal.SIGINT)
    done = await ended(process)
    assert (done.code, done.err) == (130, "Stopped. What has come is kept; the same command goes on from there.\n")


@pytest.mark.model
async def test_the_small_model(start: Start) -> None:
    """The small pinned model, pulled before, is known by its hash even when it comes as a file of another name."""
    real = Shelf(models_folder()).find("smollm2-135m-instruct")
    done = await ended(await start("pull", "--from", str(real.path)))
    assert "smollm2-135m-instruct: 98.4 MB, SHA-256 as pinned" in done.err
