"""The public cases of the Berkeley function-calling leaderboard, out of its package (Apache-2.0), as our own cases.

`pip download --no-deps bfcl-eval==2026.3.23` brings the package; nothing of it is installed or run. Its categories
`simple` (one call), `parallel` (several of one function) and `irrelevance` (none) are read, English all of them.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from zipfile import ZipFile

import msgspec

from benchmarks.functions.cases import Case, Declared, Expected

CATEGORIES: Final = ("simple_python", "parallel", "irrelevance")
TYPES: Final = {"dict": "object", "float": "number", "tuple": "array"}
"""Python's words where JSON Schema has others."""


def read(package: Path) -> list[Case]:
    """All cases."""
    with ZipFile(package) as archive:
        return [case for category in CATEGORIES for case in of_category(archive, category)]


def of_category(archive: ZipFile, category: str) -> Iterator[Case]:
    """The cases of one category; those of `irrelevance` have no right calls."""
    name = f"BFCL_v4_{category}.json"
    right = {}
    if f"bfcl_eval/data/possible_answer/{name}" in archive.namelist():
        right = {answer["id"]: answer["ground_truth"] for answer in lines(archive, f"possible_answer/{name}")}
    for question in lines(archive, name):
        yield case(question, right.get(question["id"], []))


def lines(archive: ZipFile, name: str) -> Iterator[dict[str, Any]]:
    """The objects of a file, one a line."""
    for line in archive.read(f"bfcl_eval/data/{name}").splitlines():
        yield json.loads(line)


def case(question: Mapping[str, Any], right: list[dict[str, Any]]) -> Case:
    """A question and its right calls."""
    (turn,) = question["question"]
    return Case(
        id=question["id"],
        language="en",
        functions=[msgspec.convert(schema(function), Declared) for function in question["function"]],
        input="\n".join(message["content"] for message in turn),
        expected=[Expected(name, accepted(arguments)) for call in right for name, arguments in call.items()],
    )


def schema(value: Any) -> Any:
    """The same with JSON Schema's words for types."""
    match value:
        case {"type": "any", **rest}:
            return schema(rest)
        case {"type": str(kind), **rest} if kind in TYPES:
            return schema({"type": TYPES[kind], **rest})
        case dict():
            return {key: schema(inner) for key, inner in value.items()}
        case list():
            return [schema(item) for item in value]
        case _:
            return value


def accepted(arguments: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    """What each parameter may be; an empty string there means that it may be left out."""
    return {name: [None if value == "" else like(value) for value in values] for name, values in arguments.items()}


def like(value: Any) -> Any:
    """Text is compared as the leaderboard does it: without signs and spaces."""
    match value:
        case str():
            return {"like": value}
        case list():
            return [like(item) for item in value]
        case dict():  # an object's properties list what is accepted, too
            return {"of": accepted(value)}
        case _:
            return value
