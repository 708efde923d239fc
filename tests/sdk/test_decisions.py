"""`client.decisions.create` of the SDKs; the JavaScript SDK has it since 3.3."""

from collections.abc import Callable
from typing import Any

import pytest
from google import genai
from google.genai._interactions import BadRequestError

from tests.sdk.client import SdkError
from tests.sdk.javascript import JavaScriptClient
from tests.server import RunningServer

Create = Callable[..., Any]

TEXT = "I want my money back.\nweigh: Yes=0.9 No=0.1 refund=0.6 other=0.4 calm=0.25 cross=0.75"
QUESTIONS = {
    "spam": {"type": "noul", "instructions": "Is it spam?", "criteria": {"true_description": "unwanted"}},
    "kind": {"type": "choice", "instructions": "Which?", "criteria": {"other": "", "refund": "money back"}},
    "mood": {"type": "score", "instructions": [{"type": "text", "text": "How cross?"}], "criteria": ["calm", "cross"]},
}


async def from_sync(**asked: Any) -> Any:
    """By the synchronous client."""
    with genai.Client() as client:
        return client.decisions.create(**asked)


async def from_async(**asked: Any) -> Any:
    """By the asynchronous client."""
    async with genai.Client().aio as client:
        return await client.decisions.create(**asked)


@pytest.fixture(params=[from_sync, from_async])
def create(request: pytest.FixtureRequest) -> Create:
    """Both clients in turn."""
    made: Create = request.param
    return made


@pytest.mark.parametrize("model", ["scripted", "models/scripted"])
async def test_the_sdk_reads_every_kind_of_answer(create: Create, model: str) -> None:
    """Answers arrive as the SDK's own types, each with the fields of its kind, and with the usage."""
    made = await create(model=model, input=TEXT, questions=QUESTIONS)
    spam, kind, mood = (made.answers[name] for name in ("spam", "kind", "mood"))
    assert [type(answer).__name__ for answer in (spam, kind, mood)] == ["NoulAnswer", "ChoiceAnswer", "ScoreAnswer"]
    assert (kind.choice, mood.legend) == ("refund", {"0": "calm", "1": "cross"})
    assert spam.noul == spam.confidence > 0.5
    assert mood.score == mood.probabilities["1"] == mood.confidence > 0.5
    assert sum(kind.probabilities.values()) == pytest.approx(1, abs=1e-9)
    assert made.usage.total_output_tokens == 6


async def test_blocks_of_text_are_an_input(create: Create) -> None:
    """A list of blocks is read as the text is."""
    blocks = [{"type": "text", "text": line} for line in TEXT.splitlines()]
    made = await create(model="scripted", input=blocks, questions=QUESTIONS)
    assert made.answers["kind"].choice == "refund"


async def test_a_refusal_is_the_sdks_own_error(create: Create) -> None:
    """What is wrong raises the SDK's class for a bad request, which is not tried again."""
    media = [{"type": "image", "data": "aGk=", "mime_type": "image/png"}]
    with pytest.raises(BadRequestError, match='"image"'):
        await create(model="scripted", input=media, questions=QUESTIONS)


def test_the_javascript_sdk_decides_too(javascript: JavaScriptClient) -> None:
    """The same answers as plain objects, and its own error for what is wrong."""
    made = javascript.decide(model="scripted", input=TEXT, questions=QUESTIONS)
    assert [made["answers"][name]["type"] for name in QUESTIONS] == ["noul", "choice", "score"]
    assert made["answers"]["kind"]["choice"] == "refund"
    with pytest.raises(SdkError, match="questions") as refusal:
        javascript.decide(model="scripted", input=TEXT, questions={})
    assert (refusal.value.name, refusal.value.status) == ("BadRequestError", 400)


def test_the_raw_response_is_json(server: RunningServer) -> None:
    """The answer is 200 with JSON, which `with_raw_response` shows."""
    assert server.url
    with genai.Client() as client:
        raw = client.decisions.with_raw_response.create(model="scripted", input=TEXT, questions=QUESTIONS)
    assert raw.parse().answers["kind"].choice == "refund"
