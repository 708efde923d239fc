"""What the schema that was given says of an answer, judged without any of our own code."""

from typing import Any, Final, Literal

import jsonschema_rs

Verdict = Literal["valid", "beyond", "invalid", "unreadable"]
"""`beyond`: it breaks only what the API ignores. `unreadable`: the schema is none that the validator takes."""

IGNORED: Final = frozenset(
    {
        *("pattern", "minLength", "maxLength", "minProperties", "maxProperties", "patternProperties", "propertyNames"),
        *("uniqueItems", "contains", "minContains", "maxContains", "multipleOf", "not", "if", "then", "else"),
        *("dependencies", "dependentRequired", "dependentSchemas", "unevaluatedProperties", "unevaluatedItems"),
        *("divisibleBy", "disallow", "extends"),
    }
)
"""Keywords that the API ignores."""

FORMATS: Final = frozenset({"date-time", "date", "time"})
NAMED: Final = frozenset({"properties", "$defs", "definitions"})
DATA: Final = frozenset({"enum", "const", "default", "examples"})


class Original:
    """A schema as it was given."""

    def __init__(self, schema: Any) -> None:
        self._whole = validator(schema)
        self._promised = validator(promised(schema))

    def verdict(self, value: Any) -> Verdict:
        """How an answer stands to it."""
        if self._whole is None or self._promised is None:
            return "unreadable"
        if self._whole.is_valid(value):
            return "valid"
        return "beyond" if self._promised.is_valid(value) else "invalid"


def validator(schema: Any) -> jsonschema_rs.Validator | None:
    """A validator by the schema's own draft; it fetches nothing. None where there is an error in the schema."""
    try:
        return jsonschema_rs.validator_for(schema, validate_formats=True, offline=True)
    except (ValueError, jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError):
        return None


def promised(schema: Any) -> Any:
    """The schema without the keywords that the API ignores, and with `oneOf` as `anyOf`.

    Where the names' patterns are left out, what they allow is allowed for any name.
    """
    match schema:
        case {"patternProperties": dict(patterns), "additionalProperties": others, **rest} if patterns:
            allowed = [inner for inner in (*patterns.values(), others) if inner is not False]
            return promised(rest if others is True else {**rest, "additionalProperties": {"anyOf": allowed}})
        case dict():
            return dict(kept(key, value) for key, value in schema.items() if counts(key, value))
        case list():
            return [promised(item) for item in schema]
        case _:
            return schema


def counts(key: str, value: Any) -> bool:
    """Whether a keyword is enforced."""
    return key not in IGNORED and (key != "format" or value in FORMATS)


def kept(key: str, value: Any) -> tuple[str, Any]:
    """A keyword and its value."""
    if key in DATA:
        return key, value
    if key in NAMED and isinstance(value, dict):
        return key, {name: promised(inner) for name, inner in value.items()}
    return "allOf" if key == "oneOf" else key, [{"anyOf": promised(value)}] if key == "oneOf" else promised(value)
