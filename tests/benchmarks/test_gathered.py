import io
import json
import tarfile
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from benchmarks.schemas.gathered import Gathered, gathered
from benchmarks.schemas.offered import offered
from benchmarks.schemas.originals import Original

LEAF = {"type": "string"}
PROTOCOL: Any = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$defs": {"Leaf": LEAF, "Tree": {"properties": {"leaf": {"$ref": "#/$defs/Leaf"}}}, "Other": {"type": "null"}},
}


@pytest.fixture
def archives(tmp_path: Path) -> list[Path]:
    """A wheel with two functions that have the same parameters, and a tarball with three definitions."""
    wheel, tarball = tmp_path / "bfcl_eval-1-py3-none-any.whl", tmp_path / "modelcontextprotocol-1.tar.gz"
    function = {"name": "f", "parameters": {"type": "dict", "properties": {"x": {"type": "float"}}}}
    with ZipFile(wheel, "w") as package:
        package.writestr("b/data/BFCL_v4_live_simple.json", json.dumps({"id": "q", "function": [function, function]}))
        package.writestr("b/data/BFCL_v4_simple.json", "{}")
    with tarfile.open(tarball, "w:gz") as package:
        content = json.dumps(PROTOCOL).encode()
        member = tarfile.TarInfo("m/schema/2025-11-25/schema.json")
        member.size = len(content)
        package.addfile(member, io.BytesIO(content))
    return [wheel, tarball]


def test_a_schema_is_taken_as_it_stands_and_once(archives: list[Path]) -> None:
    """With JSON Schema's names of types, and with the definitions that it reaches and no others."""
    found = {one.name: one.schema for one in gathered(archives)}
    assert found.pop("BFCL_v4_live_simple/q/function/0/parameters") == {
        "type": "object",
        "properties": {"x": {"type": "number"}},
    }
    assert found.pop("schema/$defs/Tree") == {
        "$schema": PROTOCOL["$schema"],
        **PROTOCOL["$defs"]["Tree"],
        "$defs": {"Leaf": LEAF},
    }
    assert set(found) == {"schema/$defs/Leaf", "schema/$defs/Other"}


def test_an_archive_that_is_not_listed_is_refused_by_name(tmp_path: Path) -> None:
    """Nobody would know where in it schemas stand."""
    with pytest.raises(SystemExit, match=r"sources\.json does not know other\.whl"):
        gathered([tmp_path / "other.whl"])


@pytest.mark.parametrize(
    ("schema", "value", "verdict"),
    [
        ({"type": "string", "minLength": 2}, "ab", "valid"),
        ({"type": "string", "minLength": 2}, "a", "beyond"),
        ({"type": "string", "minLength": 2}, 1, "invalid"),
        ({"properties": {"pattern": {"const": 1}}}, {"pattern": 2}, "invalid"),
        ({"enum": [{"pattern": 1}]}, {}, "invalid"),
        ({"oneOf": [{"type": "integer"}, {"type": "number"}]}, 1, "beyond"),
        ({"patternProperties": {"^a": {"type": "null"}}, "additionalProperties": False}, {"b": None}, "beyond"),
        ({"patternProperties": {"^a": {"type": "null"}}, "additionalProperties": False}, {"a": 1}, "invalid"),
        ({"$ref": "https://example.com/other.json"}, 1, "unreadable"),
    ],
)
def test_answers_are_judged_by_the_schema_as_it_was_given(schema: Any, value: Any, verdict: str) -> None:
    """What breaks only keywords that the API ignores is told from what breaks the others."""
    assert Original(schema).verdict(value) == verdict


def test_a_server_says_which_schemas_it_accepts(capsys: pytest.CaptureFixture[str]) -> None:
    """Refused ones are counted by their reasons, without what is particular to each."""
    good, bad = Gathered("here", "good", {"type": "object"}), Gathered("here", "bad", {"type": "strnig"})
    assert offered([good, bad]) == [good]
    said = capsys.readouterr().out
    assert "1 of     2 accepted" in said
    assert "refused: 1: expected one of string, number" in said
