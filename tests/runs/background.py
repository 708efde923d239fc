"""How tests begin, watch and read background runs."""

from typing import Any

from tests.server import SCRIPTED, RunningServer, events, parsed
from tests.waiting import until

ONE_AT_A_TIME = "[server]\nbackground_runs = 1\n" + SCRIPTED

HELD = "say: go\nwait: 60"
"""Keeps a place until it is cancelled."""


def cancel(server: RunningServer, id: str) -> None:
    """End a run early."""
    with server.client() as client:
        assert client.post(f"/v1/interactions/{id}/cancel").json()["status"] == "cancelled"


def begun(server: RunningServer, input: str, **body: Any) -> str:
    """Create a background interaction; its id."""
    id: str = server.create(input=input, background=True, **body)["id"]
    return id


def get(server: RunningServer, id: str) -> Any:
    """The Interaction as of now."""
    with server.client() as client:
        return client.get(f"/v1/interactions/{id}").json()


def log_of(server: RunningServer, id: str, after: str | None = None) -> list[dict[str, Any]]:
    """All its events, or those behind a cursor, once it has ended."""
    cursor = {"last_event_id": after} if after else {}
    with server.client() as client:
        return events(client, "GET", f"/v1/interactions/{id}", params={"stream": "true", **cursor})


def ended(server: RunningServer, id: str) -> Any:
    """The Interaction once it has ended."""
    until(lambda: get(server, id)["status"] not in ("queued", "in_progress"), 30)
    return get(server, id)


def text_of(interaction: Any) -> str:
    """What its model said."""
    return "".join(
        block["text"]
        for step in interaction["steps"]
        if step["type"] == "model_output"
        for block in step.get("content", ())
    )


def said_in(log: list[dict[str, Any]]) -> str:
    """The text in a log, step after step."""
    return "".join(event["delta"].get("text", "") for event in log if event["event_type"] == "step.delta")


def seen_until(server: RunningServer, id: str, word: str) -> list[dict[str, Any]]:
    """The events of a run in progress, up to the one that says this."""
    seen: list[dict[str, Any]] = []
    with (
        server.client() as client,
        client.stream("GET", f"/v1/interactions/{id}", params={"stream": "true"}) as answer,
    ):
        lines = answer.iter_lines()
        while word not in said_in(seen):
            seen += parsed(next(lines))
    return seen
