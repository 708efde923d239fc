"""A background run whose model cannot answer just now asks it again; nobody waits in front of it who could do so."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from interplay.errors import Failure
from interplay.runs.patience import LONGEST, MOST_BREAKS, Patience
from tests.models.chat_server import MODEL, ChatServer, chat_server
from tests.models.raw_server import STREAM_UNTIL_CLOSED, Reply, Then, json_reply, raw_server
from tests.server import SCRIPTED, RunningServer
from tests.waiting import until

from .background import begun, cancel, ended, get, log_of, said_in, text_of

COUNT = {"model": MODEL, "input": "Count from 1 to 5."}
COUNTED = "1, 2, 3, 4, 5, "
AWAY = 503

Does = Callable[[RunningServer, ChatServer], Any]


@asynccontextmanager
async def upstream(*troubles: int) -> AsyncIterator[ChatServer]:
    """A server of models that meets these troubles, one after the other, before it answers."""
    async with chat_server() as server:
        server.troubles += troubles
        yield server


async def with_upstream(folder: Path, does: Does, *troubles: int, settings: str = "") -> Any:
    """What comes of it with a server whose only model has these troubles."""
    async with upstream(*troubles) as behind:
        models = f'[[models]]\nmatch = "*"\nbackend = "openai"\nbase_url = "{behind.url}"\n'

        def done() -> Any:
            with RunningServer(folder, settings + models) as server:
                return does(server, behind)

        return await asyncio.to_thread(done)


async def test_a_model_that_is_away_is_asked_again(tmp_path: Path) -> None:
    """Busy, starting, behind a proxy that does not reach it: the run waits, in progress, and is answered."""

    def does(server: RunningServer, behind: ChatServer) -> None:
        end = ended(server, begun(server, **COUNT))
        assert (end["status"], text_of(end)) == ("completed", COUNTED)
        assert len(behind.bodies) == 4
        with server.client() as client:
            assert "interplay_run_waits_total 3.0" in client.get("/metrics").text
        assert server.log().count('"run waits"') == 3

    await with_upstream(tmp_path, does, AWAY, 429, 502)


async def test_what_a_model_said_before_it_died_is_cut(tmp_path: Path) -> None:
    """The stream tells that its step is no part of the answer, and the interaction does not have it."""

    def does(server: RunningServer, _: ChatServer) -> None:
        id = begun(server, **COUNT)
        end = ended(server, id)
        log = log_of(server, id)
        assert (end["status"], text_of(end)) == ("completed", COUNTED)
        assert said_in(log) == "1, 2, " + COUNTED
        kinds = [event["event_type"] for event in log]
        assert kinds.count("interaction.status_update") == 2
        assert (kinds.count("step.start"), kinds.count("step.stop")) == (2, 2)
        assert end["usage"]["total_output_tokens"] == 5

    await with_upstream(tmp_path, does, 2)


async def test_a_request_that_a_model_dies_over_is_given_up(tmp_path: Path) -> None:
    """It may be the reason, and others use that model too."""

    def does(server: RunningServer, behind: ChatServer) -> None:
        end = ended(server, begun(server, **COUNT))
        assert (end["status"], end["errors"][0]["code"]) == ("failed", "bad_gateway")
        assert len(behind.bodies) == 1 + MOST_BREAKS

    await with_upstream(tmp_path, does, *[1] * 9)


def streamed(*deltas: dict[str, str], finish: str | None = None) -> Reply:
    """A stream that ends with its connection."""
    choices = [*({"delta": delta} for delta in deltas), {"delta": {}, "finish_reason": finish}]
    lines = b"".join(b"data: " + msgspec.json.encode({"choices": [choice]}) + b"\n\n" for choice in choices)
    return (STREAM_UNTIL_CLOSED, lines, Then.CLOSE)


async def answered(folder: Path, *replies: Reply) -> Any:
    """The end of a run whose upstream gives these replies, one after the other."""

    def end(url: str) -> Any:
        models = f'[[models]]\nmatch = "*"\nbackend = "openai"\nbase_url = "{url}"\n'
        with RunningServer(folder, models) as server:
            return ended(server, begun(server, **COUNT))

    no_list_of_models: Reply = (json_reply(b"{}", "404 Not Found"),)
    async with raw_server(no_list_of_models, *replies) as behind:
        return await asyncio.to_thread(end, behind.url)


async def test_an_answer_that_was_cut_is_asked_for_again(tmp_path: Path) -> None:
    """Where a stream ends with its connection, a model that dies leaves an answer that lacks only its end."""
    words = [{"content": "Hel"}, {"content": "lo"}]
    end = await answered(tmp_path, streamed(words[0]), streamed(*words, finish="stop"))
    assert (end["status"], text_of(end)) == ("completed", "Hello")


async def test_a_pause_that_the_model_asks_for_is_kept(tmp_path: Path) -> None:
    """Nobody comes back earlier than they were told to."""
    busy: Reply = (json_reply(b"{}", "429 Busy", extra="Retry-After: 2\r\n"),)
    assert (await answered(tmp_path, busy, streamed({"content": "Yes."}, finish="stop")))["status"] == "completed"
    log = (tmp_path / "server.log").read_text()
    assert '"seconds": 2' in next(line for line in log.splitlines() if '"run waits"' in line)


async def test_words_before_a_thought_are_no_answer(tmp_path: Path) -> None:
    """A model that died while it thought further is asked until it has answered, however often."""
    thinks = streamed({"content": "Well. "}, {"reasoning": "Hm"})
    end = await answered(tmp_path, thinks, streamed(), streamed({"content": "Yes."}, finish="stop"))
    assert (end["status"], text_of(end)) == ("completed", "Well. Yes.")


@pytest.mark.parametrize(("settings", "trouble"), [("", 400), ("", 401), ("[server]\nbackground_tries = 0\n", AWAY)])
async def test_what_will_not_pass_fails_at_once(tmp_path: Path, settings: str, trouble: int) -> None:
    """A refusal is an answer; and the operator may want no second try of anything."""

    def does(server: RunningServer, behind: ChatServer) -> None:
        assert ended(server, begun(server, **COUNT))["status"] == "failed"
        assert len(behind.bodies) == 1

    await with_upstream(tmp_path, does, trouble, settings=settings)


async def test_whoever_waits_for_the_answer_is_told_at_once(tmp_path: Path) -> None:
    """A client in the foreground asks again itself, as the SDKs do."""

    def does(server: RunningServer, behind: ChatServer) -> None:
        with server.client() as client:
            assert client.post("/v1beta/interactions", json=COUNT).status_code == 503
        assert len(behind.bodies) == 1

    await with_upstream(tmp_path, does, AWAY)


async def test_a_run_that_waits_for_its_model_can_be_cancelled(tmp_path: Path) -> None:
    """Nobody has to see the pause through."""

    def does(server: RunningServer, _: ChatServer) -> None:
        id = begun(server, **COUNT)
        until(lambda: '"run waits"' in server.log())
        assert get(server, id)["status"] == "in_progress"
        cancel(server, id)
        assert get(server, id)["status"] == "cancelled"

    await with_upstream(tmp_path, does, *[AWAY] * 99)


async def test_runs_of_other_models_go_on_meanwhile(tmp_path: Path) -> None:
    """One that waits for its model takes no place from those that could work; two of them do."""

    def does(server: RunningServer, behind: ChatServer) -> None:
        first = begun(server, **COUNT)
        until(lambda: '"run waits"' in server.log())
        assert ended(server, begun(server, "say: hello"))["status"] == "completed"
        ids = [first, begun(server, **COUNT), begun(server, **COUNT)]
        until(lambda: [get(server, id)["status"] for id in ids] == ["in_progress", "in_progress", "queued"])
        behind.troubles.clear()
        assert {ended(server, id)["status"] for id in ids} == {"completed"}

    scripted = "[server]\nbackground_runs = 1\n" + SCRIPTED
    await with_upstream(tmp_path, does, *[AWAY] * 99, settings=scripted)


async def test_a_run_that_waits_for_its_model_is_handed_over(tmp_path: Path) -> None:
    """A server that stops does not see the pause through either; the next start asks again."""

    def does(server: RunningServer, behind: ChatServer) -> None:
        id = begun(server, **COUNT)
        until(lambda: '"run waits"' in server.log())
        server.stop()
        behind.troubles.clear()
        server.start()
        end = ended(server, id)
        assert (end["status"], text_of(end)) == ("completed", COUNTED)

    await with_upstream(tmp_path, does, *[AWAY] * 99)


def test_pauses_grow_up_to_a_minute_and_end() -> None:
    """Each is shortened at random, so that not all runs come back at once; what the model asked for holds."""
    patience, away = Patience(9), Failure("unavailable", "away")
    pauses = []
    while patience.bears(away):
        pauses.append(patience.pause(away))
    longest = [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert all(most / 2 <= pause <= most for most, pause in zip(longest, pauses, strict=True))
    assert Patience(1).pause(Failure("rate_limited", "wait", retry_seconds=20)) == 20
    assert Patience(1).pause(Failure("rate_limited", "wait", retry_seconds=3600)) == LONGEST
