from collections.abc import Callable

import pytest

from tests.sdk.client import Client, read_until, text_of
from tests.sdk.javascript import JavaScriptClient
from tests.server import RunningServer, parsed
from tests.waiting import until

SCRIPT = "think: let me see\nsay: one two three"


def test_a_stream_has_the_contracts_order(client: Client) -> None:
    """Created, status, then each step's start, deltas and stop, and `interaction.completed` last."""
    events = list(client.stream(model="scripted", input=SCRIPT))
    assert [event["event_type"] for event in events] == [
        "interaction.created",
        "interaction.status_update",
        *("step.start", "step.delta", "step.stop"),
        *("step.start", "step.delta", "step.delta", "step.delta", "step.stop"),
        "interaction.completed",
    ]
    assert [event["index"] for event in events if "index" in event] == [0, 0, 0, 1, 1, 1, 1, 1]


def test_every_event_has_a_cursor_of_its_own(client: Client) -> None:
    """Each event carries an `event_id`, and no two are the same."""
    ids = [event["event_id"] for event in client.stream(model="scripted", input=SCRIPT)]
    assert all(ids)
    assert len(set(ids)) == len(ids)


def test_the_deltas_are_the_answer(client: Client) -> None:
    """The text deltas, joined, are the `output_text` that the interaction has afterwards."""
    events = list(client.stream(model="scripted", input=SCRIPT))
    stored = client.get(events[0]["interaction"]["id"])
    assert text_of(events) == stored["output_text"] == "one two three"


def test_the_last_event_tells_status_and_usage_but_no_steps(client: Client) -> None:
    """`interaction.completed` has the final status and the counts; the steps were in the deltas."""
    last = list(client.stream(model="scripted", input=SCRIPT))[-1]["interaction"]
    assert (last["status"], last["usage"]["total_output_tokens"]) == ("completed", 3)
    assert last.get("steps") is None


def test_the_signature_is_the_last_delta_of_a_thought(client: Client) -> None:
    """Summaries come first, in blocks; the signature ends the thought."""
    config = {"thinking_summaries": "auto"}
    events = list(client.stream(model="scripted", input=SCRIPT, generation_config=config))
    thought = [event["delta"] for event in events if event["event_type"] == "step.delta" and event["index"] == 0]
    assert [delta["type"] for delta in thought] == ["thought_summary", "thought_signature"]


def test_a_failure_amid_the_stream_is_delivered(client: Client) -> None:
    """An `error` event with its code comes to the reader; then the stream ends, and the interaction has failed."""
    events = list(client.stream(model="scripted", input="say: half an\nfail: bad_gateway the model broke"))
    *_, stop, error, completed = events
    assert stop["event_type"] == "step.stop"
    assert error["error"] == {"code": "bad_gateway", "message": "the model broke"}
    assert completed["interaction"]["status"] == "failed"
    stored = client.get(completed["interaction"]["id"])
    assert (stored["status"], stored["output_text"]) == ("failed", "half an")
    assert stored["errors"] == [{"code": "bad_gateway", "message": "the model broke"}]


def test_a_stream_cut_off_by_the_limit_is_incomplete(client: Client) -> None:
    """The last event says `incomplete`."""
    config = {"max_output_tokens": 2}
    events = list(client.stream(model="scripted", input="say: a b c", generation_config=config))
    assert (text_of(events), events[-1]["interaction"]["status"]) == ("a b", "incomplete")


def test_leaving_a_stream_cancels_its_run(client: Client) -> None:
    """A reader that stops reading ends the run: the server does not go on for nobody."""
    events = client.stream(model="scripted", input="say: begun\nwait: 600\nsay: never")
    interaction_id = read_until(events, "step.delta")[0]["interaction"]["id"]
    events.leave()
    until(lambda: client.get(interaction_id)["status"] == "cancelled")
    assert client.get(interaction_id)["output_text"] == "begun"


def test_aborting_a_javascript_stream_cancels_its_run(javascript: JavaScriptClient) -> None:
    """An AbortSignal handed to the SDK reaches the run."""
    events = javascript.stream(model="scripted", input="say: begun\nwait: 600\nsay: never")
    interaction_id = read_until(events, "step.delta")[0]["interaction"]["id"]
    events.abort()
    until(lambda: javascript.get(interaction_id)["status"] == "cancelled")


def test_a_pause_sends_comments_that_the_sdks_do_not_see(
    tmp_path_factory: pytest.TempPathFactory, connect: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The heartbeats of a silent stream are no events: nothing is delivered for them."""
    settings = '[server]\nheartbeat_seconds = 0.02\n[[models]]\nmatch = "scripted"\nbackend = "scripted"\n'
    with RunningServer(tmp_path_factory.mktemp("heartbeat"), settings) as server:
        monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", server.url)
        monkeypatch.setenv("GEMINI_API_KEY", server.key)
        body = {"model": "scripted", "input": "say: a\nwait: 0.5\nsay: b"}
        with server.client() as http:
            text = http.post("/v1/interactions", json=body | {"stream": True}).text
        assert text.count(": ping\n\n") > 1
        seen = [event["event_type"] for event in connect().stream(**body)]
    assert seen == [event["event_type"] for event in parsed(text)]
