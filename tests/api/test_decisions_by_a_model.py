"""Decisions of the real default model: plain facts, and what they cost."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.server import RunningServer
from tests.waiting import until

pytestmark = pytest.mark.model

MATCH = "The goalkeeper saved a penalty in the last minute, and the home team won the final 1:0. " * 12
LANGUAGE = {
    "type": "choice",
    "instructions": "Which language?",
    "criteria": {"german": "", "english": "", "polish": ""},
}
CITIES = (
    *("London", "Paris", "Berlin", "Madrid", "Rome", "Vienna", "Prague", "Warsaw"),
    *("Lisbon", "Dublin", "Oslo", "Stockholm", "Helsinki", "Athens", "Sofia", "Bucharest"),
    *("Budapest", "Zagreb", "Belgrade", "Brussels", "Amsterdam", "Copenhagen", "Bern"),
    *("Riga", "Vilnius", "Tallinn", "Kyiv", "Ankara", "Cairo", "Tokyo"),
)


@pytest.fixture(scope="module")
def model_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server without settings: the installed default model answers."""
    with RunningServer(tmp_path_factory.mktemp("model"), "") as running:
        with running.client() as http:
            until(lambda: http.get("/readyz").status_code == 200, seconds=300)
        yield running


def decide(server: RunningServer, input: str, **questions: Any) -> Any:
    """The whole answer."""
    with server.client() as client:
        answer = client.post(
            "/v1/decisions", json={"model": "gemini-3.5-flash", "input": input, "questions": questions}, timeout=300
        )
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_plain_facts_are_seen(model_server: RunningServer) -> None:
    """A report of a match is about sport and not about cooking, and is written in English."""
    topic = {
        "type": "choice",
        "instructions": "What is the text about?",
        "criteria": {"cooking": "food and recipes", "sport": "matches and athletes", "law": "courts and judges"},
    }
    answers = decide(model_server, MATCH, topic=topic, language=LANGUAGE)["answers"]
    assert answers["topic"]["choice"] == "sport"
    assert answers["topic"]["confidence"] > 0.5
    assert answers["language"]["choice"] == "english"


def test_a_scale_tells_praise_from_blame(model_server: RunningServer) -> None:
    """Praise scores higher than blame."""
    stars = {"type": "score", "instructions": "How satisfied is the customer?", "criteria": ["not", "partly", "fully"]}
    praise, blame = (
        decide(model_server, text, stars=stars)["answers"]["stars"]["score"]
        for text in ("Wonderful! The best hotel we ever had.", "Awful. It broke on the first day, never again.")
    )
    assert praise > blame + 0.3


def test_one_option_of_thirty_is_found(model_server: RunningServer) -> None:
    """With more options than can be listed at once, what the text names is the choice, wherever it stands."""
    which = {
        "type": "choice",
        "instructions": "Which city is named in the text?",
        "criteria": dict.fromkeys(CITIES, ""),
    }
    for city in ("Paris", "Cairo"):
        answer = decide(model_server, f"I have been living in {city} for ten years.", which=which)["answers"]["which"]
        assert answer["choice"] == city
        assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-9)


def test_the_input_is_read_once(model_server: RunningServer) -> None:
    """Of four questions asked twice each over one long text, only the first reads it."""
    questions = {
        f"q{number}": LANGUAGE | {"instructions": f"Question {number}: which language?"} for number in range(4)
    }
    text = f"{MATCH} Some more of it."
    usage = decide(model_server, text, **questions)["usage"]
    fresh = usage["total_input_tokens"] - usage["total_cached_tokens"]
    one_prompt = usage["total_input_tokens"] / 8
    assert fresh < one_prompt * 2.5
