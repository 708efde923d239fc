"""How probable a model holds each of some answers to be: what is particular to each kind of engine."""

import asyncio
import math
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from interplay.errors import Failure
from interplay.models.base import MOST_OPTIONS
from interplay.models.local.backend import LocalBackend
from interplay.models.openai import OpenAIBackend
from interplay.models.scripted.backend import ScriptedBackend
from tests.models.asking import request
from tests.models.local_engine import NAME, connection, running, small, turns_at_work, until_at_work, until_idle
from tests.models.raw_server import json_reply, raw_server

LETTERS = tuple("ABCDEFGHIJKLMNOP")
ASKED = request("m", "Which letter?")


def told(*tokens: tuple[str, float]) -> bytes:
    """A chat completion that tells these tokens and their probabilities."""
    top = [{"token": token, "logprob": math.log(probability)} for token, probability in tokens]
    choice = {"message": {"content": "x"}, "finish_reason": "length", "logprobs": {"content": [{"top_logprobs": top}]}}
    usage = {"prompt_tokens": 9, "completion_tokens": 1, "prompt_tokens_details": {"cached_tokens": 5}}
    return msgspec.json.encode({"choices": [choice], "usage": usage})


async def from_upstream(body: bytes, options: tuple[str, ...] = ("A", "B")) -> Any:
    """What the OpenAI backend makes of an upstream's answer."""
    async with raw_server((json_reply(body),)) as server:
        backend = OpenAIBackend(server.url)
        await backend.open()
        try:
            return await backend.weigh(ASKED, options)
        finally:
            await backend.close()


async def test_an_upstreams_probabilities_are_shared_among_the_options() -> None:
    """Other answers are left out, an option with a space before it is the same option, and the rest sums to one."""
    weighed = await from_upstream(told(("A", 0.4), (" A", 0.2), ("Maybe", 0.2), ("B", 0.2)))
    assert weighed.probabilities == (pytest.approx(0.75), pytest.approx(0.25))
    assert (weighed.counts.input, weighed.counts.cached, weighed.counts.output) == (9, 5, 1)


async def test_an_option_that_an_upstream_does_not_tell_of_is_improbable() -> None:
    """It is taken for as probable as the last that is told, which is the most that it can be."""
    weighed = await from_upstream(told(("A", 0.9), ("x", 0.06), ("y", 0.01)), ("A", "B"))
    assert weighed.probabilities[1] == pytest.approx(0.01 / 0.91)


@pytest.mark.parametrize(
    "body",
    [
        b'{"choices": [{"message": {"content": "A"}}]}',
        b'{"choices": [{"message": {"content": "A"}, "logprobs": null}]}',
        b'{"choices": [{"message": {"content": "A"}, "logprobs": {"content": []}}]}',
        b'{"choices": []}',
    ],
)
async def test_an_upstream_without_probabilities_is_told_apart(body: bytes) -> None:
    """The failure says what is missing and what to use."""
    with pytest.raises(Failure, match=r"no probabilities of tokens.*vLLM") as failed:
        await from_upstream(body)
    assert failed.value.code == "invalid_request"


async def test_an_answer_that_is_none_of_the_options_is_a_failure() -> None:
    """The failure shows what the model would rather say."""
    with pytest.raises(Failure, match=r"none of A, B but with '<think>'"):
        await from_upstream(told(("<think>", 0.99)))


@pytest.fixture
async def backend(smollm2_path: Path) -> AsyncIterator[LocalBackend]:
    """A backend whose model is loaded."""
    async with running(small(smollm2_path)) as backend:
        yield backend


@pytest.mark.model
async def test_the_local_engines_probabilities_are_the_models_own(backend: LocalBackend) -> None:
    """They agree with the engine's unbiased log-probabilities, shared among the options."""
    asked = request(NAME, "Say one letter of the alphabet.")
    weighed = await backend.weigh(asked, LETTERS)
    engine = await connection(backend)
    body = {"messages": [{"role": "user", "content": "Say one letter of the alphabet."}], "max_tokens": 1}
    body |= {"logprobs": True, "top_logprobs": 40000, "temperature": 0}
    answer = msgspec.json.decode(
        await engine.chat.upstream.fetch("POST", f"{engine.engine.url}/v1/chat/completions", body)
    )
    plain = {
        token["token"]: math.exp(token["logprob"])
        for token in answer["choices"][0]["logprobs"]["content"][0]["top_logprobs"]
    }
    total = sum(plain[letter] for letter in LETTERS)
    assert weighed.probabilities == tuple(pytest.approx(plain[letter] / total, rel=0.02) for letter in LETTERS)


@pytest.mark.model
async def test_the_local_engine_reads_a_shared_beginning_once(backend: LocalBackend) -> None:
    """A second question over the same input finds the input's tokens in the cache."""
    text = "The ship left the port in the morning. " * 20
    first = await backend.weigh(request(NAME, f"{text}\nIs it about ships?"), ("Yes", "No"))
    second = await backend.weigh(request(NAME, f"{text}\nWhen did it leave?"), ("A", "B"))
    assert first.counts.input is not None
    assert second.counts.cached is not None
    assert second.counts.cached > first.counts.input * 0.9


@pytest.mark.model
async def test_an_answer_of_several_tokens_cannot_be_weighed(backend: LocalBackend) -> None:
    """The failure names it."""
    with pytest.raises(Failure, match=r"'incomprehensibilities' has . tokens"):
        await backend.weigh(request(NAME, "Hi"), ("A", "incomprehensibilities"))


@pytest.mark.model
async def test_a_prompt_that_is_too_long_is_refused_before_it_is_read(backend: LocalBackend) -> None:
    """The failure says how long it is and what fits."""
    with pytest.raises(Failure, match=r"'input' is too long.*2048"):
        await backend.weigh(request(NAME, "word " * 3000), ("A", "B"))


@pytest.mark.model
async def test_leaving_stops_the_local_engine_while_it_reads(backend: LocalBackend) -> None:
    """A cancelled caller ends the reading of a long prompt within a second, and its room is free again."""
    asking = asyncio.create_task(backend.weigh(request(NAME, "word " * 1900), ("A", "B")))
    await asyncio.wait_for(until_at_work(backend), 10)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await asyncio.wait_for(until_idle(backend), 1)
    assert await turns_at_work(backend) == 0
    assert await asyncio.gather(*(backend.weigh(request(NAME, "Hi"), ("A", "B")) for _ in range(5)))


@pytest.fixture
async def script() -> AsyncIterator[ScriptedBackend]:
    """An open scripted backend."""
    backend = ScriptedBackend()
    await backend.open()
    yield backend
    await backend.close()


async def test_a_script_weighs_options_by_what_stands_behind_their_labels(script: ScriptedBackend) -> None:
    """Weights are told for words; the label that stands before them in the conversation gets them."""
    listed = request("scripted", "weigh: dog=3 big cat=1\nA) big cat: it purrs\nB) dog")
    assert (await script.weigh(listed, ("A", "B"))).probabilities == (0.25, 0.75)


async def test_a_script_that_names_no_option_holds_all_the_same(script: ScriptedBackend) -> None:
    """Neither a weight for something else nor none at all prefers an option."""
    for line in ("weigh: horse=1", "Which one?"):
        asked = request("scripted", f"{line}\nA) dog\nB) cat")
        assert (await script.weigh(asked, ("A", "B"))).probabilities == (0.5, 0.5)


@pytest.mark.parametrize("line", ["weigh: dog", "weigh: dog=x", "weigh:", "weigh: dog=1 cat"])
async def test_a_mistake_in_a_weight_is_named(script: ScriptedBackend, line: str) -> None:
    """The failure shows the line's argument and what was expected."""
    with pytest.raises(Failure, match=r"the script's 'weigh:' has .*expected") as failed:
        await script.weigh(request("scripted", f"{line}\nA) dog\nB) cat"), ("A", "B"))
    assert failed.value.code == "invalid_request"


def test_the_most_options_are_within_what_upstreams_tell() -> None:
    """Twenty tokens is what the protocol tells of, and some of them are no options."""
    assert MOST_OPTIONS == len(LETTERS) <= 20
