import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import uvloop

from interplay.errors import Failure
from interplay.models.local import checks as engine_checks
from interplay.models.local import cpu
from interplay.models.local.checks import EngineError
from interplay.models.local.process import EngineProcess, ending, lines
from interplay.models.local.settings import EngineSettings
from interplay.models.local.supervisor import EngineEvent, EngineSupervisor, RestartPolicy, unheard
from tests.models.local_engine import LOADING_SECONDS, small

PARENT = """
import asyncio, sys
from interplay.models.local.process import EngineProcess
from interplay.models.local.settings import EngineSettings

async def main():
    settings = EngineSettings(model_path=sys.argv[1], context_tokens=1024, memory_tokens=1024)
    engine = await EngineProcess.start(settings)
    assert await engine.listening()
    print(engine.url, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""
AT_ONCE = RestartPolicy(pauses=(0.0, 0.0))


@asynccontextmanager
async def supervised(
    settings: EngineSettings, on_event: Callable[[EngineEvent], None] = unheard, policy: RestartPolicy = AT_ONCE
) -> AsyncIterator[EngineSupervisor]:
    """An opened supervisor."""
    supervisor = EngineSupervisor(settings, on_event=on_event, policy=policy)
    await supervisor.open()
    try:
        yield supervisor
    finally:
        await supervisor.close()


@pytest.fixture
def broken_model(tmp_path: Path) -> Path:
    """A file that begins like a model and is none."""
    path = tmp_path / "broken.gguf"
    path.write_bytes(b"GGUF" + bytes(64))
    return path


def shown(pid: int) -> str:
    """What other users, and the children of a process, could read of it."""
    return "".join(Path(f"/proc/{pid}/{name}").read_text(errors="replace") for name in ("cmdline", "environ"))


def opened(pid: int) -> list[Path]:
    """What a process has open."""
    return [link.readlink() for link in Path(f"/proc/{pid}/fd").iterdir()]


def replace(path: Path, other: Path) -> None:
    """Put another file in a file's place."""
    path.unlink()
    path.symlink_to(other)


async def gone(url: str) -> bool:
    """Whether nobody listens at an address any more."""
    address = urlsplit(url)
    try:
        _, writer = await asyncio.open_connection(address.hostname, address.port)
    except ConnectionRefusedError:
        return True
    writer.close()
    return False


@pytest.mark.model
async def test_an_engine_listens_on_loopback_and_wants_its_key(smollm2_path: Path) -> None:
    """A stranger on the same machine can do nothing with the engine's port."""
    async with supervised(small(smollm2_path)) as supervisor:
        engine = await supervisor.running(LOADING_SECONDS)
        address = urlsplit(engine.url)
        assert address.hostname == "127.0.0.1"
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(b"GET /props HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        assert b" 401 " in await reader.readline()
        writer.close()


@pytest.mark.model
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
async def test_the_key_is_on_no_command_line_and_in_no_environment(smollm2_path: Path) -> None:
    """What other users, or the children of the engine, could read of it does not hold the key."""
    async with supervised(small(smollm2_path)) as supervisor:
        engine = await supervisor.running(LOADING_SECONDS)
        assert engine.key not in shown(engine.pid)


@pytest.mark.model
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
def test_an_engine_inherits_no_descriptors(
    smollm2_path: Path, tmp_path: Path, run: Callable[[Coroutine[None, None, list[Path]]], list[Path]]
) -> None:
    """A file that the server has open is not open in the engine, under either of the event loops."""

    async def opened_by_engine() -> list[Path]:
        async with supervised(small(smollm2_path)) as supervisor:
            return opened((await supervisor.running(LOADING_SECONDS)).pid)

    with (tmp_path / "secret").open("w") as file:
        os.set_inheritable(file.fileno(), True)
        assert tmp_path / "secret" not in run(opened_by_engine())


@pytest.mark.model
async def test_an_engine_outlives_a_signal_to_the_server(smollm2_path: Path) -> None:
    """Ctrl-C or a service's stop ends the server, which then ends the engine in its own time."""
    async with supervised(small(smollm2_path)) as supervisor:
        engine = await supervisor.running(LOADING_SECONDS)
        assert os.getsid(engine.pid) != os.getsid(0)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            os.kill(engine.pid, number)
        assert not await gone(engine.url)
        assert not engine.ended.is_set()


@pytest.mark.model
async def test_a_killed_engine_is_started_again(smollm2_path: Path) -> None:
    """Its end and its next beginning are told, and it can be asked again."""
    events: list[EngineEvent] = []
    async with supervised(small(smollm2_path), events.append) as supervisor:
        first = await supervisor.running(LOADING_SECONDS)
        assert supervisor.ready()
        os.kill(first.pid, signal.SIGKILL)
        await first.ended.wait()
        assert not supervisor.ready()
        second = await supervisor.running(LOADING_SECONDS)
        assert second.pid != first.pid
    assert [event.kind for event in events] == ["started", "ready", "died", "started", "ready"]
    assert "SIGKILL" in events[2].detail


@pytest.mark.model
async def test_closing_ends_the_engine(smollm2_path: Path) -> None:
    """After `close` nobody listens, nothing is ready, and the end was a regular one."""
    async with supervised(small(smollm2_path)) as supervisor:
        engine = await supervisor.running(LOADING_SECONDS)
    assert await gone(engine.url)
    assert not supervisor.ready()
    assert engine.why() == "it ended with status 0"


@pytest.mark.model
async def test_closing_while_the_model_loads_ends_the_engine_as_well(smollm2_path: Path) -> None:
    """A server that is stopped at once leaves no engine behind."""
    engine = await EngineProcess.start(small(smollm2_path))
    await engine.close()
    assert engine.ended.is_set()


@pytest.mark.model
async def test_an_engine_dies_with_a_server_that_is_killed(smollm2_path: Path) -> None:
    """A kill -9 of the server leaves no engine behind for longer than two seconds."""
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PARENT, str(smollm2_path)), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    url = (await parent.stdout.readline()).decode().strip()
    assert not await gone(url)
    parent.kill()
    async with asyncio.timeout(2):
        await parent.wait()
        while not await gone(url):  # noqa: ASYNC110 - a process that is not our child tells us nothing
            await asyncio.sleep(0.01)


@pytest.mark.model
async def test_an_engine_that_cannot_load_its_model_is_broken_and_says_why(broken_model: Path) -> None:
    """After the last try of the policy a turn is refused at once, with the engine's own words."""
    events: list[EngineEvent] = []
    async with supervised(EngineSettings(model_path=str(broken_model)), events.append) as supervisor:
        with pytest.raises(Failure, match="failed to load model") as refused:
            await supervisor.running(LOADING_SECONDS)
        assert refused.value.code == "unavailable"
        assert not supervisor.ready()
    assert [event.kind for event in events] == ["started", "died", "started", "died", "started", "broken"]


@pytest.mark.model
async def test_a_broken_engine_is_tried_again_and_heals(broken_model: Path, smollm2_path: Path) -> None:
    """Once the model file is a good one, the next try succeeds without a restart of the server."""
    healed = asyncio.Event()
    policy = RestartPolicy(pauses=(), broken_pause=0.0)

    def note(event: EngineEvent) -> None:
        if event.kind == "ready":
            healed.set()

    async with supervised(small(broken_model), note, policy) as supervisor:
        with pytest.raises(Failure):
            await supervisor.running(LOADING_SECONDS)
        replace(broken_model, smollm2_path)
        async with asyncio.timeout(LOADING_SECONDS):
            await healed.wait()
        assert supervisor.ready()


@pytest.mark.model
async def test_patience_with_a_loading_engine_is_bounded(smollm2_path: Path) -> None:
    """A turn that has waited long enough is told that the model is still loading."""
    async with supervised(small(smollm2_path)) as supervisor:
        with pytest.raises(Failure, match="still loading") as refused:
            await supervisor.running(0.0)
        assert refused.value.code == "unavailable"


def test_deaths_in_a_row_are_paused_for_longer_and_longer() -> None:
    """The policy's pauses are taken in turn; then the engine counts as broken."""
    policy = RestartPolicy(pauses=(0.0, 1.0), broken_pause=60.0)
    assert [policy.pause(deaths) for deaths in (1, 2, 3, 9)] == [0.0, 1.0, 60.0, 60.0]
    assert [policy.broken(deaths) for deaths in (1, 2, 3)] == [False, False, True]


async def test_a_missing_model_stops_the_start(tmp_path: Path) -> None:
    """The error names the file and how to get one."""
    with pytest.raises(EngineError, match=r"no model file .*nothing\.gguf.*models pull"):
        await EngineSupervisor(EngineSettings(model_path=str(tmp_path / "nothing.gguf"))).open()


async def test_a_file_that_is_not_gguf_stops_the_start(tmp_path: Path) -> None:
    """The error shows how the file begins."""
    path = tmp_path / "model.gguf"
    path.write_text("<html>not found</html>")
    with pytest.raises(EngineError, match="not a GGUF model: it begins with b'<htm'"):
        await EngineSupervisor(EngineSettings(model_path=str(path))).open()


async def test_a_model_that_cannot_be_read_stops_the_start(tmp_path: Path) -> None:
    """The error says why the file cannot be read."""
    with pytest.raises(EngineError, match="cannot be read: Is a directory"):
        await EngineSupervisor(EngineSettings(model_path=str(tmp_path))).open()


def test_a_missing_engine_is_an_error_that_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the optional package nothing is tried."""
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(EngineError, match=r"pip install '\.\[local\]'"):
        engine_checks.check_installed()


def test_one_conversation_of_the_longest_kind_always_fits_into_memory() -> None:
    """Memory grows with the context where it is left open, and is never less than the context."""
    assert EngineSettings(model_path="").memory() == 24576
    assert EngineSettings(model_path="", context_tokens=4096).memory() == 6144
    assert EngineSettings(model_path="", context_tokens=4096, memory_tokens=100).memory() == 4096


def test_a_processor_without_avx2_is_known_by_its_flags() -> None:
    """Linux lists what a processor can do; where it lists nothing, nothing is refused."""
    assert not cpu.listed_avx2("processor\t: 0\nflags\t\t: fpu sse sse4_2 avx\n")
    assert cpu.listed_avx2("processor\t: 0\nflags\t\t: fpu avx avx2 bmi2\n")
    assert cpu.listed_avx2("processor\t: 0\nBogoMIPS\t: 50.00\n")


def test_threads_of_one_core_count_once() -> None:
    """Two logical processors on one core are one core; those this process may not use are none."""
    blocks = [f"processor\t: {n}\nphysical id\t: 0\ncore id\t\t: {n % 2}\n" for n in range(4)]
    assert cpu.distinct_cores("\n".join(blocks), {0, 1, 2, 3}) == 2
    assert cpu.distinct_cores("\n".join(blocks), {0, 2}) == 1
    assert cpu.distinct_cores("processor\t: 0\n\nprocessor\t: 1\n", {0, 1}) == 2
    assert cpu.distinct_cores("", {0, 1, 2}) == 3


def test_a_container_s_quota_is_processors_of_time() -> None:
    """`cpu.max` grants a share of a period, or everything."""
    assert cpu.quota("150000 100000\n") == 1.5
    assert cpu.quota("max 100000\n") > 1e6
    assert cpu.quota("") > 1e6
    assert cpu.usable_cores() >= 1


def test_endings_are_said_in_words() -> None:
    """A signal is named, and the usual cause of the common ones is given."""
    assert ending(3) == "it ended with status 3"
    assert "memory" in ending(-signal.SIGKILL)
    assert "instruction" in ending(-signal.SIGILL)


async def test_a_log_is_read_line_by_line_however_it_arrives() -> None:
    """Time and level are cut off, empty lines left out, and an endless line is no trouble."""
    log = asyncio.StreamReader()
    log.feed_data(b"0.00.053.120 E load: fail")
    log.feed_data(b"ed\n\n" + b"x" * 100_000 + b"\nlast\nno end")
    log.feed_eof()
    async with aclosing(lines(log)) as read:
        failed, endless, *rest = [line async for line in read]
    assert failed == "load: failed"
    assert len(endless) <= 2000
    assert rest == ["last", "no end"]
