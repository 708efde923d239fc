"""Answers in several hops: where the operator limits what one request decodes, the SDKs go on by themselves."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sdk.client import text_of
from tests.sdk.conftest import Connect
from tests.sdk.python import SyncClient
from tests.server import SCRIPTED, RunningServer

SCRIPT = "say: one two three four five six seven"
WHOLE = "one two three four five six seven"
LIMIT = "\n[server]\ndecode_limit_tokens = 3\n"


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that decodes three tokens a request."""
    with RunningServer(tmp_path_factory.mktemp("limited"), SCRIPTED + LIMIT) as running:
        yield running


@pytest.fixture(autouse=True)
def at_limited(limited: RunningServer, environment: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    """The SDKs' variables point there."""
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", limited.url)
    monkeypatch.setenv("GEMINI_API_KEY", limited.key)


@pytest.mark.parametrize("store", [True, False])
def test_sdk_joins_the_hops(connect: Connect, store: bool) -> None:
    """A long answer arrives whole, with or without state, as several interactions that the SDK has joined."""
    answer = connect().create(model="scripted", input=SCRIPT, store=store)
    assert (answer["status"], answer["output_text"]) == ("completed", WHOLE)
    assert len(answer["continuation_ids"]) == 3
    assert answer["usage"]["total_output_tokens"] == 7


def test_sdk_joins_the_streams(connect: Connect) -> None:
    """So does a stream: one after the other, each with its end."""
    events = list(connect().stream(model="scripted", input=SCRIPT))
    assert text_of(events) == WHOLE
    ends = [event["interaction"]["status"] for event in events if event["event_type"] == "interaction.completed"]
    assert ends == ["requires_continuation", "requires_continuation", "completed"]


def test_limit_of_the_client_counts_over_all_hops(connect: Connect) -> None:
    """`max_output_tokens` is for the whole answer: it ends as incomplete when they are used up."""
    answer = connect().create(model="scripted", input=SCRIPT, generation_config={"max_output_tokens": 5})
    assert (answer["status"], answer["output_text"]) == ("incomplete", "one two three four five")


@pytest.mark.parametrize("most", [3, 6])
def test_limit_of_the_client_that_ends_with_a_hop_ends_the_answer(limited: RunningServer, most: int) -> None:
    """There is nothing left to ask for, so no token is given that could only be used for an answer without a word."""
    body: dict[str, Any] = {"generation_config": {"max_output_tokens": most}}
    answer = limited.create(input=SCRIPT, **body)
    if most > 3:
        token = answer["continuation_token"]
        answer = limited.create(continuation_token=token, previous_interaction_id=answer["id"], **body)
    assert (answer["status"], "continuation_token" in answer) == ("incomplete", False)


def test_conversation_goes_on_from_a_joined_answer(connect: Connect) -> None:
    """The next turn sees the whole answer as one."""
    client = connect()
    first = client.create(model="scripted", input=SCRIPT)
    second = client.create(
        model="scripted", input="history:", previous_interaction_id=first["id"], generation_config=None
    )
    assert second["output_text"] == f"user: {SCRIPT}\nassistant: {WHOLE}\nuser: history:"


def test_joined_answer_without_state_goes_on_from_a_conversation() -> None:
    """An answer that is not stored may go on from one that is; its later hops know the conversation."""
    client = SyncClient()
    first = client.create(model="scripted", input="say: hi")
    script = "recall: 1\nsay: one two three four"
    second = client.create(model="scripted", input=script, previous_interaction_id=first["id"], store=False)
    assert second["output_text"] == "say: hi\none two three four"
    client.close()


@pytest.mark.parametrize(
    "whole",
    [
        {"background": True},
        {"response_format": {"type": "text", "mime_type": "application/json"}, "input": "say: [1, 2, 3, 4, 5]"},
        {"tools": [{"type": "function", "name": "f"}]},
    ],
)
def test_what_must_stay_whole_is_not_broken_off(limited: RunningServer, whole: dict[str, Any]) -> None:
    """Background runs, JSON and answers that may call functions are decoded in one go."""
    answer = limited.create(**({"input": SCRIPT} | whole))
    with limited.client() as client:
        while answer["status"] == "in_progress":
            answer = client.get(f"/v1beta/interactions/{answer['id']}").json()
    assert answer["status"] == "completed"


def test_wrong_tokens_are_refused(limited: RunningServer) -> None:
    """A token fits its interaction, its model, its project and its input only; the refusal names the field."""
    stored = limited.create(input=SCRIPT)
    unstored = limited.create(input=SCRIPT, store=False)
    assert (stored["status"], unstored["status"]) == ("requires_continuation", "requires_continuation")
    token, other = stored["continuation_token"], unstored["continuation_token"]
    cases: list[tuple[dict[str, Any], str]] = [
        ({"continuation_token": "nonsense"}, "continuation_token"),
        ({"continuation_token": token}, "previous_interaction_id"),
        ({"continuation_token": token, "previous_interaction_id": stored["id"], "model": "other"}, "'model'"),
        ({"continuation_token": token, "previous_interaction_id": limited.create(input="x")["id"]}, "previous_inter"),
        ({"continuation_token": token, "previous_interaction_id": stored["id"], "input": "x"}, "'input'"),
        ({"continuation_token": other, "input": SCRIPT}, "'store'"),
        ({"continuation_token": other, "input": "say: two", "store": False}, "'input'"),
        ({"continuation_token": other, "input": SCRIPT, "store": False, "previous_interaction_id": stored["id"]},
         "'previous_interaction_id'"),
        ({"continuation_token": token, "previous_interaction_id": stored["id"], "store": False}, "'store'"),
        ({"continuation_token": token, "previous_interaction_id": stored["id"],
          "generation_config": {"max_output_tokens": 1}}, "max_output_tokens"),
        ({"continuation_token": token, "previous_interaction_id": stored["id"],
          "tools": [{"type": "function", "name": "f"}]}, "'tools'"),
    ]  # fmt: skip
    with limited.client() as client:
        for body, named in cases:
            refused = client.post("/v1beta/interactions", json={"model": "scripted"} | body)
            assert refused.status_code == 400, body
            assert named in refused.json()["error"]["message"]


def test_hop_in_the_background_goes_on_to_the_end(limited: RunningServer) -> None:
    """What goes on in the background is not broken off again."""
    first = limited.create(input=SCRIPT)
    answer = limited.create(
        continuation_token=first["continuation_token"], previous_interaction_id=first["id"], background=True
    )
    with limited.client() as client:
        while answer["status"] == "in_progress":
            answer = client.get(f"/v1beta/interactions/{answer['id']}").json()
    assert (answer["status"], answer["steps"][0]["content"][0]["text"]) == ("completed", " four five six seven")


def test_hop_without_input_can_be_read_with_it(limited: RunningServer) -> None:
    """A hop has no input of its own; asking for it gives the interaction without."""
    first = limited.create(input=SCRIPT)
    second = limited.create(continuation_token=first["continuation_token"], previous_interaction_id=first["id"])
    with limited.client() as client:
        read = client.get(f"/v1beta/interactions/{second['id']}?include_input=true").json()
    assert read == second


def test_answer_that_never_began_is_not_gone_on_with(limited: RunningServer) -> None:
    """A limit met while the model only thought ends the answer: the next hop would think the same, for ever."""
    answer = limited.create(input="think: a b c d e\nsay: at last")
    assert (answer["status"], "continuation_token" in answer) == ("incomplete", False)


def test_hop_that_says_nothing_ends_the_answer(limited: RunningServer) -> None:
    """A model that used up a hop in the middle without a word would use up the next ones, and be asked for ever."""
    first = limited.create(input="say: one two three\ncount: output=3\nstop: length")
    assert first["status"] == "requires_continuation"
    more = limited.create(continuation_token=first["continuation_token"], previous_interaction_id=first["id"])
    assert (more["status"], "continuation_token" in more) == ("incomplete", False)


def test_thoughts_count_against_the_limit(limited: RunningServer) -> None:
    """An answer that was cut after some thoughts goes on behind its first word."""
    answer = limited.create(input="think: a b\nsay: one two three")
    assert answer["status"] == "requires_continuation"
    more = limited.create(continuation_token=answer["continuation_token"], previous_interaction_id=answer["id"])
    assert (more["status"], more["steps"][-1]["content"][0]["text"]) == ("completed", " two three")


def test_token_can_be_sent_again(limited: RunningServer) -> None:
    """A hop whose answer was lost is asked for once more with the same token; each has an id of its own."""
    first = limited.create(input=SCRIPT)
    body = {"continuation_token": first["continuation_token"], "previous_interaction_id": first["id"]}
    second, again = limited.create(**body), limited.create(**body)
    assert second["steps"] == again["steps"]
    assert second["steps"][0]["content"][0]["text"].split() == ["four", "five", "six"]
    assert len({first["id"], second["id"], again["id"]}) == 3
    assert second["continuation_token"] != first["continuation_token"]


def test_token_of_another_project_is_refused(limited: RunningServer) -> None:
    """Another project's token opens nothing."""
    first = limited.create(input=SCRIPT, store=False)
    made = limited.command("keys", "create", "--project", "other").split()
    key = next(word for word in made if word.startswith("interplay-"))
    body = {"model": "scripted", "input": SCRIPT, "store": False, "continuation_token": first["continuation_token"]}
    with limited.client(key) as client:
        refused = client.post("/v1beta/interactions", json=body)
    assert refused.status_code == 400
    assert "was not issued" in refused.json()["error"]["message"]
