"""An upstream's list of models: which can chat, and where it is."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web

from interplay.models.chat.listing import Model
from interplay.models.openai import OpenAIBackend
from tests.models.asking import answer, failure, request, text
from tests.models.sloppy_server import Refusal, Reply, SloppyServer, said
from tests.server import RunningServer

TEXT = {"output_modalities": ["text"]}

CHATS: list[dict[str, Any]] = [
    {"id": "qwen3:8b", "object": "model"},
    {"id": "gpt-4o", "object": "model", "owned_by": "openai"},
    {"id": "meta-llama/Llama-3.3-70B-Instruct", "max_model_len": 8192},
    {"id": "gemma-3-27b-it", "type": "vlm"},
    {"id": "a", "type": "llm", "capabilities": ["tool_use"]},
    {"id": "b", "type": "chat"},
    {"id": "c", "mode": "chat"},
    {"id": "d", "task": "text-generation"},
    {"id": "e", "task": "image-text-to-text"},
    {"id": "f", "capabilities": ["completion", "vision", "tools"]},
    {"id": "g", "capabilities": {"completion_chat": True, "vision": True, "classification": False}},
    {"id": "h/free", "architecture": {"modality": "text+image->text", **TEXT}},
    {"id": "i", "type": 5, "capabilities": "all", "architecture": "llama"},
    {"id": "my-embedded-systems-bot", "type": "chat"},
    {"id": "vanguard-7b"},
    {"id": "barkley-instruct"},
    {"id": "nvidia/Llama-3.1-Nemotron-70B-Instruct-HF"},
    {"id": "mistralai/Voxtral-Mini-3B-2507"},
    {"id": "stable-beluga:13b"},
    {"id": "deepseek-v3.1"},
]
"""Entries of models that can chat."""

OTHERS: list[dict[str, Any]] = [
    {"id": "nomic-embed-text:latest", "object": "model"},
    {"id": "text-embedding-3-large"},
    {"id": "BAAI/bge-m3"},
    {"id": "intfloat/e5-large"},
    {"id": "jina-reranker-v2"},
    {"id": "whisper-1"},
    {"id": "gpt-4o-mini-tts"},
    {"id": "gpt-4o-transcribe"},
    {"id": "dall-e-3"},
    {"id": "gpt-image-1"},
    {"id": "paraphrase-multilingual:latest"},
    {"id": "sentence-transformers/all-mpnet-base-v2"},
    {"id": "jina-colbert-v2"},
    {"id": "FacebookAI/xlm-roberta-base"},
    {"id": "vidore/colpali-v1.3"},
    {"id": "llama-guard3:8b"},
    {"id": "ibm-granite/granite-guardian-3.1-8b"},
    {"id": "google/shieldgemma-2b"},
    {"id": "Qwen/Qwen3Guard-Gen-8B"},
    {"id": "hexgrad/Kokoro-82M"},
    {"id": "rhasspy/piper-voices"},
    {"id": "coqui/XTTS-v2"},
    {"id": "suno/bark"},
    {"id": "nvidia/parakeet-tdt-0.6b-v2"},
    {"id": "facebook/wav2vec2-base"},
    {"id": "nvidia/Llama-3.1-Nemotron-70B-Reward"},
    {"id": "stabilityai/sd3-medium"},
    {"id": "stable-diffusion-xl"},
    {"id": "omni-moderation-latest"},
    {"id": "a", "type": "embeddings"},
    {"id": "b", "type": "rerank"},
    {"id": "c", "object": "embedding"},
    {"id": "d", "mode": "audio_transcription"},
    {"id": "e", "task": "feature-extraction"},
    {"id": "f", "task": "automatic-speech-recognition"},
    {"id": "g", "capabilities": ["embedding"]},
    {"id": "h", "capabilities": {"completion_chat": False, "classification": True}},
    {"id": "i", "architecture": {"modality": "text->image", "output_modalities": ["image"]}},
    {"id": "j", "type": "image"},
]
"""Entries of models that cannot."""


@pytest.mark.parametrize(
    ("entry", "chats"), [*((entry, True) for entry in CHATS), *((entry, False) for entry in OTHERS)]
)
def test_which_models_can_chat(entry: dict[str, Any], chats: bool) -> None:
    """By what the list says of them; by the words of their names where it says nothing."""
    assert msgspec.convert(entry, Model).chats() == chats


async def serving(app_routes: list[web.RouteDef]) -> tuple[web.AppRunner, str]:
    """A server of these routes, and its address."""
    app = web.Application()
    app.add_routes(app_routes)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"


async def listing(_: web.Request) -> web.Response:
    """A list that begins with what cannot chat."""
    return web.json_response({"data": [*OTHERS[:3], {"id": "chatty"}]})


async def nonsense(_: web.Request) -> web.Response:
    """What LM Studio says to an address that it does not have."""
    return web.json_response({"error": "Unexpected endpoint or method."})


@pytest.mark.parametrize("elsewhere", [[], [web.get("/models", nonsense)]])
async def test_an_address_that_lacks_v1_is_completed(elsewhere: list[web.RouteDef]) -> None:
    """The list is found below it, and so is all else from then on."""
    server = SloppyServer(lambda _: said("Yes."))
    routes = [web.get("/v1/models", listing), web.post("/v1/chat/completions", server.chat), *elsewhere]
    runner, address = await serving(routes)
    backend = OpenAIBackend(address)
    await backend.open()
    assert await backend.chat_models() == ["chatty"]
    assert backend.base_url == f"{address}/v1"
    await answer(backend, request("chatty", "Hi"))
    assert len(server.bodies) == 1
    await backend.close()
    await runner.cleanup()


async def nothing_there(_: web.Request) -> web.Response:
    """What LM Studio says to a chat at an address that it does not have, which counts as an answer."""
    return web.json_response({"error": "Unexpected endpoint or method. (POST /chat/completions)"})


async def page(_: web.Request) -> web.Response:
    """What a server with a web page says to whatever it does not know."""
    return web.Response(text="<html></html>", content_type="text/html")


ELSEWHERE = {
    "404": [],
    "405": [web.get("/chat/completions", page)],
    "an error": [web.post("/chat/completions", nothing_there)],
    "a page": [web.post("/chat/completions", page)],
}


@pytest.mark.parametrize("elsewhere", ELSEWHERE.values(), ids=ELSEWHERE)
@pytest.mark.parametrize("incremental", [True, False])
async def test_the_first_chat_completes_an_address_that_lacks_v1(
    elsewhere: list[web.RouteDef], incremental: bool
) -> None:
    """Nobody need have asked for the list. Those who come at the same time are answered too; it is remembered."""
    lists = 0

    async def counted(asked: web.Request) -> web.Response:
        nonlocal lists
        lists += 1
        return await listing(asked)

    server = SloppyServer(lambda _: said("Yes."))
    routes = [web.get("/v1/models", counted), web.post("/v1/chat/completions", server.chat), *elsewhere]
    runner, address = await serving(routes)
    backend = OpenAIBackend(address)
    await backend.open()
    asked = request("chatty", "Hi", incremental=incremental)
    assert {text(pieces) for pieces in await asyncio.gather(*(answer(backend, asked) for _ in range(3)))} == {"Yes."}
    assert text(await answer(backend, asked)) == "Yes."
    assert (backend.base_url, len(server.bodies)) == (f"{address}/v1", 4)
    assert lists <= 3
    await backend.close()
    await runner.cleanup()


async def test_the_first_decision_completes_it_too() -> None:
    """It is asked as a chat is."""
    told = {"content": [{"top_logprobs": [{"token": "A", "logprob": -0.1}, {"token": "B", "logprob": -3.0}]}]}
    server = SloppyServer(lambda _: Reply((), {"content": "A"}, logprobs=told))
    runner, address = await serving([web.get("/v1/models", listing), web.post("/v1/chat/completions", server.chat)])
    backend = OpenAIBackend(address)
    await backend.open()
    assert (await backend.weigh(request("chatty", "A or B?"), ["A", "B"])).probabilities[0] > 0.9
    await backend.close()
    await runner.cleanup()


@pytest.mark.parametrize("found", [True, False])
async def test_a_chat_that_is_refused_where_the_upstream_is_stays_refused(found: bool) -> None:
    """In its words: by one that has answered before without a second look, by one that is nowhere after it."""
    server = SloppyServer(lambda body: said("Yes.") if body["model"] == "m" else Refusal(404, "no such model"))
    looked: list[str] = []

    async def looking(asked: web.Request) -> web.Response:
        looked.append(asked.path)
        raise web.HTTPNotFound

    runner, address = await serving([web.post("/chat/completions", server.chat), web.get("/v1/models", looking)])
    backend = OpenAIBackend(address)
    await backend.open()
    if found:
        assert text(await answer(backend, request("m", "Hi"))) == "Yes."
    assert "no such model" in failure(await answer(backend, request("n", "Hi")))[1]
    assert looked == ([] if found else ["/v1/models"])
    assert backend.base_url == address
    await backend.close()
    await runner.cleanup()


async def test_an_address_that_has_a_list_is_left_alone() -> None:
    """Not every server has its models below `/v1`."""
    runner, address = await serving([web.get("/models", listing)])
    backend = OpenAIBackend(address)
    await backend.open()
    assert len(await backend.models()) == 4
    assert backend.base_url == address
    await backend.close()
    await runner.cleanup()


async def test_the_server_says_which_model_answers(tmp_path: Path) -> None:
    """Google's names go to the first that can chat; the greeting names it, and the address that it was found at."""
    server = SloppyServer(lambda _: said("Yes."))
    runner, address = await serving([web.get("/v1/models", listing), web.post("/v1/chat/completions", server.chat)])

    def asked() -> str:
        with RunningServer(tmp_path, "", "--upstream", address) as ours:
            ours.create(model="gemini-3.5-flash", input="Hi")
            return ours.greeting

    greeting = await asyncio.to_thread(asked)
    assert f"model    chatty at {address}/v1\n" in greeting
    assert server.bodies[0]["model"] == "chatty"
    await runner.cleanup()


async def test_an_upstream_without_a_model_that_chats_is_named(tmp_path: Path) -> None:
    """Its names are served as they are, and Google's are not."""

    async def others(_: web.Request) -> web.Response:
        return web.json_response({"data": OTHERS[:2]})

    runner, address = await serving([web.get("/v1/models", others)])

    def listed() -> tuple[list[str], str]:
        with RunningServer(tmp_path, "", "--upstream", address) as ours, ours.client() as client:
            names = [model["name"] for model in client.get("/v1beta/models").json()["models"]]
            return names, ours.log()

    names, log = await asyncio.to_thread(listed)
    assert names == [f"models/{entry['id']}" for entry in OTHERS[:2]]
    assert "no model that can chat" in log
    await runner.cleanup()
