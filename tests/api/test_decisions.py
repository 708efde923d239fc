"""`POST /decisions` with the scripted model, whose `weigh:` lines say what the model holds probable."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server import SCRIPTED, RunningServer
from tests.waiting import until

PATH = "/v1/decisions"
NOUL = {"type": "noul", "instructions": "Is it?"}
CHOICE = {"type": "choice", "instructions": "Which?", "criteria": {"refund": "money back", "other": ""}}
SCORE = {"type": "score", "instructions": "How much?", "criteria": ["none", "some", "lots"]}
GOOD: dict[str, Any] = {"model": "scripted", "input": "x", "questions": {"q": NOUL}}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server whose answers are the model's own probabilities."""
    with RunningServer(tmp_path_factory.mktemp("decisions"), f"[decisions]\ntemperature = 1\n{SCRIPTED}") as running:
        yield running


def decide(server: RunningServer, **body: Any) -> Any:
    """The answer to a good request with these changes."""
    with server.client() as client:
        answer = client.post(PATH, json=GOOD | body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def refusal(server: RunningServer, body: Any) -> tuple[int, str]:
    """Status and message of a request that is refused."""
    with server.client() as client:
        answer = client.post(PATH, json=body)
    return answer.status_code, answer.json()["error"]["message"]


def test_yes_or_no_is_the_probability_of_yes(server: RunningServer) -> None:
    """`noul` is the probability of true, `confidence` that of the likelier outcome."""
    answer = decide(server, input="weigh: Yes=0.2 No=0.8")["answers"]["q"]
    assert answer == {"type": "noul", "noul": pytest.approx(0.2), "confidence": pytest.approx(0.8)}


@pytest.mark.parametrize(
    ("weights", "noul", "confidence"),
    [
        ("Yes=1 No=0", 0.99, 0.99),
        ("Yes=0 No=1", 0.01, 0.99),
        ("Yes=0.995 No=0.005", 0.99, 0.99),
        ("Yes=0.02 No=0.98", 0.02, 0.98),
    ],
)
def test_yes_is_never_quite_sure(server: RunningServer, weights: str, noul: float, confidence: float) -> None:
    """`noul` is from 0.01 to 0.99, as the SDKs document it, and `confidence` the larger of it and the rest."""
    answer = decide(server, input=f"weigh: {weights}")["answers"]["q"]
    assert answer == {"type": "noul", "noul": pytest.approx(noul), "confidence": pytest.approx(confidence)}


def test_a_choice_has_a_probability_for_every_option(server: RunningServer) -> None:
    """The likeliest option is the choice, whatever its place, and its probability the confidence."""
    answer = decide(server, input="weigh: refund=0.3 other=0.7", questions={"q": CHOICE})["answers"]["q"]
    assert answer["choice"] == "other"
    assert answer["confidence"] == answer["probabilities"]["other"] == pytest.approx(0.7)
    assert answer["probabilities"]["refund"] == pytest.approx(0.3)


def test_a_score_is_the_expected_level(server: RunningServer) -> None:
    """The levels, each times its probability; the legend says what they mean."""
    answer = decide(server, input="weigh: none=0.2 some=0.3 lots=0.5", questions={"q": SCORE})["answers"]["q"]
    assert answer["score"] == pytest.approx(0.3 + 2 * 0.5)
    assert answer["confidence"] == pytest.approx(0.5)
    assert answer["legend"] == {"0": "none", "1": "some", "2": "lots"}
    assert answer["probabilities"] == {"0": pytest.approx(0.2), "1": pytest.approx(0.3), "2": pytest.approx(0.5)}


@pytest.mark.parametrize("count", [2, 3, 7, 16, 17, 40, 255])
def test_probabilities_are_a_distribution(server: RunningServer, count: int) -> None:
    """Up to the most options there may be, they are the model's own, in 0..1, and sum to one."""
    held = [number % 7 + 0.1 for number in range(count)]
    weights = " ".join(f"option {number}={weight}" for number, weight in enumerate(held))
    question = CHOICE | {"criteria": {f"option {number}": "" for number in range(count)}}
    answer = decide(server, input=f"weigh: {weights}", questions={"q": question})["answers"]["q"]
    assert list(answer["probabilities"]) == list(question["criteria"])
    assert all(0 <= probability <= 1 for probability in answer["probabilities"].values())
    assert list(answer["probabilities"].values()) == [pytest.approx(one / sum(held), abs=2e-6) for one in held]
    assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("winner", [0, 15, 16, 17, 100, 253, 254])
def test_an_option_among_hundreds_is_found(server: RunningServer, winner: int) -> None:
    """Groups lead to the option that the model holds probable, first, last and in between."""
    levels = [f"level {number}" for number in range(255)]
    answer = decide(server, input=f"weigh: level {winner}=1", questions={"q": SCORE | {"criteria": levels}})
    assert answer["answers"]["q"]["score"] == pytest.approx(winner, abs=1e-3)
    assert answer["answers"]["q"]["confidence"] == pytest.approx(1, abs=1e-3)


def test_every_question_has_its_own_answer(server: RunningServer) -> None:
    """Answers come by the ids of their questions and in their order; one question is not shown another's words."""
    questions = {
        f"q{number}": NOUL | {"instructions": f"Is it?\nweigh: Yes={number} No={10 - number}"} for number in range(9)
    }
    answers = decide(server, questions=questions)["answers"]
    assert list(answers) == list(questions)
    assert [answer["noul"] for answer in answers.values()] == [
        pytest.approx(max(number / 10, 0.01)) for number in range(9)
    ]


def test_what_yes_and_no_mean_reaches_the_model(server: RunningServer) -> None:
    """The descriptions stand behind the words that they describe."""
    question = NOUL | {"criteria": {"true_description": "it is\nweigh: Yes=1", "false_description": "it is not"}}
    assert decide(server, questions={"q": question})["answers"]["q"]["noul"] == 0.99


@pytest.mark.parametrize(
    "input",
    [
        "Look.\nweigh: Yes=3 No=1",
        {"type": "text", "text": "Look.\nweigh: Yes=3 No=1"},
        [{"type": "text", "text": "Look.\nweigh: Yes=3 No=1"}],
    ],
)
def test_every_shape_of_input_and_instructions_is_read(server: RunningServer, input: Any) -> None:
    """A string, a block and a list of blocks say the same, as input and as instructions."""
    assert decide(server, input=input)["answers"]["q"]["noul"] == pytest.approx(0.75)
    question = NOUL | {"instructions": input}
    assert decide(server, questions={"q": question})["answers"]["q"]["noul"] == pytest.approx(0.75)


def test_usage_is_summed(server: RunningServer) -> None:
    """The tokens of all times that the model was asked: two for each question."""
    usage = decide(server, input="count: input=10 cached=7", questions={"a": NOUL, "b": SCORE})["usage"]
    assert (usage["total_input_tokens"], usage["total_cached_tokens"], usage["total_output_tokens"]) == (40, 28, 4)


def test_the_operators_temperature_softens_the_answers(tmp_path: Path) -> None:
    """With a temperature of 2, odds of 9 to 1 become 3 to 1."""
    with RunningServer(tmp_path, f"[decisions]\ntemperature = 2\n{SCRIPTED}") as server:
        assert decide(server, input="weigh: Yes=9 No=1")["answers"]["q"]["noul"] == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"model": None}, 400, ["model"]),
        ({"model": "gpt-99"}, 404, ["'model'", "gpt-99", "scripted"]),
        ({"input": None}, 400, ["input"]),
        ({"input": ""}, 400, ["'input'", "empty"]),
        ({"input": []}, 400, ["'input'", "empty"]),
        ({"input": 5}, 400, ["input", "5"]),
        ({"input": [{"type": "text", "text": "x"}, {"type": "image", "data": "AAAA", "mime_type": "image/png"}]}, 400,
         ["input[1]", '"image"']),
        ({"input": {"type": "audio", "data": "AAAA", "mime_type": "audio/wav"}}, 400, ["'input'", '"audio"']),
        ({"input": {"type": "text", "txt": "x", "text": "x"}}, 400, ["'input.txt'", "Did you mean 'text'"]),
        ({"temperature": 1}, 400, ["Unknown parameter 'temperature'"]),
        ({"question": {}}, 400, ["'question'", "Did you mean 'questions'"]),
        ({"questions": None}, 400, ["questions"]),
        ({"questions": {}}, 400, ["'questions'", "0", "100"]),
        ({"questions": {str(number): NOUL for number in range(101)}}, 400, ["'questions'", "101", "100"]),
        ({"questions": {" ": NOUL}}, 400, ["'questions'", '" "']),
        ({"questions": {"q": {"type": "rank", "instructions": "x"}}}, 400, ["rank", "noul", "choice", "score"]),
        ({"questions": {"a": NOUL, "q": {"type": "noul"}}}, 400, ["'questions.q.instructions'"]),
        ({"questions": {"a": NOUL, "q": 5}}, 400, ["'questions.q'", "an object", "5"]),
        ({"questions": {"a": NOUL, "is it": NOUL | {"instructions": True}}}, 400,
         ["'questions[\"is it\"].instructions'", "a string or an object or a list", "true"]),
        ({"questions": {"a": NOUL, "q": NOUL | {"type": None}}}, 400, ["'questions.q.type'", "null", '"noul"']),
        ({"questions": {"a": CHOICE, "q": CHOICE | {"criteria": {"a": "", "b": 4}}}}, 400,
         ["'questions.q.criteria.b'", "a string", "4"]),
        ({"questions": {"q": SCORE | {"criteria": ["one", 10**400]}}}, 400,
         ["'questions.q.criteria[1]'", "1000", "64 bits"]),
        ({"questions": {"q": NOUL | {"instructions": " "}}}, 400, ["'questions.q.instructions'", "empty"]),
        ({"questions": {"q": NOUL | {"instructions": {"type": "image", "data": "AAAA"}}}}, 400,
         ["instructions", "image", "text"]),
        ({"questions": {"q": NOUL | {"criteria": {"trueDescription": "x"}}}}, 400,
         ["'questions.q.criteria.trueDescription'", "Did you mean 'true_description'"]),
        ({"questions": {"q": CHOICE | {"criteria": {"one": ""}}}}, 400, ["'questions.q.criteria'", "1", "2 to 255"]),
        ({"questions": {"q": CHOICE | {"criteria": {str(number): "" for number in range(256)}}}}, 400,
         ["'questions.q.criteria'", "256", "2 to 255"]),
        ({"questions": {"q": CHOICE | {"criteria": {"": "x", "b": ""}}}}, 400, ["'questions.q.criteria'", '""']),
        ({"questions": {"q": SCORE | {"criteria": ["one"]}}}, 400, ["'questions.q.criteria'", "1", "2 to 255"]),
        ({"questions": {"q": SCORE | {"criteria": ["one", " "]}}}, 400, ["'questions.q.criteria'", '" "', "entry 1"]),
        ({"input": "weigh: Yes=much"}, 400, ["weigh", "Yes=much"]),
        ({"input": "fail: unavailable away"}, 503, ["away"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(server: RunningServer, changes: dict[str, Any], status: int, words: list[str]) -> None:
    """The message says which field, what was got and what was expected."""
    got, message = refusal(server, {name: value for name, value in (GOOD | changes).items() if value is not None})
    assert got == status, message
    assert all(word in message for word in words), message


@pytest.mark.parametrize("key", ["", "wrong"])
def test_no_key_opens_nothing(server: RunningServer, key: str) -> None:
    """Without a key of ours there are no answers."""
    with server.client(key) as client:
        assert client.post(PATH, json=GOOD).status_code == 401


def test_every_project_may_ask(server: RunningServer) -> None:
    """A key of another project gets answers too; nothing is kept that could be shared."""
    other = server.command("keys", "create", "--project", "another").split()[-1]
    with server.client(other) as client:
        assert client.post(PATH, json=GOOD).status_code == 200
        assert client.get(PATH).status_code == 400


@pytest.mark.parametrize("path", ["/decisions", "/v1beta/decisions", "/v1beta1/projects/p/locations/l/decisions"])
def test_every_spelling_of_the_path_leads_there(server: RunningServer, path: str) -> None:
    """Versions and Vertex parents are seen through; an unknown query item is not."""
    with server.client() as client:
        assert client.post(path, json=GOOD).status_code == 200
        assert client.post(path, json=GOOD, params={"temperature": "1"}).status_code == 400


def test_a_failure_of_one_question_is_the_answer(server: RunningServer) -> None:
    """Half an answer would look like a whole one: the request fails with the failure's own status, and at once."""
    questions = {
        "good": NOUL,
        "slow": NOUL | {"instructions": "Is it?\nwait: 600"},
        "bad": NOUL | {"instructions": "Is it?\nfail: bad_gateway the model broke"},
    }
    started = time.monotonic()
    status, message = refusal(server, GOOD | {"questions": questions})
    assert (status, message) == (502, "the model broke")
    assert time.monotonic() - started < 10


def test_a_client_that_leaves_stops_the_work(own_server: RunningServer) -> None:
    """The SDKs send an abandoned create again: what nobody waits for is not worked on."""
    host, port = own_server.url.removeprefix("http://").split(":")
    body = b'{"model":"scripted","input":"wait: 600","questions":{"q":{"type":"noul","instructions":"?"}}}'
    head = f"POST {PATH} HTTP/1.1\r\nhost: {host}\r\nx-goog-api-key: {own_server.key}\r\ncontent-length: {len(body)}"
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head.encode() + b"\r\n\r\n" + body)
    with own_server.client() as client:
        until(lambda: 'route="/decisions",status="499"' in client.get("/metrics").text)
        assert 'failed_total{failure="cancelled",model="scripted"} 1.0' in client.get("/metrics").text


def test_questions_and_tokens_are_counted(own_server: RunningServer) -> None:
    """The metrics say how many questions were answered, by which entry, and for how many tokens."""
    decide(own_server, input="count: input=10", questions={"a": NOUL, "b": NOUL})
    with own_server.client() as client:
        metrics = client.get("/metrics").text
    assert 'interplay_decisions_total{model="scripted"} 2.0' in metrics
    assert 'interplay_tokens_total{direction="input",model="scripted"} 40.0' in metrics


def test_questions_that_fail_are_counted_and_logged(own_server: RunningServer) -> None:
    """The operator sees them like those that were answered, with the reason and for how many tokens."""
    questions = {"good": NOUL, "bad": NOUL | {"instructions": "Is it?\nfail: bad_gateway the model broke"}}
    assert refusal(own_server, GOOD | {"input": "count: input=10", "questions": questions})[0] == 502
    with own_server.client() as client:
        metrics = client.get("/metrics").text
    assert 'interplay_decisions_failed_total{failure="bad_gateway",model="scripted"} 2.0' in metrics
    assert 'interplay_tokens_total{direction="input",model="scripted"} 20.0' in metrics
    (line,) = own_server.logged("decisions")
    assert (line["questions"], line["failure"]) == (2, "bad_gateway")
