"""Measures what schemas and functions add to a request: `python -m benchmarks.schemas.served`.

One server with the scripted model; each kind of request alternates with a plain one, so that the machine's mood is the
same for both. Milliseconds until the whole answer, medians.
"""

import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import httpx2

from benchmarks.server import serving_scripted

ROUNDS: Final = 200
PLAIN: Final[dict[str, Any]] = {"model": "scripted", "input": 'say: {"name": "Ada"}', "store": False}


def main() -> None:
    """Every kind of request against the plain one."""
    with (
        tempfile.TemporaryDirectory(prefix="interplay-benchmarks-") as folder,
        serving_scripted(Path(folder)) as server,
        server.client(60) as client,
    ):
        print(f"{'':42} plain ms    with ms   added ms")
        for name, bodies in kinds():
            show(name, *compared(client, bodies))


def kinds() -> Iterator[tuple[str, Callable[[int], dict[str, Any]]]]:
    """What is measured: from the number of a round to its request."""
    yield "one schema of 50 properties, again and again", lambda _: PLAIN | {"response_format": schema(0)}
    yield "a new schema of 50 properties every time", lambda number: PLAIN | {"response_format": schema(number + 1)}
    yield "20 functions, again and again", lambda _: PLAIN | {"tools": functions(0)}
    yield "20 new functions every time", lambda number: PLAIN | {"tools": functions(number + 1)}


def schema(number: int) -> dict[str, Any]:
    """An object with fifty properties, which the scripted answer meets."""
    optional = {f"field_{number}_{index}": {"type": "string", "description": "A field."} for index in range(49)}
    return {"type": "object", "properties": {"name": {"type": "string"}, **optional}, "required": ["name"]}


def functions(number: int) -> list[dict[str, Any]]:
    """Twenty functions of five parameters."""
    names = [f"function_{number}_{index}" for index in range(20)]
    properties = {f"p{index}": {"type": "string", "enum": ["a", "b"]} for index in range(5)}
    return [
        {"type": "function", "name": name, "parameters": {"type": "object", "properties": {name: {}, **properties}}}
        for name in names
    ]


def compared(client: httpx2.Client, bodies: Callable[[int], dict[str, Any]]) -> tuple[float, float]:
    """The median times of the plain request and of the other."""
    plain, other = [], []
    for number in range(ROUNDS):
        plain.append(timed(client, PLAIN))
        other.append(timed(client, bodies(number)))
    return statistics.median(plain), statistics.median(other)


def timed(client: httpx2.Client, body: dict[str, Any]) -> float:
    """Milliseconds until the answer is there."""
    content = json.dumps(body)
    began = time.perf_counter()
    answer = client.post("/v1beta/interactions", content=content)
    took = (time.perf_counter() - began) * 1000
    if answer.status_code != 200 or answer.json()["status"] != "completed":
        raise RuntimeError(answer.text)
    return took


def show(name: str, plain: float, other: float) -> None:
    """One line of the table."""
    print(f"{name:42} {plain:8.2f} {other:10.2f} {other - plain:10.2f}", flush=True)


if __name__ == "__main__":
    main()
