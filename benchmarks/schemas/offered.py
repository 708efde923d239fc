"""Offers gathered schemas to a server: `python -m benchmarks.schemas.offered ARCHIVE... [--every N]`.

One request for each, with the scripted model, which answers `{}`: a schema is accepted where the answer is judged by
it, and refused where the request is. How the archives are got: `sources.json`.
"""

import argparse
import gc
import json
import random
import re
import statistics
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import httpx2
import msgspec

from benchmarks.schemas.gathered import Gathered, gathered
from benchmarks.schemas.originals import Original
from benchmarks.schemas.walking import walk
from benchmarks.server import serving_scripted
from interplay.schemas import compile  # noqa: A004 - its verb
from interplay.schemas.rules import Rule
from interplay.schemas.schema import compiled

SHOWN: Final = 3
"""Schemas named for each reason of refusals."""
WALKS: Final = 2
"""Random answers out of each grammar."""
LONGEST: Final = 200_000
"""Characters of a random answer that are still looked at."""


def main() -> None:
    """Offer all, then time and walk those that were accepted."""
    arguments = parsed()
    schemas = gathered(arguments.archives)[:: arguments.every]
    print(f"{len(schemas)} different schemas", flush=True)
    accepted = offered(schemas)
    print_times(accepted)
    print_walks(accepted)


def parsed() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archives", type=Path, nargs="+", help="archives that sources.json knows")
    parser.add_argument("--every", type=int, default=1, help="offer every so manieth schema only")
    return parser.parse_args()


def offered(schemas: Sequence[Gathered]) -> list[Gathered]:
    """The schemas that a server accepts; says which and why not."""
    said: dict[str, list[tuple[Gathered, str | None]]] = {}
    with (
        tempfile.TemporaryDirectory(prefix="interplay-benchmarks-") as folder,
        serving_scripted(Path(folder)) as server,
        server.client(60) as client,
    ):
        for one in schemas:
            said.setdefault(one.source, []).append((one, refusal(client, one.schema)))
    for source, answers in said.items():
        print(f"{source:46} {sum(why is None for _, why in answers):>5} of {len(answers):>5} accepted", flush=True)
    answers = [answer for of_source in said.values() for answer in of_source]
    print_refusals((one, why) for one, why in answers if why is not None)
    return [one for one, why in answers if why is None]


def refusal(client: httpx2.Client, schema: Any) -> str | None:
    """Why a request with this schema is refused; None where it is not."""
    form = {"type": "text", "mime_type": "application/json", "schema": schema}
    body = {"model": "scripted", "input": "say: {}", "store": False, "response_format": form}
    answer = client.post("/v1beta/interactions", content=json.dumps(body))
    if answer.status_code == 200:
        return None
    if answer.status_code != 400:
        raise RuntimeError(answer.text)
    return str(answer.json()["error"]["message"])


def print_refusals(refusals: Iterable[tuple[Gathered, str]]) -> None:
    """The reasons, the most frequent first."""
    grouped: dict[str, list[tuple[Gathered, str]]] = defaultdict(list)
    for one, why in refusals:
        grouped[reason(why)].append((one, why))
    for words, members in sorted(grouped.items(), key=lambda group: -len(group[1])):
        print(f"refused: {len(members)}: {words}")
        for one, why in members[:SHOWN]:
            print(f"    {one.source}, {one.name}: {why[:240]}", flush=True)


def reason(why: str) -> str:
    """A refusal without what is particular to a schema."""
    return re.sub(r"'\$.*?'(?= )|\d+", "...", why.partition("': ")[2].partition(", got")[0])


def print_times(schemas: Sequence[Gathered]) -> None:
    """What a schema costs the first time, and again, in time of the processor: others use it as well."""
    texts = [msgspec.json.encode(one.schema) for one in schemas]
    compiled.cache_clear()
    gc.freeze()  # else looking through all that was gathered would be counted
    times: dict[str, list[float]] = {"compile, new": [], "grammar, new": [], "compile, seen before": []}
    for text in texts:
        began = time.thread_time()
        made = compile(text, "schema")
        after = time.thread_time()
        _ = made.grammar
        ended = time.thread_time()
        compile(text, "schema")
        for name, spent in zip(times, (after - began, ended - after, time.thread_time() - ended), strict=True):
            times[name].append(spent * 1000)
    for name, values in times.items():
        print_spread(f"{name}, ms", values)


def print_spread(name: str, values: Sequence[float]) -> None:
    """Median, 95th percentile and most."""
    late = statistics.quantiles(values, n=20)[-1]
    print(f"{name}: median {statistics.median(values):.2f}, p95 {late:.2f}, most {max(values):.2f}", flush=True)


def print_walks(schemas: Sequence[Gathered]) -> None:
    """Random answers that the grammars let through, judged by the schemas as they were given."""
    counted: Counter[str] = Counter()
    for number, one in enumerate(schemas):
        original, chance = Original(one.schema), random.Random(number)  # noqa: S311 - the same ones every time
        rules = compile(one.schema, "schema").rules
        for _ in range(WALKS):
            verdict = walked(rules, chance, original)
            counted[verdict] += 1
            if verdict == "invalid":
                print(f"    invalid: {one.source}, {one.name}", flush=True)
    print(f"random answers out of the grammars: {dict(counted)}", flush=True)


def walked(rules: dict[str, Rule], chance: random.Random, original: Original) -> str:
    """The verdict on a text that a grammar lets through."""
    try:
        text = walk(rules, rules["root"], chance)
    except RecursionError:  # of the walk, which goes into every rule
        return "too deep"
    return "too long" if len(text) > LONGEST else original.verdict(json.loads(text))


if __name__ == "__main__":
    main()
