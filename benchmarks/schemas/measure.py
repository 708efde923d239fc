"""Measures structured output: `python -m benchmarks.schemas.measure [--suite ARCHIVE] [--model GGUF]`.

`ARCHIVE` is the source package of `jsonschema`, which carries the official test suite:
`pip download --no-deps --no-binary jsonschema jsonschema==4.26.0`. Without it that part is left out; without a model
so is the engine's.
"""

import argparse
import asyncio
import json
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

from benchmarks.schemas.engine import BASELINE_TOKENS, Answer, Engine, running
from benchmarks.schemas.suite import conformance
from interplay.errors import Failure
from interplay.schemas import Schema, compile  # noqa: A004 - its verb
from interplay.schemas.schema import compiled

SCHEMAS: Final = Path(__file__).with_name("schemas.json")
REPEATS: Final = 200
SAMPLE: Final = 10
"""Every so manieth schema's time per token is compared with that of a free answer to the same question."""

Case = tuple[str, str, Schema]


def by_grammar(schema: Schema) -> dict[str, Any]:
    """Steering by our own grammar."""
    return {"grammar": schema.grammar}


def by_schema(schema: Schema) -> dict[str, Any]:
    """Steering by the bounded schema, which the engine converts."""
    return {"response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": schema.for_grammar()}}}


def free(_: Schema) -> dict[str, Any]:
    """No steering, and no end before the limit."""
    return {"ignore_eos": True}


STEERING: Final[dict[str, Callable[[Schema], dict[str, Any]]]] = {"grammar": by_grammar, "for_grammar": by_schema}


def main() -> None:
    """Every part that there is input for."""
    arguments = parsed()
    if arguments.suite:
        print_suite(arguments.suite, notes=arguments.notes)
    cases = accepted(json.loads(SCHEMAS.read_text(encoding="utf-8")))
    print_compiling([schema for _, _, schema in cases])
    if arguments.model:
        asyncio.run(print_engine(arguments, cases[:: arguments.every]))


def parsed() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suite", type=Path, help="source package of jsonschema (.tar.gz)")
    parser.add_argument("--model", help="a GGUF model")
    parser.add_argument("--every", type=int, default=1, help="ask for every so manieth schema only")
    parser.add_argument("--by", nargs="*", choices=list(STEERING), default=list(STEERING), help="how to steer")
    parser.add_argument("--notes", action="store_true", help="say what each case that went wrong was")
    return parser.parse_args()


def print_suite(archive: Path, *, notes: bool) -> None:
    """The validator against the official suite."""
    print(f"{'group':28} right wrong beyond refused share")
    for name, tally in conformance(archive).items():
        right, wrong, beyond, refused, share = tally.row()
        print(f"{name:28} {right:>5} {wrong:>5} {beyond:>6} {refused:>7} {share:>8}")
        for note in tally.notes if notes else ():
            print(f"    {note}")


def accepted(rows: list[dict[str, Any]]) -> list[Case]:
    """The schemas that compile."""
    cases: list[Case] = []
    for row in rows:
        try:
            cases.append((row["name"], row["prompt"], compile(row["schema"], "schema")))
        except Failure as failure:
            print(f"refused: {row['name']}: {failure.message}")
    print(f"\n{len(cases)} of {len(rows)} schemas accepted")
    return cases


def print_compiling(schemas: list[Schema]) -> None:
    """What a schema costs the first time and every further time."""
    raws = [row["schema"] for row in json.loads(SCHEMAS.read_text(encoding="utf-8"))]
    compiled.cache_clear()
    first = [milliseconds(partial(compile, raw, "schema")) for raw in raws]
    grammars = [milliseconds(partial(getattr, schema, "grammar")) for schema in schemas]
    largest = max(raws, key=lambda raw: len(json.dumps(raw)))
    again = [milliseconds(partial(compile, largest, "schema")) for _ in range(REPEATS)][1:]
    print(f"compile, ms: median {statistics.median(first):.2f}, most {max(first):.2f}")
    print(f"grammar, ms: median {statistics.median(grammars):.2f}, most {max(grammars):.2f}")
    print(f"compile again, largest schema, ms: median {statistics.median(again):.4f}, most {max(again):.4f}")


def milliseconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


async def print_engine(arguments: argparse.Namespace, cases: list[Case]) -> None:
    """Our grammar, and the engine's own converter given `for_grammar`, over the same questions."""
    async with running(arguments.model) as engine:
        for title in arguments.by:
            answers = await asyncio.gather(*(asked(engine, case, STEERING[title]) for case in cases))
            print_answers(title, list(zip(cases, answers, strict=True)), notes=arguments.notes)
        await print_cost(engine, cases[::SAMPLE])


async def asked(engine: Engine, case: Case, steering: Callable[[Schema], dict[str, Any]]) -> Answer:
    """One answer."""
    return await engine.ask(case[1], **steering(case[2]))


def print_answers(title: str, answers: list[tuple[Case, Answer]], *, notes: bool) -> None:
    """How many were taken, ended by themselves and are valid."""
    taken = [(case, answer) for case, answer in answers if answer.refused is None]
    whole = [(case, answer) for case, answer in taken if answer.whole]
    wrong = [(case[0], said, answer) for case, answer in whole if (said := case[2].validate(answer.text)) is not None]
    print(f"\n{title}: {len(taken)} of {len(answers)} taken by the engine, {len(whole)} whole, {len(wrong)} invalid")
    if notes:
        for case, answer in answers:
            if answer.refused:
                print(f"    not taken: {case[0]}: {answer.refused[:200]}")
            elif not answer.whole:
                print(f"    cut: {case[0]}: {answer.text[:100]!r}")
        for name, said, answer in wrong:
            print(f"    invalid: {name}: {said} {answer.text[:200]!r}")


async def print_cost(engine: Engine, cases: list[Case]) -> None:
    """Time per token with our grammar, with a schema, and with neither, turn by turn."""
    kinds = {"free": free, **STEERING}
    spent: dict[str, list[float]] = {name: [] for name in kinds}
    for _, prompt, schema in cases:
        for name, steering in kinds.items():
            answer = await engine.ask(prompt, BASELINE_TOKENS, **steering(schema))
            if answer.tokens >= BASELINE_TOKENS // 4:
                spent[name].append(answer.milliseconds)
    for name, values in spent.items():
        print(f"ms per token, {name}: median {statistics.median(values):.2f} over {len(values)} answers")


if __name__ == "__main__":
    main()
