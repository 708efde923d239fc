"""An engine of the operator's own: a `llama-server` that is named in the settings."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
import xllamacpp  # type: ignore[import-untyped]

from interplay.errors import Failure
from interplay.models.base import Call, Stop
from interplay.models.local import builds, checks, child, cpu, executable
from interplay.models.local.backend import LocalBackend
from interplay.models.local.checks import EngineError
from interplay.models.local.probing import ABILITIES, probe
from interplay.models.local.settings import EngineSettings, Launch
from tests.models import llama_server
from tests.models.asking import answer, request
from tests.models.functions import WEATHER
from tests.models.local_engine import LOADING_SECONDS, NAME, connection, small
from tests.waiting import until


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """An executable that is a llama-server by its command line."""
    path = tmp_path / "llama-server"
    path.write_text(f'#!/bin/sh\nexec {sys.executable} {llama_server.__file__} "$@"\n')
    path.chmod(0o700)
    return path


def own(model: Path, program: Path | str) -> LocalBackend:
    """A backend whose engine is this executable."""
    settings = msgspec.structs.replace(small(model, 4096, 8192), engine=str(program))
    return LocalBackend(settings, NAME, patience=LOADING_SECONDS)


def children(pid: int) -> list[int]:
    """The processes that one has started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def shown(pid: int) -> str:
    """What others could read of a process and its children."""
    files = [Path(f"/proc/{one}/{name}") for one in (pid, *children(pid)) for name in ("cmdline", "environ")]
    return "".join(file.read_text(errors="replace") for file in files)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_what_a_script_has_started_ends_with_it(tmp_path: Path) -> None:
    """An executable may be a script that runs the server: neither outlives us, whatever ended us."""
    script, started = tmp_path / "engine", tmp_path / "started"
    script.write_text(f"#!/bin/sh\nsleep 300 &\necho $! > {started}.half\nmv {started}.half {started}\nwait\n")
    script.chmod(0o700)
    launch = Launch(msgspec.structs.replace(small(tmp_path / "m.gguf"), engine=str(script)), "key", 1)
    command = [sys.executable, "-P", "-m", "interplay.models.local.child"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as child:
        assert child.stdin is not None
        child.stdin.write(msgspec.json.encode(launch) + b"\n")
        child.stdin.flush()
        until(started.exists)
        server = Path("/proc", started.read_text().strip())
        assert server.exists()
    until(lambda: not server.exists() or "(zombie)" in (server / "status").read_text())


@pytest.mark.parametrize("prompts", [True, False])
def test_both_ways_to_run_an_engine_say_the_same(
    tmp_path: Path, prompts: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the command line tells a llama-server is what the wheel's engine is given, the batch's usual size aside."""
    settings = msgspec.structs.replace(
        small(tmp_path / "m.gguf"), batch_tokens=64, prompts_folder=str(tmp_path if prompts else tmp_path / "none")
    )
    launch, key = Launch(settings, "secret", 3), tmp_path / "key"
    key.write_text("secret")
    monkeypatch.setattr(sys, "argv", ["llama-server", *executable.options(launch, str(key))])
    given = llama_server.parsed()
    told, own = llama_server.parameters(given), child.parameters(launch, xllamacpp)
    names = ("hostnames", "port", "ui", "api_keys", "n_parallel", "n_ctx", "kv_unified", "ctx_shift", "cache_ram_mib")
    for name in (*names, "endpoint_metrics"):
        assert getattr(told, name) == getattr(own, name), name
    assert told.model.path == own.model.path == str(tmp_path / "m.gguf")
    assert told.cpuparams.n_threads == own.cpuparams.n_threads == own.cpuparams_batch.n_threads == 3
    assert (given.batch_size, given.ubatch_size) == (str(own.n_batch), str(own.n_ubatch)) == ("64", "64")
    assert (given.slot_save_path or "") == own.slot_save_path == (f"{tmp_path}/" if prompts else "")


@pytest.mark.model
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
async def test_an_executable_serves_as_the_packages_engine_does(smollm2_path: Path, program: Path) -> None:
    """Functions and decisions included; its key is nowhere to be read, and it is started again when it dies."""
    backend = own(smollm2_path, program)
    await backend.open()
    try:
        asked = request(NAME, "Weather in Oslo?", functions=(WEATHER,), must_call=True)
        assert any(isinstance(piece, Call) for piece in await answer(backend, asked))
        assert sum((await backend.weigh(request(NAME, "A or B?"), ("A", "B"))).probabilities) == pytest.approx(1)
        engine = (await connection(backend)).engine
        assert "llama_server.py" in shown(engine.pid)
        assert engine.key not in shown(engine.pid)
        (server,) = children(engine.pid)
        os.kill(server, signal.SIGKILL)
        await asyncio.wait_for(engine.ended.wait(), 10)
        assert "SIGKILL" in engine.why()
        assert isinstance((await answer(backend, request(NAME, "Say hello.")))[-1], Stop)
    finally:
        await backend.close()


@pytest.mark.parametrize(
    ("content", "mode", "reason"),
    [
        (None, 0, "there is no file"),
        ("#!/bin/sh\n", 0o600, "not executable"),
        ("#!/nothing/here\n", 0o700, "cannot be run: No such file"),
        ("#!/bin/sh\necho usage\n", 0o700, "its --help has no --host, --port, --api-key-file, --model"),
        ("#!/bin/sh\nexec yes -- --model\n", 0o700, "its --help is no answer"),
        ("#!/bin/sh\nsleep 300 & exec sleep 300\n", 0o700, "its --help is no answer"),
    ],
)
async def test_what_cannot_be_run_stops_the_start(
    tmp_path: Path, content: str | None, mode: int, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence names the setting, the path and what is wrong."""
    monkeypatch.setattr(checks, "HELP_SECONDS", 0.5)
    path = tmp_path / "server"
    if content is not None:
        path.write_text(content)
        path.chmod(mode)
    with pytest.raises(EngineError, match=f"engine: .*{path}.*{reason}|engine: {reason} {path}"):
        await LocalBackend(EngineSettings(model_path="none.gguf", engine=str(path)), NAME).open()


async def test_an_older_build_is_told_what_it_lacks(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The option that it does not know is named."""
    monkeypatch.setenv("TESTS_LACK", "--slot-save-path")
    with pytest.raises(EngineError, match="its --help has no --slot-save-path"):
        await LocalBackend(EngineSettings(model_path="none.gguf", engine=str(program)), NAME).open()


async def test_a_server_that_lacks_an_ability_is_refused_by_its_name() -> None:
    """Whatever it answers instead, or if it answers nothing at all."""

    async def refuses(endpoint: str, question: object) -> bytes:  # noqa: ARG001
        raise Failure("not_found", "no such endpoint")

    async def says_anything(endpoint: str, question: object) -> bytes:  # noqa: ARG001
        return b'{"tokens": [], "content": "?"}'

    for ask in (refuses, says_anything):
        with pytest.raises(Failure, match=next(iter(ABILITIES))):
            await probe(ask)


def test_what_a_processor_has_more_is_said() -> None:
    """By the names that people know; nothing is said where there is nothing more."""
    assert cpu.listed_beyond("flags\t\t: fpu avx avx2 avx512f avx512bw amx_tile\n") == ("AVX-512", "AMX")
    assert cpu.listed_beyond("flags\t\t: fpu avx avx2\n") == cpu.listed_beyond("") == ()
    assert "also has AVX-512, AMX: a llama-server built for it" in builds.more(("AVX-512", "AMX"))
    assert builds.more(()) == ""
    assert builds.described("/opt/llama-server") == "engine: /opt/llama-server"
