from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from benchmarks.schemas.engine import Engine, running

from interplay.schemas import compile  # noqa: A004 - its verb
from interplay.weights.places import models_folder

pytestmark = pytest.mark.model

FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
TREE: Any = {"properties": {"n": {"enum": [1, 2]}, "in": {"type": "array", "items": {"$ref": "#"}, "maxItems": 2}}}
SCHEMAS: list[Any] = [
    {
        "type": "object",
        "properties": {
            "größe": {"type": "number", "minimum": 0.5, "maximum": 2.5},
            "born": {"type": "string", "format": "date"},
            "at": {"type": "string", "format": "date-time"},
            'a "b"\n\\]^-c': {"enum": ['"', "\\", "\n", "ü", None, 1.5]},
        },
        "required": ["größe", "born", "at", 'a "b"\n\\]^-c'],
    },
    {"type": "object", "properties": {"]": {}, "^-": {}, "\\": {}}, "additionalProperties": {"type": "boolean"}},
    {
        "type": "array",
        "prefixItems": [{"type": "boolean"}, {"type": "null"}],
        "items": {"type": "integer"},
        "minItems": 4,
    },
    {**TREE, "required": ["n"]},
    {"type": "integer", "minimum": -1204, "maximum": -13},
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1e-9},
    {"type": ["integer", "null"], "exclusiveMaximum": 10**20},
    {"minItems": 1, "maxItems": 3, "items": {"type": "number"}},
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engine() -> AsyncIterator[Engine]:
    """A real engine; these tests fail without its model, they are not skipped."""
    async with running(str(model())) as engine:
        yield engine


def model() -> Path:
    """The smallest model there is a pin for."""
    path = models_folder() / FILE
    assert path.exists(), f"There is no {path}; get it with `interplay models pull`."
    return path


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("raw", SCHEMAS, ids=repr)
async def test_the_engine_reads_the_grammar_and_keeps_to_it(engine: Engine, raw: Any) -> None:
    """Whatever the model makes of the question, what it ends by itself is valid."""
    schema = compile(raw, "schema")
    answer = await engine.ask("Tell me about a person.", tokens=300, grammar=schema.grammar)
    assert answer.refused is None
    assert not answer.whole or schema.validate(answer.text) is None


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("raw", SCHEMAS, ids=repr)
async def test_the_engine_converts_the_schema_for_grammars(engine: Engine, raw: Any) -> None:
    """Its own converter knows every keyword and reference in it."""
    wanted = {"type": "json_schema", "json_schema": {"name": "a", "schema": compile(raw, "schema").for_grammar()}}
    answer = await engine.ask("Tell me about a person.", tokens=8, response_format=wanted)
    assert answer.refused is None
