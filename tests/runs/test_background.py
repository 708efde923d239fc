"""Background runs: they outlive their client, the order in which they are done, and the server."""

import threading
from pathlib import Path
from typing import Any

import pytest

from tests.server import RunningServer, parsed
from tests.waiting import until

from .background import HELD, ONE_AT_A_TIME, begun, cancel, ended, get, log_of, said_in, seen_until, text_of


def test_a_killed_server_goes_on_in_the_middle_of_the_text(own_server: RunningServer) -> None:
    """After kill -9 and a restart, the answer goes on behind its last word: nothing is taken back, nothing said twice.

    Tokens are counted as if nothing had happened, and a reader goes on behind the last event that it saw.
    """
    input = "say: one two three\nwait: 0.4\nsay: four five six\nwait: 0.4\nsay: seven"
    whole = own_server.create(input=input)
    id = begun(own_server, input)
    seen = seen_until(own_server, id, "three")
    own_server.kill()
    own_server.start()
    end = ended(own_server, id)
    assert (end["status"], text_of(end)) == ("completed", text_of(whole))
    assert end["usage"] == whole["usage"]
    log = log_of(own_server, id)
    assert log[: len(seen)] == seen
    assert log_of(own_server, id, seen[-1]["event_id"]) == log[len(seen) :]
    assert said_in(log) == text_of(whole)
    assert [event["event_type"] for event in log].count("step.start") == 1


def test_what_cannot_be_gone_on_with_is_asked_for_again(own_server: RunningServer) -> None:
    """JSON is: the step that was cut is closed, stays in the log and is no part of the Interaction."""
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
    format = {"type": "text", "mime_type": "application/json", "schema": schema}
    id = begun(own_server, 'say: {"a":\nwait: 2\nsay: 1}', response_format=format)
    seen = seen_until(own_server, id, '"a"')
    own_server.kill()
    own_server.start()
    end = ended(own_server, id)
    assert end["status"] == "completed"
    assert len(end["steps"]) == 1
    assert "".join(text_of(end).split()) == '{"a":1}'
    log = log_of(own_server, id)
    assert log[: len(seen)] == seen
    kinds = [event["event_type"] for event in log if event["event_type"] != "step.delta"]
    assert kinds == [
        "interaction.created",
        "interaction.status_update",
        "step.start",
        "interaction.status_update",
        "step.stop",
        "step.start",
        "step.stop",
        "interaction.completed",
    ]
    assert [event["index"] for event in log if event["event_type"] == "step.start"] == [0, 1]


def test_calls_that_were_shown_are_not_asked_for_again(own_server: RunningServer) -> None:
    """A client may have run them: the interaction ends with what was shown."""
    tools = [{"type": "function", "name": "f", "parameters": {"type": "object"}}]
    id = begun(own_server, "call: f {}\nwait: 5\nsay: x", tools=tools)
    until(lambda: any(event["event_type"] == "step.stop" for event in _first_events(own_server, id, 5)))
    own_server.kill()
    own_server.start()
    end = ended(own_server, id)
    assert end["status"] == "requires_action"
    assert [step["type"] for step in end["steps"]] == ["function_call"]


def _first_events(server: RunningServer, id: str, count: int) -> list[dict[str, Any]]:
    seen: list[dict[str, Any]] = []
    with (
        server.client() as client,
        client.stream("GET", f"/v1/interactions/{id}", params={"stream": "true"}) as answer,
    ):
        lines = answer.iter_lines()
        while len(seen) < count:
            seen += parsed(next(lines))
    return seen


def test_a_conversation_goes_on_behind_a_run_that_was_cut(own_server: RunningServer) -> None:
    """Its model sees what was said before the crash and after it, once."""
    id = begun(own_server, "say: before\nwait: 0.4\nsay: after")
    seen_until(own_server, id, "before")
    own_server.kill()
    own_server.start()
    ended(own_server, id)
    again = own_server.create(input="history:", previous_interaction_id=id)
    assert "assistant: before" in text_of(again)
    assert text_of(again).count("before") == 2  # once in the script, once said


def test_a_run_that_survives_many_kills_ends_once(own_server: RunningServer) -> None:
    """However often its server dies, the text is whole and every event is there once."""
    words = "\n".join(f"say: word{number}\nwait: 0.15" for number in range(12))
    id = begun(own_server, words)
    for number in (1, 3, 5, 7):
        seen_until(own_server, id, f"word{number}")
        own_server.kill()
        own_server.start()
    end = ended(own_server, id)
    assert text_of(end).split() == [f"word{number}" for number in range(12)]
    log = log_of(own_server, id)
    assert [event["event_id"] for event in log] == [f"{id}.{number}" for number in range(1, len(log) + 1)]
    assert [event["event_type"] for event in log].count("interaction.completed") == 1


def test_a_stop_hands_over_what_runs_in_the_background(own_server: RunningServer) -> None:
    """SIGTERM does not wait for it; the next start goes on with it."""
    id = begun(own_server, "say: before\nwait: 1\nsay: after")
    seen_until(own_server, id, "before")
    assert own_server.stop() == 0
    own_server.start()
    end = ended(own_server, id)
    assert (end["status"], text_of(end).split()) == ("completed", ["before", "after"])


def test_what_waits_is_queued_and_done_in_turn(tmp_path: Path) -> None:
    """Beyond the limit the answer is `queued`; followers see it begin; tiers go before one another."""
    with RunningServer(tmp_path, ONE_AT_A_TIME) as server:
        first = begun(server, HELD)
        seen_until(server, first, "go")
        tiers = ["flex", "standard", "priority"]
        waiting = [server.create(input="say: done", background=True, service_tier=tier) for tier in tiers]
        assert [each["status"] for each in waiting] == ["queued"] * 3
        assert [each["service_tier"] for each in waiting] == tiers
        assert get(server, waiting[0]["id"])["status"] == "queued"
        logs: dict[str, list[dict[str, Any]]] = {}

        def follow(id: str) -> None:
            logs[id] = log_of(server, id)

        followers = [threading.Thread(target=follow, args=(each["id"],)) for each in waiting]
        for follower in followers:
            follower.start()
        cancel(server, first)
        for follower in followers:
            follower.join()
        assert [each["tier"] for each in _order(server, waiting)] == ["priority", "standard", "flex"]
        for log in logs.values():
            assert log[0]["interaction"]["status"] == "queued"
            assert log[1] == {**log[1], "event_type": "interaction.status_update", "status": "in_progress"}
            assert log[-1]["interaction"]["status"] == "completed"


def _order(server: RunningServer, waiting: list[Any]) -> list[dict[str, str]]:
    log = server.log()
    ends = [(log.rindex(each["id"]), each["service_tier"]) for each in waiting]
    return [{"tier": tier} for _, tier in sorted(ends)]


@pytest.mark.parametrize("how", ["cancel", "delete"])
def test_what_waits_can_be_ended(tmp_path: Path, how: str) -> None:
    """Cancelling or deleting it before its turn: it is never run, and its log has an end."""
    with RunningServer(tmp_path, ONE_AT_A_TIME) as server, server.client() as client:
        first = begun(server, HELD)
        waiting = begun(server, "say: never")
        if how == "delete":
            assert client.delete(f"/v1/interactions/{waiting}").json() == {}
            assert client.get(f"/v1/interactions/{waiting}").status_code == 404
        else:
            assert client.post(f"/v1/interactions/{waiting}/cancel").json()["status"] == "cancelled"
            assert [event["event_type"] for event in log_of(server, waiting)] == [
                "interaction.created",
                "interaction.completed",
            ]
        cancel(server, first)
        assert text_of(ended(server, begun(server, "say: next"))) == "next"
        assert how == "delete" or get(server, waiting)["steps"] == []


def test_what_waited_survives_a_crash(tmp_path: Path) -> None:
    """Work that had not begun is done after a restart, in order."""
    with RunningServer(tmp_path, ONE_AT_A_TIME) as server:
        ids = [begun(server, f"wait: 0.3\nsay: number {number}") for number in range(4)]
        server.kill()
        server.start()
        ends = [ended(server, id) for id in ids]
        assert [text_of(each) for each in ends] == [f"number {number}" for number in range(4)]


def test_what_can_be_done_no_more_fails_visibly(own_server: RunningServer) -> None:
    """A run whose conversation was deleted while its server was down ends as failed, with the reason."""
    earlier = own_server.create(input="say: hello")["id"]
    id = begun(own_server, "say: before\nwait: 1\nsay: after", previous_interaction_id=earlier)
    seen_until(own_server, id, "before")
    with own_server.client() as client:
        client.delete(f"/v1/interactions/{earlier}")
    own_server.kill()
    own_server.start()
    end = ended(own_server, id)
    assert (end["status"], end["errors"][0]["code"]) == ("failed", "not_found")
    assert text_of(end).split() == ["before"]
