"""Asks a small local model for answers after gathered schemas: `python -m benchmarks.schemas.answered ARCHIVE...`.

Through a server, over HTTP; every answer that ended by itself is judged by the schema as it was given
(`originals`). Then, of the engine alone, the time per token with each grammar and without, turn by turn. One thread.
"""

import argparse
import asyncio
import json
import random
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import httpx2
import msgspec

from benchmarks.schemas.engine import BASELINE_TOKENS, running
from benchmarks.schemas.gathered import Gathered, gathered
from benchmarks.schemas.offered import print_spread
from benchmarks.schemas.originals import Original
from benchmarks.server import serving_local
from interplay.errors import Failure
from interplay.schemas import Schema, compile  # noqa: A004 - its verb
from interplay.weights.places import models_folder

MODEL: Final = "smollm2-135m-instruct"
FILE: Final = "SmolLM2-135M-Instruct.Q4_1.gguf"
TOKENS: Final = 300


class Outcome(msgspec.Struct, frozen=True):
    """What came of one question."""

    status: str
    text: str = ""
    seconds: float = 0.0


def main() -> None:
    """Answers first, then the time per token."""
    arguments = parsed()
    schemas = [one for one in gathered(arguments.archives)[:: arguments.every] if compiled(one) is not None]
    random.Random(1).shuffle(schemas)  # noqa: S311 - where time is out before all are asked, it is a fair sample
    print(f"{len(schemas)} schemas", flush=True)
    print_answers(schemas, arguments.minutes)
    asyncio.run(print_cost(schemas[:: arguments.timed]))


def parsed() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archives", type=Path, nargs="+", help="archives that sources.json knows")
    parser.add_argument("--every", type=int, default=20, help="ask for every so manieth schema only")
    parser.add_argument("--minutes", type=float, default=15, help="ask no further ones after that")
    parser.add_argument("--timed", type=int, default=4, help="every so manieth of them is timed per token")
    return parser.parse_args()


def compiled(one: Gathered) -> Schema | None:
    """The schema, unless it is refused (`offered` says which are)."""
    try:
        return compile(one.schema, "schema")
    except Failure:
        return None


def print_answers(schemas: Sequence[Gathered], minutes: float) -> None:
    """One answer for each, and how many are whole and valid; those that are not are shown as they come."""
    counted: Counter[str] = Counter()
    until = time.monotonic() + 60 * minutes
    with (
        tempfile.TemporaryDirectory(prefix="interplay-benchmarks-") as folder,
        serving_local(Path(folder), MODEL) as server,
        server.client(600) as client,
    ):
        for one in schemas:
            if time.monotonic() > until:
                break
            outcome = asked(client, one)
            counted[verdict := judged(outcome, one)] += 1
            print(f"{verdict:11} {outcome.seconds:5.1f} s  {one.source}, {one.name}", flush=True)
            if verdict not in {"valid", "incomplete"}:
                print(f"    {outcome.text[:300]!r}", flush=True)
    print(f"answers: {sum(counted.values())}: {dict(counted)}", flush=True)


def asked(client: httpx2.Client, one: Gathered) -> Outcome:
    """One question to the server."""
    body = {
        "model": "small",
        "input": question(one),
        "store": False,
        "generation_config": {"temperature": 0, "max_output_tokens": TOKENS},
        "response_format": {"type": "text", "mime_type": "application/json", "schema": one.schema},
    }
    began = time.perf_counter()
    answer = client.post("/v1beta/interactions", content=json.dumps(body))
    seconds = time.perf_counter() - began
    if answer.status_code != 200 or (said := answer.json())["status"] == "failed":
        return Outcome("failed", answer.text, seconds)
    contents = [part for step in said["steps"] for part in step.get("content", ()) if step["type"] == "model_output"]
    return Outcome(said["status"], "".join(part["text"] for part in contents), seconds)


def question(one: Gathered) -> str:
    """What is asked for."""
    named = one.schema.get("title") or one.name.replace("/", " ") if isinstance(one.schema, dict) else one.name
    return f"Make up an example: {str(named)[:100]}"


def judged(outcome: Outcome, one: Gathered) -> str:
    """The verdict on an answer that ended by itself, else its status."""
    return Original(one.schema).verdict(json.loads(outcome.text)) if outcome.status == "completed" else outcome.status


async def print_cost(schemas: Sequence[Gathered]) -> None:
    """Time per token with each schema's grammar and without, one after the other."""
    spent: dict[str, list[float]] = {"free": [], "grammar": []}
    async with running(str(models_folder() / FILE), threads=1) as engine:
        for one in schemas:
            if (schema := compiled(one)) is None:
                continue
            steered: dict[str, dict[str, Any]] = {"free": {"ignore_eos": True}, "grammar": {"grammar": schema.grammar}}
            answers = {
                name: await engine.ask(question(one), BASELINE_TOKENS, **steering) for name, steering in steered.items()
            }
            if all(answer.tokens >= BASELINE_TOKENS // 4 for answer in answers.values()):
                for name, answer in answers.items():
                    spent[name].append(answer.milliseconds)
    for name, values in spent.items():
        print_spread(f"ms per token, {name}, over {len(values)} answers", values)
    print_spread(
        "ms per token, added", [late - early for early, late in zip(spent["free"], spent["grammar"], strict=True)]
    )


if __name__ == "__main__":
    main()
