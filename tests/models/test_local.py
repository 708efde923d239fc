import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import msgspec
import pytest

from interplay.errors import Failure
from interplay.models.base import Counts, Failed, Stop, Text
from interplay.models.local.backend import LocalBackend
from interplay.models.local.checks import EngineError
from interplay.models.local.families import family_of
from interplay.models.local.settings import EngineSettings
from interplay.models.local.supervisor import RestartPolicy
from interplay.wire import GenerationConfig
from tests.models.asking import answer, failure, first_piece, model, pieces_of, request, text
from tests.models.local_engine import NAME, connection, running, small, turns_at_work, until_at_work, until_idle

pytestmark = pytest.mark.model

STORY = "Write a very long story about a dog and a cat."
GREEDY = GenerationConfig(temperature=0, max_output_tokens=40)
SHOPPING = " ".join(f"Item {number} costs {number * 7} dollars." for number in range(12))


@pytest.fixture
async def backend(smollm2_path: Path) -> AsyncIterator[LocalBackend]:
    """A backend whose model is loaded."""
    async with running(small(smollm2_path)) as backend:
        yield backend


def counts(pieces: object) -> Counts:
    """The token counts of an answer."""
    assert isinstance(pieces, list)
    (found,) = [piece for piece in pieces if isinstance(piece, Counts)]
    assert isinstance(found, Counts)
    return found


async def until_told(backend: LocalBackend) -> None:
    """Take part of an answer, and leave in its middle."""
    pieces = backend.generate(request(NAME, STORY))
    assert isinstance(await first_piece(pieces), Text)
    await pieces.aclose()


async def test_the_engine_s_own_count_is_the_one_of_the_turn(backend: LocalBackend) -> None:
    """`count_tokens` is exactly what the turn then counts as its input, template and system instruction included."""
    asked = request(NAME, "Say hello.", model("Hello!"), "Again, in ünïcödé 🐕.", system="Be kind.", config=GREEDY)
    assert await backend.count_tokens(asked) == counts(await answer(backend, asked)).input


async def test_an_answer_that_was_broken_off_is_gone_on_with(backend: LocalBackend) -> None:
    """Given its beginning, in two parts, the model goes on from that very place, and at first as it would have."""
    asked = request(NAME, STORY, config=GREEDY)
    whole = text(await answer(backend, asked))
    parts = whole[:20], whole[20:60]
    begun = msgspec.structs.replace(asked, steps=(*asked.steps, *map(model, parts)), continues=True)
    assert text(await answer(backend, begun)).startswith(whole[60:100])


async def test_a_follow_up_turn_does_not_read_the_first_again(backend: LocalBackend) -> None:
    """Everything up to the new input comes from the prefix cache."""
    first = await answer(backend, request(NAME, SHOPPING, config=GREEDY))
    second = await answer(backend, request(NAME, SHOPPING, model(text(first)), "And item 6?", config=GREEDY))
    told, again = counts(first), counts(second)
    assert told.input is not None
    assert again.cached is not None
    assert again.cached >= told.input


async def test_the_same_seed_gives_the_same_answer(backend: LocalBackend) -> None:
    """Randomness follows the seed, and another seed takes another way."""

    async def told(seed: int) -> str:
        config = GenerationConfig(temperature=2, seed=seed, max_output_tokens=20)
        return text(await answer(backend, request(NAME, STORY, config=config)))

    await told(1)
    assert await told(1) == await told(1)
    assert await told(1) != await told(2)


async def test_a_conversation_that_is_too_long_is_refused_with_both_numbers(backend: LocalBackend) -> None:
    """Nothing is cut silently: the failure says how long it is and how long it may be."""
    asked = request(NAME, "word " * 3000)
    length = await backend.count_tokens(asked)
    code, message = failure(await answer(backend, asked))
    assert code == "invalid_request"
    assert f"{length} tokens" in message
    assert "2048" in message


async def test_an_answer_that_meets_the_end_of_the_context_is_cut_there(smollm2_path: Path) -> None:
    """It ends with `length`, and prompt and answer together are as long as the context."""
    async with running(small(smollm2_path, context_tokens=256)) as backend:
        pieces = await answer(backend, request(NAME, STORY, config=GenerationConfig(temperature=2, seed=1)))
    told = counts(pieces)
    assert pieces[-1] == Stop("length")
    assert (told.input or 0) + (told.output or 0) == 256


async def test_capabilities_are_what_the_engine_says(smollm2_path: Path) -> None:
    """The context is the asked one, but never longer than the model was trained for."""
    async with running(small(smollm2_path)) as backend:
        assert (await backend.capabilities(NAME)).input_token_limit == 2048
        assert (await backend.capabilities(NAME)).output_token_limit == 1024
    async with running(small(smollm2_path, context_tokens=10_000, memory_tokens=10_000)) as backend:
        assert (await backend.capabilities(NAME)).input_token_limit == 8192


async def test_turns_side_by_side_share_the_engine(backend: LocalBackend) -> None:
    """Four turns are worked on at once."""
    config = GenerationConfig(temperature=2, seed=1, max_output_tokens=100)
    async with asyncio.TaskGroup() as tasks:
        turns = [tasks.create_task(answer(backend, request(NAME, f"{STORY} {n}", config=config))) for n in range(4)]
        async with asyncio.timeout(20):
            await until_at_work(backend, 4)
    assert all(isinstance(turn.result()[-1], Stop) for turn in turns)


async def test_turns_that_do_not_fit_together_wait_for_each_other(smollm2_path: Path) -> None:
    """More than the memory holds is worked on in turn; the engine itself would break all of them off."""
    settings = small(smollm2_path, context_tokens=256, memory_tokens=256)
    config = GenerationConfig(temperature=2, seed=1, max_output_tokens=50)
    async with running(settings) as backend, asyncio.TaskGroup() as tasks:
        turns = [
            tasks.create_task(answer(backend, request(NAME, f"List {n}. {SHOPPING}", config=config))) for n in range(2)
        ]
    assert [type(turn.result()[-1]) for turn in turns] == [Stop, Stop]


async def test_memory_full_of_finished_conversations_takes_the_next_one(smollm2_path: Path) -> None:
    """What was kept for follow-ups gives way to a new conversation."""
    settings = small(smollm2_path, context_tokens=256, memory_tokens=256)
    config = GenerationConfig(max_output_tokens=4)
    async with running(settings) as backend:
        for number in range(5):
            pieces = await answer(backend, request(NAME, f"List {number}. {SHOPPING}", config=config))
            assert isinstance(pieces[-1], Stop)


@pytest.mark.parametrize("incremental", [True, False])
async def test_a_reader_who_leaves_while_the_prompt_is_read_stops_that(
    backend: LocalBackend, incremental: bool
) -> None:
    """The engine gives up a long prompt after a batch or two, even while it is busy telling other things."""
    asked = request(NAME, "word " * 1900, incremental=incremental)
    turn = asyncio.create_task(answer(backend, asked))
    await until_at_work(backend)
    turn.cancel()
    with pytest.raises(asyncio.CancelledError):
        await turn
    async with asyncio.timeout(2):
        await until_idle(backend)


async def test_a_turn_whose_engine_is_killed_ends_with_a_failure(backend: LocalBackend) -> None:
    """The turn says that the engine stopped in mid-answer; the next one is served by a new engine."""
    asked = request(NAME, STORY, config=GenerationConfig(temperature=2, seed=1))
    async with aclosing(backend.generate(asked)) as pieces:
        assert isinstance(await first_piece(pieces), Text)
        os.kill((await connection(backend)).engine.pid, signal.SIGKILL)
        *_, last = await pieces_of(pieces)
    assert isinstance(last, Failed)
    assert last.failure.code == "unavailable"
    assert "stopped in mid-answer and is being restarted" in last.failure.message
    assert isinstance((await answer(backend, request(NAME, "Say hello.")))[-1], Stop)


async def test_a_turn_that_comes_while_the_engine_is_down_waits_for_it(backend: LocalBackend) -> None:
    """Nobody hears of a restart between two turns."""
    os.kill((await connection(backend)).engine.pid, signal.SIGKILL)
    assert isinstance((await answer(backend, request(NAME, "Say hello.")))[-1], Stop)


async def test_a_turn_in_flight_ends_when_the_backend_closes(backend: LocalBackend) -> None:
    """Closing does not wait for the model, and the turn says that the server is stopping."""
    turn = asyncio.create_task(answer(backend, request(NAME, STORY, config=GenerationConfig(temperature=2, seed=1))))
    await until_at_work(backend)
    await backend.close()
    code, message = failure(await turn)
    assert code == "unavailable"
    assert "stopping" in message


async def test_room_is_given_back_by_those_who_leave(backend: LocalBackend) -> None:
    """Many readers who leave in mid-answer take no room away from those who come later."""
    for _ in range(6):
        await until_told(backend)
    async with asyncio.timeout(5):
        await until_idle(backend)
    assert await turns_at_work(backend) == 0
    assert isinstance((await answer(backend, request(NAME, "Say hello.", config=GREEDY)))[-1], Stop)


async def test_a_model_that_does_not_load_is_a_failure_with_the_engine_s_words(tmp_path: Path) -> None:
    """A broken model file lets the server run and each turn fail at once, with the reason."""
    path = tmp_path / "broken.gguf"
    path.write_bytes(b"GGUF" + bytes(64))
    backend = LocalBackend(EngineSettings(model_path=str(path)), NAME, policy=RestartPolicy(pauses=()))
    await backend.open()
    code, message = failure(await answer(backend, request(NAME, "Say hello.")))
    assert code == "unavailable"
    assert "failed to load model" in message
    with pytest.raises(Failure, match="failed to load model"):
        await backend.count_tokens(request(NAME, "Say hello."))
    await backend.close()


async def test_a_missing_model_is_refused_before_anything_starts(tmp_path: Path) -> None:
    """`open` itself raises, so that a wrong setting stops the start of the server."""
    with pytest.raises(EngineError, match="no model file"):
        await LocalBackend(EngineSettings(model_path=str(tmp_path / "none.gguf")), NAME).open()


@pytest.mark.parametrize(("level", "said"), [("minimal", []), ("high", ["the model is not known to think"])])
async def test_thinking_is_noted(smollm2_path: Path, level: str, said: list[str]) -> None:
    """These models do not think; a request that lets them is told so."""
    asked = request(NAME, "Say hello.", config=GenerationConfig(thinking_level=level))
    assert [note.said for note in LocalBackend(small(smollm2_path), NAME).check(asked)] == said


def test_sampling_is_that_of_the_model_s_family() -> None:
    """A known family has its defaults; an unknown model is left to its own file and the engine."""
    assert "temperature" in family_of("/models/Qwen2.5-Coder-1.5B-Instruct-Q4_K_M.gguf").sampling
    assert family_of("/models/some-other-model.gguf").sampling == {}
