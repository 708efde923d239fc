"""What the OpenAI backend does beyond the protocol."""

import msgspec
import pytest

from interplay.errors import Failure
from interplay.models.base import Capabilities, Counts
from interplay.models.openai import OpenAIBackend
from interplay.wire import GenerationConfig, ModelOutputStep, TextContent
from tests.models.asking import answer, failure, request
from tests.models.calling import demanding, function, offering
from tests.models.chat_server import MODEL, chat_server
from tests.models.raw_server import Reply, json_reply, raw_server

THINKER = Capabilities(thinking_levels=("low", "high"))


@pytest.mark.parametrize(("known", "sent"), [(THINKER, "high"), (Capabilities(), None)])
async def test_the_thinking_level_goes_to_models_that_think(known: Capabilities, sent: str | None) -> None:
    """A model that thinks is sent the effort; one that does not is not bothered with it."""
    async with chat_server() as server:
        backend = OpenAIBackend(server.url, known=known)
        await backend.open()
        await answer(backend, request(MODEL, "Hi", config=GenerationConfig(thinking_level="high")))
        await backend.close()
    assert server.bodies[0].get("reasoning_effort") == sent


async def test_an_answer_that_was_broken_off_is_gone_on_with() -> None:
    """The upstream is given the beginning as the last message, and told to go on with it; otherwise it is not told."""
    begun = ModelOutputStep(content=(TextContent(text="Once upon"),))
    more = ModelOutputStep(content=(TextContent(text=" a time"),))
    asked = request(MODEL, "Tell me a story.")
    async with chat_server() as server:
        backend = OpenAIBackend(server.url, continues=True)
        await backend.open()
        await answer(backend, msgspec.structs.replace(asked, steps=(*asked.steps, begun, more), continues=True))
        await answer(backend, asked)
        await backend.close()
    going_on, plain = server.bodies
    assert going_on["messages"][-1] == {"role": "assistant", "content": "Once upon a time"}
    assert (going_on["continue_final_message"], going_on["add_generation_prompt"]) == (True, False)
    assert "continue_final_message" not in plain


@pytest.mark.parametrize(
    ("levels", "asked", "sent"),
    [
        (("low", "high"), "medium", "low"),
        (("low", "high"), "xhigh", "high"),
        (("low", "high"), "minimal", "low"),
        (("low", "high"), "HIGH", "high"),
        (("high", "low"), "medium", "low"),
        (("none", "medium"), "high", "medium"),
        (("none", "medium"), "none", "none"),
        (("on",), "low", None),
    ],
)
async def test_the_nearest_level_that_is_not_above_is_sent(
    levels: tuple[str, ...], asked: str, sent: str | None
) -> None:
    """A level is a maximum: a model without it is given the one below, or its lowest, and a note says which."""
    wanted = request(MODEL, "Hi", config=GenerationConfig(thinking_level=asked))
    async with chat_server() as server:
        backend = OpenAIBackend(server.url, known=Capabilities(thinking_levels=levels))
        await backend.open()
        notes = backend.check(wanted)
        await answer(backend, wanted)
        await backend.close()
    assert server.bodies[0].get("reasoning_effort") == sent
    given = f'"{sent}"' if sent else "none"
    told = [] if sent == asked.lower() else [f'"{asked}" asked for, {given} given']
    assert [note.said for note in notes] == told


def test_an_unknown_level_is_refused_with_the_list() -> None:
    """The API's levels and the model's own."""
    backend = OpenAIBackend("http://localhost/v1", known=Capabilities(thinking_levels=("none", "low")))
    with pytest.raises(Failure, match='"minimal", "low", "medium", "high", "xhigh", "none"'):
        backend.check(request(MODEL, "Hi", config=GenerationConfig(thinking_level="endless")))


async def test_key_headers_and_extra_fields_are_sent() -> None:
    """The settings of the upstream go with every request; what the client asks for comes before extra fields."""
    async with chat_server() as server:
        extra = {"temperature": 0.1, "repetition_penalty": 1.1}
        backend = OpenAIBackend(server.url + "/", "sk-1", headers={"X-Team": "blue"}, extra=extra)
        await backend.open()
        await answer(backend, request(MODEL, "Hi", config=GenerationConfig(temperature=2)))
        await backend.close()
    assert server.headers[0]["Authorization"] == "Bearer sk-1"
    assert server.headers[0]["X-Team"] == "blue"
    assert server.bodies[0]["temperature"] == 2
    assert server.bodies[0]["repetition_penalty"] == 1.1


@pytest.mark.parametrize(
    ("entry", "limit"),
    [
        (b'"max_model_len": 5', 5),
        (b'"context_length": 6', 6),
        (b'"meta": {"n_ctx_train": 7}', 7),
        (b'"meta": {"n_ctx": 8, "n_ctx_train": 9}', 8),
        (b'"meta": null', None),
        (b'"max_model_len": "long", "context_length": -6, "meta": {"n_ctx": 1e99, "n_ctx_train": 10}', 10),
        (b'"max_model_len": [], "meta": 5', None),
    ],
)
async def test_the_context_length_is_the_upstreams(entry: bytes, limit: int | None) -> None:
    """Each kind of server has its own word for it."""
    async with raw_server((json_reply(b'{"data": [{"id": "other"}, {"id": "m", %b}]}' % entry),)) as server:
        backend = OpenAIBackend(server.url, known=Capabilities(thinking_levels=("low",)))
        await backend.open()
        assert await backend.capabilities("m") == Capabilities(thinking_levels=("low",), input_token_limit=limit)
        assert await backend.models() == ["other", "m"]
        await backend.close()


async def test_what_the_settings_say_of_a_model_needs_no_upstream() -> None:
    """Known capabilities are given without asking, and an upstream without a list leaves them as they are."""
    async with raw_server((json_reply(b"{}", "404 Not Found"),)) as server:
        known = Capabilities(input_token_limit=9)
        backend = OpenAIBackend(server.url, known=known)
        await backend.open()
        assert await backend.capabilities("m") == known
        assert server.requests == []
        with pytest.raises(Failure, match="404"):
            await backend.models()
        await backend.close()
        ignorant = OpenAIBackend(server.url)
        await ignorant.open()
        assert await ignorant.capabilities("m") == Capabilities()
        await ignorant.close()


async def test_a_list_of_models_that_is_none() -> None:
    """An upstream that answers nonsense is at fault."""
    async with raw_server((json_reply(b"[]"),)) as server:
        backend = OpenAIBackend(server.url)
        await backend.open()
        with pytest.raises(Failure, match="list of models"):
            await backend.models()
        await backend.close()


ABSENT = (json_reply(b'{"error": "no such address"}', "404 Not Found"),)
TEMPLATE = (json_reply(b'{"prompt": "<user>Hi"}'),)
TOKENS = (json_reply(b'{"tokens": [1, 2, {"id": 3}]}'),)
COUNT = (json_reply(b'{"count": 5, "max_model_len": 9, "tokens": [1, 2]}'),)


@pytest.mark.parametrize(("replies", "count"), [((TEMPLATE, TOKENS), 3), ((ABSENT, COUNT), 5)])
async def test_tokens_are_counted_by_the_upstream(replies: tuple[Reply, ...], count: int) -> None:
    """As llama-server does it, and as vLLM does it; beside `/v1`, not below."""
    async with raw_server(*replies) as server:
        backend = OpenAIBackend(server.url)
        await backend.open()
        assert await backend.count_tokens(request("m", "Hi")) == count
        await backend.close()
    assert not [head for head in server.requests if b"/v1" in head.partition(b"\r\n")[0]]


@pytest.mark.parametrize("replies", [(TEMPLATE, TOKENS), (ABSENT, COUNT)])
async def test_functions_and_schemas_are_counted(replies: tuple[Reply, ...]) -> None:
    """The tokenizer gets what the template will write: the functions, and the schema where it is told in words."""
    async with raw_server(*replies) as server:
        backend = OpenAIBackend(server.url, structured_output="prompt")
        await backend.open()
        await backend.count_tokens(demanding(offering(request("m", "Hi"), function())))
        await backend.close()
    rendered = next(sent for sent in server.requests if b'"messages"' in sent and b"Hi" in sent)
    assert b'"tools":[{' in rendered
    assert b"JSON schema" in rendered


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (ABSENT, "invalid_request"),
        ((json_reply(b"{}"),), "invalid_request"),
        ((json_reply(b'{"count": -5}'),), "invalid_request"),
        ((json_reply(b'{"count": 5000000000}'),), "invalid_request"),
        ((json_reply(b"", "503 Service Unavailable"),), "unavailable"),
    ],
)
async def test_an_upstream_without_a_tokenizer_says_so(reply: Reply, code: str) -> None:
    """No guess is made; an upstream that is away is no upstream without a tokenizer."""
    async with raw_server(reply) as server:
        backend = OpenAIBackend(server.url)
        await backend.open()
        with pytest.raises(Failure) as refused:
            await backend.count_tokens(request("m", "Hi"))
        await backend.close()
    assert refused.value.code == code


async def test_an_unknown_model_passes_on_the_upstreams_words() -> None:
    """The upstream knows best what is wrong with a name."""
    async with chat_server() as server:
        backend = OpenAIBackend(server.url)
        await backend.open()
        code, message = failure(await answer(backend, request("nobody", "Hi")))
        await backend.close()
    assert code == "invalid_request"
    assert "The model `nobody` does not exist." in message


async def test_no_more_was_decoded_than_was_asked_for() -> None:
    """Whatever the upstream says of it; what it says within the limit is believed."""
    told = (
        b'{"choices": [{"message": {"content": "Hi"}, "finish_reason": "length"}], "usage": {"completion_tokens": 9}}'
    )
    async with raw_server((json_reply(told),)) as server:
        backend = OpenAIBackend(server.url)
        await backend.open()
        for most, output in ((5, 5), (10, 9), (None, 9)):
            config = GenerationConfig(max_output_tokens=most)
            pieces = await answer(backend, request("m", "Hi", config=config, incremental=False))
            assert Counts(output=output) in pieces
        await backend.close()
