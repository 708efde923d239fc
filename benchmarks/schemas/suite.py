"""The official JSON-Schema-Test-Suite, read out of the source package of `jsonschema`, which carries it."""

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from interplay.errors import Failure
from interplay.schemas import compile  # noqa: A004 - its verb

DRAFT: Final = "json/tests/draft2020-12/"
GROUPS: Final = (
    *("type", "enum", "const", "boolean_schema", "properties", "required", "additionalProperties"),
    *("items", "prefixItems", "minItems", "maxItems", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    *("anyOf", "oneOf", "allOf", "ref", "defs", "anchor", "optional/anchor", "infinite-loop-detection"),
    *("optional/format/date", "optional/format/time", "optional/format/date-time"),
)
"""What the API's subset is about, and the extras that we enforce."""

BEYOND: Final = frozenset({"oneOf", "multipleOf", "minLength", "patternProperties", "unevaluatedProperties"})
"""What the API ignores, or reads as something else; a case of the suite may need it."""


class Tally:
    """One group's cases: how many came out right, and where the others went."""

    def __init__(self) -> None:
        self.right = self.wrong = self.refused = self.beyond = 0
        self.notes: list[str] = []

    def row(self) -> tuple[str, ...]:
        """As a table shows it."""
        answered = self.right + self.wrong + self.beyond
        share = f"{100 * self.right / answered:.1f} %" if answered else "-"
        return (str(self.right), str(self.wrong), str(self.beyond), str(self.refused), share)


def conformance(archive: Path) -> dict[str, Tally]:
    """Every group's tally."""
    return {name: tally(cases) for name, cases in groups(archive)}


def groups(archive: Path) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The groups' names and cases."""
    with tarfile.open(archive) as package:
        members = {name.partition("/")[2]: name for name in package.getnames()}
        for group in GROUPS:
            file = package.extractfile(members[f"{DRAFT}{group}.json"])
            if file is not None:
                yield group, json.load(file)


def tally(cases: list[dict[str, Any]]) -> Tally:
    """How the cases of a group come out. A schema that is refused is neither right nor wrong."""
    counted = Tally()
    for case in cases:
        try:
            schema = compile(case["schema"], "schema")
        except Failure as failure:
            counted.refused += len(case["tests"])
            counted.notes.append(f"refused: {case['description']}: {failure.message}")
            continue
        for test in case["tests"]:
            if (schema.validate_value(test["data"]) is None) == test["valid"]:
                counted.right += 1
                continue
            by_design = bool(BEYOND & words(case["schema"]))
            counted.beyond += by_design
            counted.wrong += not by_design
            counted.notes.append(f"{'beyond' if by_design else 'wrong'}: {case['description']}: {test['description']}")
    return counted


def words(value: Any) -> set[str]:
    """All names in a schema."""
    match value:
        case dict():
            return {*value, *(word for inner in value.values() for word in words(inner))}
        case list():
            return {word for inner in value for word in words(inner)}
        case _:
            return set()
