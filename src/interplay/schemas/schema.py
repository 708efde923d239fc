"""A JSON schema, compiled once: what it refuses and keeps, how answers are checked and how they are steered."""

import asyncio
from functools import cached_property, lru_cache
from typing import Any

import msgspec

from interplay.errors import invalid
from interplay.nesting import deeper
from interplay.schemas import exact, grammar, limits, rules
from interplay.schemas.bounded import bounded
from interplay.schemas.clean import clean
from interplay.schemas.effort import effort
from interplay.schemas.finite import check, circles, heights
from interplay.schemas.ordering import in_order
from interplay.schemas.plain import plain
from interplay.schemas.reading import read
from interplay.schemas.rules import Rule
from interplay.schemas.shapes import Shapes
from interplay.schemas.unfit import Unfit, written
from interplay.schemas.upstream import is_bare, response_format, told
from interplay.schemas.validation import complaint, strict_validator


class Schema:
    """A schema that some finite value satisfies. Made by `compile`, never changed."""

    def __init__(self, cleaned: dict[str, Any] | bool, shapes: Shapes, steps: int) -> None:
        self._cleaned = cleaned
        self._shapes = shapes
        self._bounded = bounded(shapes)
        self.effort = effort(cleaned, shapes, self._bounded, steps)
        """What it takes in all, its grammar included, in steps."""
        self._validator = strict_validator(cleaned)
        self.told = None if is_bare(cleaned) else told(cleaned)
        """The schema as a model is told of it in words; None where it only asks for JSON."""
        self._upstream = response_format(self.told)

    def validate(self, text: str) -> str | None:
        """What is wrong with an answer, in one sentence: path, value, expectation. None where nothing is."""
        try:
            value = msgspec.json.decode(text)
        except msgspec.DecodeError as error:
            return f"The text is not valid JSON: {str(error).removeprefix('JSON is malformed: ')}."
        except RecursionError:
            return "The text is nested too deeply to be read."
        return self.validate_value(value)

    def validate_value(self, value: Any) -> str | None:
        """The same for JSON that is decoded already, such as a function call's arguments."""
        if deeper(value, limits.ANSWER_DEPTH):
            return f"The value is nested more than {limits.ANSWER_DEPTH} levels deep."
        return complaint(self._validator, value)

    def ordered(self, text: str) -> str:
        """A valid answer with its properties in the schema's order; the text itself where they are already."""
        value = exact.decode(text)
        changed = exact.encode(in_order(self._shapes, self._shapes.root, value))
        return text if changed == exact.encode(value) else changed

    @cached_property
    def rules(self) -> dict[str, Rule]:
        """The rules of `grammar` as values, `root` first, for grammars that hold several schemas."""
        return grammar.rules(self._bounded)

    @cached_property
    def grammar(self) -> str:
        """The grammar (GBNF) for llama.cpp's sampler. Whatever it lets through is valid."""
        return rules.text(self.rules)

    def for_grammar(self) -> dict[str, Any]:
        """A schema for samplers that take one: at least as strict, and bounded.

        llama.cpp's converter for chats does not enforce all of it (bounds of numbers); `grammar` does.
        """
        return plain(self._bounded)

    def for_upstream(self) -> dict[str, Any]:
        """The `response_format` for an OpenAI-compatible server."""
        return self._upstream


def compile(schema: Any, where: str) -> Schema:
    """The compiled schema, from the cache where it was compiled before.

    `schema` is decoded JSON or its bytes; `where` says in messages where it stands in the request. Raises Failure
    `invalid_request` for a schema that is malformed, too large, or that nothing can satisfy.
    """
    try:
        return compiled(encoded(schema))
    except Unfit as unfit:
        raise invalid(f"Invalid value for '{where}{written(unfit.path)}': {unfit.said}.") from unfit
    except RecursionError:
        raise invalid(f"Invalid value for '{where}': it is nested too deeply.") from None


async def compile_aside(schema: Any, where: str) -> Schema:
    """The same while the loop goes on: a large schema takes a second. Who gives up waits for no more than this one."""
    return await asyncio.to_thread(compile, schema, where)


def encoded(schema: Any) -> bytes:
    """The schema's canonical bytes, the order of its keys kept."""
    try:
        text = msgspec.json.encode(msgspec.json.decode(schema) if isinstance(schema, bytes) else schema)
    except msgspec.DecodeError as error:
        raise Unfit((), f"expected a JSON schema, got bytes that are not JSON ({error})") from error
    if len(text) > limits.BYTES:
        raise Unfit((), f"the schema may have at most {limits.BYTES} bytes as compact JSON, and has {len(text)}")
    return text


@lru_cache(maxsize=limits.CACHED)
def compiled(text: bytes) -> Schema:
    """The schema behind some canonical bytes. Raises Unfit."""
    cleaned = clean(msgspec.json.decode(text))
    shapes, steps = read(cleaned)
    check(shapes, heights(shapes, circles(shapes)))
    return Schema(cleaned, shapes, steps)
