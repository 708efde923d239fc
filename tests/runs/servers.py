"""Servers over one Postgres, and what tests ask of them."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2

from tests.server import SCRIPTED, RunningServer, parsed
from tests.waiting import until


def sharing(folder: Path, address: str) -> RunningServer:
    """A server, not started yet, with a folder of its own."""
    folder.mkdir()
    return RunningServer(folder, SCRIPTED, "--database", address)


def stream(client: httpx2.Client, input: str = "say: half of\nwait: 60\nsay: an answer") -> "Stream":
    """A stream that a create has begun, to be read line by line."""
    return Stream(client, {"model": "scripted", "input": input, "stream": True})


class Stream:
    """The lines of a stream; it may break off."""

    def __init__(self, client: httpx2.Client, request: dict[str, Any]) -> None:
        self._answer = client.stream("POST", "/v1/interactions", json=request)

    def __enter__(self) -> Iterator[str]:
        return self._answer.__enter__().iter_lines()

    def __exit__(self, *_: object) -> None:
        with suppress(httpx2.HTTPError):
            self._answer.__exit__(None, None, None)


def until_said(lines: Iterator[str]) -> list[dict[str, Any]]:
    """The events of a stream up to the first that says something."""
    seen: list[dict[str, Any]] = []
    while not any(event["event_type"] == "step.delta" for event in seen):
        seen += parsed(next(lines))
    return seen


def ended_on(server: RunningServer, id: str, seconds: float = 15) -> Any:
    """What GET shows of an interaction once it has ended."""
    kept: dict[str, Any] = {}

    def has_ended() -> bool:
        with server.client() as client:
            kept.update(client.get(f"/v1/interactions/{id}").json())
        return bool(kept["status"] != "in_progress")

    until(has_ended, seconds)
    return kept
