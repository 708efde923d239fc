"""What an upstream does not take: learnt from its refusal, once, and remembered for its model."""

from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
from aiohttp import web

from interplay.models.base import Capabilities, Counts, ModelRequest, Stop
from interplay.models.chat.learnable import LEARNABLE, RESPONSE_FORMAT, in_words
from interplay.models.chat.refusals import refused
from interplay.models.chat.ways import REMEMBERED_SECONDS, Ways
from interplay.models.openai import OpenAIBackend
from interplay.wire import FunctionCallStep, FunctionResultStep, GenerationConfig
from tests.models.asking import answer, failure, request, text
from tests.models.calling import calls, demanding, function, offering
from tests.models.sloppy_server import RIGHT, Body, Refusal, Reply, SloppyServer, said, sloppy_server
from tests.models.test_listing import serving

CONFIG = GenerationConfig(max_output_tokens=50, temperature=0.2, top_p=0.5, seed=7)
CALLED = FunctionCallStep(id="a", name="get_weather", arguments={"city": "Paris"})
RESULT = FunctionResultStep(call_id="a", result=msgspec.Raw(b'"Rain."'))
ASKED = request("m", "Hi", CALLED, RESULT, "And now?", config=CONFIG, system="Be brief.")


@dataclass(frozen=True)
class Picky:
    """What an upstream refuses, in which words, and how it wants it."""

    refuses: Callable[[Body], bool]
    words: str
    status: int = 400
    wants: Callable[[Body], bool] = lambda _: True


def roles(body: Body) -> list[str]:
    """Who speaks, in order."""
    return [message["role"] for message in body["messages"]]


def has(name: str) -> Callable[[Body], bool]:
    """Whether a field is there."""
    return lambda body: name in body


def user_behind_result(body: Body) -> bool:
    """What Mistral's template does not take."""
    return "tool user" in " ".join(roles(body))


PICKY = {
    "max_tokens": Picky(
        has("max_tokens"),
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        wants=lambda body: body["max_completion_tokens"] == 50,
    ),
    "stream_options": Picky(has("stream_options"), "body.stream_options: Extra inputs are not permitted", 422),
    "temperature": Picky(
        has("temperature"),
        "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) is supported.",
        wants=lambda body: body["top_p"] == 0.5,
    ),
    "top_p": Picky(has("top_p"), "`temperature` and `top_p` cannot both be specified", wants=has("top_p")),
    "seed": Picky(has("seed"), "Unrecognized request argument supplied: seed", 400),
    "system": Picky(
        lambda body: "system" in roles(body),
        "System role not supported",
        wants=lambda body: body["messages"][0] == {"role": "user", "content": "Be brief.\n\nHi"},
    ),
    "Mistral's": Picky(user_behind_result, "Unexpected role 'user' after role 'tool'"),
    "Mistral's template": Picky(
        user_behind_result, "After the optional system message, conversation roles must alternate user/assistant", 500
    ),
}


async def backend_answers(
    behaviour: Callable[[Body], Reply | Refusal], *requests: ModelRequest
) -> tuple[list[list[Any]], list[Body]]:
    """The pieces of each answer, and all bodies that were sent."""
    async with sloppy_server(behaviour) as server:
        backend = OpenAIBackend(server.url)
        await backend.open()
        pieces = [await answer(backend, asked) for asked in requests]
        await backend.close()
    return pieces, server.bodies


@pytest.mark.parametrize("kind", [kind for kind in PICKY if kind != "top_p"])
@pytest.mark.parametrize("functions", [True, False])
async def test_what_an_upstream_does_not_take_is_learnt_once(kind: str, functions: bool) -> None:
    """The first turn is refused and answered all the same; the next is asked as the upstream wants it at once."""
    picky = PICKY[kind]
    asked = offering(ASKED, function()) if functions else ASKED
    pieces, bodies = await backend_answers(
        lambda body: Refusal(picky.status, picky.words) if picky.refuses(body) else said("Yes."), asked, asked
    )
    assert [text(each) for each in pieces] == ["Yes.", "Yes."]
    assert [picky.refuses(body) for body in bodies] == [True, False, False]
    assert all(picky.wants(body) for body in bodies[1:])


async def test_several_refusals_are_learnt_together() -> None:
    """An upstream that takes none of it is asked once more for each, the first time only."""

    def behaviour(body: Body) -> Reply | Refusal:
        wrong = next((picky for picky in PICKY.values() if picky.refuses(body)), None)
        return Refusal(wrong.status, wrong.words) if wrong else said("Yes.")

    pieces, bodies = await backend_answers(behaviour, ASKED, ASKED)
    assert [text(each) for each in pieces] == ["Yes.", "Yes."]
    assert not any(picky.refuses(bodies[-1]) for picky in PICKY.values())
    assert bodies[-2] == bodies[-1]


async def test_a_call_that_cannot_be_demanded_is_asked_for() -> None:
    """By "auto", and with a complaint where it does not come."""

    def behaviour(body: Body) -> Reply | Refusal:
        if body["tool_choice"] == "required":
            return Refusal(400, "tool_choice 'required' is not supported")
        return RIGHT if "Error" in str(body["messages"]) or len(body["messages"]) > 1 else said("Hm.")

    (pieces,), bodies = await backend_answers(behaviour, offering(request("m", "Hi"), function(), must_call=True))
    assert [body["tool_choice"] for body in bodies] == ["required", "auto", "auto"]
    assert len(calls(pieces)) == 1


@pytest.mark.parametrize("must_call", [True, False])
async def test_how_functions_are_chosen_need_not_be_said(must_call: bool) -> None:
    """What is left out means "auto"; a call that must come is complained of all the same."""

    def behaviour(body: Body) -> Reply | Refusal:
        if "tool_choice" in body:
            return Refusal(400, "Unrecognized request argument supplied: tool_choice")
        return RIGHT if not must_call or len(body["messages"]) > 1 else said("Hm.")

    asked = offering(request("m", "Hi"), function(), must_call=must_call)
    pieces, bodies = await backend_answers(behaviour, asked, asked)
    assert [len(calls(each)) for each in pieces] == [1, 1]
    sent = [body.get("tool_choice") for body in bodies]
    assert sent == (["required", "auto", None, None, None, None] if must_call else ["auto", None, None])
    assert all("tools" in body for body in bodies)


async def test_a_count_is_of_what_would_be_asked() -> None:
    """As it has been learnt: without a system message here, and with no word on how functions are chosen."""
    counted: list[Body] = []

    def behaviour(body: Body) -> Reply | Refusal:
        if "tool_choice" in body:
            return Refusal(400, "Unrecognized request argument supplied: tool_choice")
        return Refusal(400, PICKY["system"].words) if PICKY["system"].refuses(body) else said("Yes.")

    async def tokenize(asked: web.Request) -> web.Response:
        counted.append(await asked.json())
        return web.json_response({"count": 5})

    server = SloppyServer(behaviour)
    routes = [web.post("/v1/chat/completions", server.chat), web.post("/tokenize", tokenize)]
    runner, address = await serving(routes)
    backend = OpenAIBackend(f"{address}/v1")
    await backend.open()
    asked = offering(ASKED, function())
    assert await backend.count_tokens(asked) == 5
    await answer(backend, asked)
    assert await backend.count_tokens(asked) == 5
    await backend.close()
    await runner.cleanup()
    assert [(roles(body)[0], body.get("tool_choice")) for body in counted] == [("system", "auto"), ("user", None)]
    assert counted[1] == {name: server.bodies[-1][name] for name in ("model", "messages", "tools")}


@pytest.mark.parametrize(
    "words",
    [
        "max_tokens is too large: 50. This model has at most 16 tokens.",
        "temperature must be between 0 and 0.1",
        "Invalid value for top_p: 0.5",
        "Invalid parameter: temperature must be in [0, 0.1], got 0.2",
        "the prompt is too long",
        "model is not supported",
    ],
)
async def test_a_wrong_value_is_the_clients_to_hear_of(words: str) -> None:
    """What is taken, but not so, is not left out."""
    (pieces,), bodies = await backend_answers(lambda _: Refusal(400, words), ASKED)
    assert words in failure(pieces)[1]
    assert len(bodies) == 1


async def test_what_is_refused_either_way_teaches_nothing() -> None:
    """The client hears the refusal, and the next turn is asked as before."""
    pieces, bodies = await backend_answers(lambda _: Refusal(400, PICKY["seed"].words), ASKED, ASKED)
    assert failure(pieces[-1])[0] == "invalid_request"
    assert ["seed" in body for body in bodies] == [True, False] * 2


async def test_each_model_has_its_own_memory() -> None:
    """What one of an upstream's models refuses, another may take."""
    other = msgspec.structs.replace(ASKED, model="n")

    def behaviour(body: Body) -> Reply | Refusal:
        return Refusal(400, PICKY["seed"].words) if body["model"] == "m" and "seed" in body else said("Yes.")

    _, bodies = await backend_answers(behaviour, ASKED, other)
    assert [("seed" in body, body["model"]) for body in bodies] == [(True, "m"), (False, "m"), (True, "n")]


async def test_sampling_that_is_left_out_is_noted_once_it_is_known() -> None:
    """A client that relies on a seed learns that it has none; of what it does not send there is no word."""
    picky = PICKY["seed"]
    async with sloppy_server(lambda body: Refusal(400, picky.words) if picky.refuses(body) else said("Yes.")) as server:
        backend = OpenAIBackend(server.url)
        await backend.open()
        assert backend.untaken("m", CONFIG) == ()
        await answer(backend, ASKED)
        assert [note.field for note in backend.untaken("m", CONFIG)] == ["generation_config.seed"]
        assert backend.untaken("m", GenerationConfig(top_p=0.5)) == backend.untaken("n", CONFIG) == ()
        await backend.close()


async def test_it_is_learnt_with_the_first_word() -> None:
    """So the head of the answer can say it already."""
    picky = PICKY["seed"]
    async with sloppy_server(lambda body: Refusal(400, picky.words) if picky.refuses(body) else said("Yes.")) as server:
        backend = OpenAIBackend(server.url)
        await backend.open()
        async with aclosing(backend.generate(ASKED)) as pieces:
            await anext(pieces)
            assert [note.field for note in backend.untaken("m", CONFIG)] == ["generation_config.seed"]
        await backend.close()


async def test_an_effort_that_is_left_out_is_noted_too() -> None:
    """It is the hint `thinking_level` by another name."""
    config = GenerationConfig(thinking_level="high")
    words = "Unrecognized request argument supplied: reasoning_effort"
    async with sloppy_server(
        lambda body: Refusal(400, words) if "reasoning_effort" in body else said("Yes.")
    ) as server:
        backend = OpenAIBackend(server.url, known=Capabilities(thinking_levels=("low", "high")))
        await backend.open()
        await answer(backend, request("m", "Hi", config=config))
        assert [note.field for note in backend.untaken("m", config)] == ["generation_config.thinking_level"]
        await backend.close()


async def test_what_is_learnt_is_told_once() -> None:
    """By its model and its name, while it is remembered; what was not the reason is not learnt."""
    heard: list[tuple[str, str]] = []
    now = [0.0]
    ways = Ways(LEARNABLE, lambda: now[0], lambda *learnt: heard.append(learnt))
    seed, system = (way for way in LEARNABLE if way.name in ("seed", "system"))
    for model in ("m", "m", "n"):
        ways.answered(model, {}, (seed,))
    ways.answered("m", {}, (seed, system))
    assert heard == [("m", "seed"), ("n", "seed"), ("m", "system")]
    now[0] = REMEMBERED_SECONDS
    ways.answered("m", {}, (seed,))
    assert heard[3:] == [("m", "seed")]


async def test_a_renamed_limit_still_limits_what_is_counted() -> None:
    """No more was decoded than was asked for, by whichever name."""
    config = GenerationConfig(max_output_tokens=3)
    picky = PICKY["max_tokens"]
    (pieces,), _ = await backend_answers(
        lambda body: Refusal(400, picky.words) if picky.refuses(body) else said("Yes."),
        request("m", "Hi", config=config),
    )
    assert pieces[-2:] == [Counts(input=10, output=3), Stop("stop")]


async def test_decisions_learn_too() -> None:
    """They have a body of their own."""
    told = {"content": [{"top_logprobs": [{"token": "A", "logprob": -0.1}, {"token": "B", "logprob": -3.0}]}]}

    def behaviour(body: Body) -> Reply | Refusal:
        if "max_tokens" in body:
            return Refusal(400, PICKY["max_tokens"].words)
        return Reply((), {"content": "A"}, logprobs=told)

    async with sloppy_server(behaviour) as server:
        backend = OpenAIBackend(server.url)
        await backend.open()
        weighed = [await backend.weigh(request("m", "A or B?"), ["A", "B"]) for _ in range(2)]
        await backend.close()
    assert weighed[0].probabilities[0] > 0.9
    assert ["max_tokens" in body for body in server.bodies] == [True, False, False]


def test_a_refusal_is_forgotten_after_a_while() -> None:
    """Upstreams are upgraded."""
    now = [0.0]
    ways = Ways(LEARNABLE, lambda: now[0])
    ways.answered("m", {}, LEARNABLE[:2])
    assert ways.known("m") == LEARNABLE[:2]
    assert ways.known("n") == ()
    now[0] = REMEMBERED_SECONDS
    assert ways.known("m") == ()


def test_only_so_many_models_are_remembered() -> None:
    """A client chooses the name that it asks for, and some upstreams answer under any: the oldest goes."""
    ways = Ways(LEARNABLE, lambda: 0.0)
    for number in range(1001):
        ways.answered(f"m{number}", {}, LEARNABLE[:1])
        assert ways.known(f"m{number}") == LEARNABLE[:1]
        assert ways.known("m0") == (LEARNABLE[:1] if number < 1000 else ())
    assert ways.known("m1") == LEARNABLE[:1]


def test_of_so_many_models_only_it_is_remembered_what_they_took() -> None:
    """What is forgotten then is asked for again."""
    ways = Ways((RESPONSE_FORMAT,), lambda: 0.0)
    for number in range(1000):
        ways.answered(f"m{number}", {"response_format": {}}, ())
    ways.answered("m0", {}, (RESPONSE_FORMAT,))
    assert ways.known("m0") == ()
    ways.answered("m1000", {"response_format": {}}, ())
    ways.answered("n", {}, ())
    ways.answered("m0", {}, (RESPONSE_FORMAT,))
    assert ways.known("m0") == (RESPONSE_FORMAT,)


@pytest.mark.parametrize(("body", "known"), [({"response_format": {}}, ()), ({}, (RESPONSE_FORMAT,))])
def test_a_model_that_took_a_schema_refuses_only_others(body: Body, known: tuple[object, ...]) -> None:
    """One client's odd schema does not spoil the way for all; an answer in words says nothing of the field."""
    ways = Ways((RESPONSE_FORMAT,), lambda: 0.0)
    ways.answered("m", body, ())
    ways.answered("m", {}, (RESPONSE_FORMAT,))
    assert ways.known("m") == known


def test_a_refusal_without_end_is_looked_at_quickly() -> None:
    """However often it nearly names something."""
    words = b"max_tokens temperature top_p user after too " * 1500
    ways, body = Ways(LEARNABLE), {"temperature": 1, "messages": []}
    assert ways.other(body, refused(400, words), ()) is None


def test_a_schema_in_words_changes_no_request_without_one() -> None:
    """There is nothing to be told."""
    assert in_words(ASKED) is ASKED
    assert in_words(demanding(ASKED)).answer is None
