"""A schema as OpenAI-compatible servers take it."""

import re
from typing import Any, Final

from interplay.schemas.keywords import LISTED, NAMED, SINGLE

USUAL_NAME: Final = "response"
SAYS: Final = frozenset({"properties", "anyOf", "$ref"})
"""Keywords of which each may say what properties an object has: closed, one would exclude what the other names."""


def response_format(sent: dict[str, Any] | None) -> dict[str, Any]:
    """The value of `response_format`, from the schema as others are told of it; None where it only asks for JSON.

    `strict` only where the schema is what OpenAI's own strict mode accepts; others refuse or ignore nothing by it.
    """
    if sent is None:
        return {"type": "json_object"}
    return {
        "type": "json_schema",
        "json_schema": {"name": name_of(sent), "schema": sent, "strict": sent.get("type") == "object" and strict(sent)},
    }


def told(schema: dict[str, Any] | bool) -> dict[str, Any]:
    """The schema as others are told of it."""
    return closed(schema) if isinstance(schema, dict) else {"anyOf": []} if schema is False else {}


def is_bare(schema: dict[str, Any] | bool) -> bool:
    """Whether it asks for an object, or a list as well, and says nothing about it: shown it, models repeat it."""
    return isinstance(schema, dict) and schema.keys() == {"type"} and "object" in schema["type"]


def name_of(schema: dict[str, Any]) -> str:
    """The title, in the letters that names may have."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", schema.get("title", ""))[:64].strip("_") or USUAL_NAME


def closed(schema: dict[str, Any]) -> dict[str, Any]:
    """The same with `additionalProperties: false` where nothing is said, unless several say what one object has."""
    if any("allOf" in inner or len(SAYS & inner.keys()) > 1 for inner in every(schema)):
        return schema
    return close(schema)


def close(schema: dict[str, Any]) -> dict[str, Any]:
    """Close this object and those inside."""
    made = {key: inner_closed(key, value) for key, value in schema.items()}
    return {**made, "additionalProperties": False} if needs_closing(schema) else made


def needs_closing(schema: dict[str, Any]) -> bool:
    """Whether it names properties and leaves open whether there may be others."""
    return "properties" in schema and "additionalProperties" not in schema


def inner_closed(key: str, value: Any) -> Any:
    """A keyword's value, the schemas in it closed."""
    if key in LISTED:
        return [closed_any(item) for item in value]
    if key in NAMED or key == "$defs":
        return {name: closed_any(item) for name, item in value.items()}
    return closed_any(value) if key in SINGLE else value


def closed_any(schema: dict[str, Any] | bool) -> dict[str, Any] | bool:
    """The same for what may also be true or false."""
    return close(schema) if isinstance(schema, dict) else schema


def every(schema: Any) -> list[dict[str, Any]]:
    """A schema and all inside it."""
    found: list[dict[str, Any]] = []
    waiting = [schema]
    while waiting:
        if not isinstance(inner := waiting.pop(), dict):
            continue
        found.append(inner)
        waiting += (item for key in LISTED for item in inner.get(key, ()))
        waiting += (item for key in (*NAMED, "$defs") for item in inner.get(key, {}).values())
        waiting += (inner[key] for key in SINGLE if key in inner)
    return found


def strict(schema: dict[str, Any]) -> bool:
    """Whether every object in it is closed and requires all that it names."""
    objects = [inner for inner in every(schema) if inner.get("type") == "object" or "properties" in inner]
    return all(
        inner.get("additionalProperties") is False
        and set(inner.get("required", ())) == set(inner.get("properties", ()))
        for inner in objects
    )
