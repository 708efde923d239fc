"""Values in another type than the schema's: which are put right, and which are not."""

from typing import Any

import pytest

from interplay.models.chat.coercion import coerced


@pytest.mark.parametrize(
    ("value", "wanted", "meant"),
    [
        ("5", "integer", 5),
        ("-7", "integer", -7),
        ("0.5", "number", 0.5),
        ("5", "number", 5),
        ("true", "boolean", True),
        ("False", "boolean", False),
        (5, "string", "5"),
        ("[1, 2]", "array", [1, 2]),
        ('{"a": 1}', "object", {"a": 1}),
    ],
)
def test_what_says_the_same_in_another_type_is_put_right(value: Any, wanted: str, meant: Any) -> None:
    """Nothing is lost, and nothing else can be meant."""
    result = coerced(value, {"type": wanted})
    assert result == meant
    assert type(result) is type(meant)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("5.5", "integer"),
        ("five", "integer"),
        ("", "integer"),
        ("5 km", "number"),
        ("NaN", "number"),
        ("yes", "boolean"),
        ("1", "boolean"),
        (1, "boolean"),
        (5.0, "string"),
        (True, "string"),
        (None, "string"),
        ("red", "array"),
        ("red, green", "array"),
        (1, "array"),
        ("[1, 2", "array"),
        ("{}", "array"),
        ("Paris", "object"),
        ("5", ["integer", "string"]),
        ("5", None),
        ("5", {"odd": "type"}),
    ],
)
def test_what_might_mean_something_else_stays(value: Any, wanted: Any) -> None:
    """A wrong guess is worse than asking again."""
    assert coerced(value, {"type": wanted}) is value


def test_values_inside_are_put_right_too() -> None:
    """In objects and in lists, as deep as the schema is plain."""
    declared = {
        "type": "object",
        "properties": {
            "days": {"type": "array", "items": {"type": "object", "properties": {"n": {"type": "integer"}}}}
        },
    }
    assert coerced({"days": '[{"n": "1"}]', "x": "2"}, declared) == {"days": [{"n": 1}], "x": "2"}


@pytest.mark.parametrize(
    ("declared", "required", "kept"),
    [
        ({"type": "string"}, [], False),
        ({"type": "string"}, ["a"], True),
        ({"type": "string", "nullable": True}, [], True),
        ({"type": ["string", "null"]}, [], True),
        ({"type": "null"}, [], True),
        ({}, [], True),
        (True, [], True),
    ],
)
def test_null_for_what_may_be_absent_is_absence(declared: object, required: list[str], kept: bool) -> None:
    """Where null is not a value of its own, and the property need not be there."""
    schema = {"type": "object", "properties": {"a": declared}, "required": required}
    assert coerced({"a": None}, schema) == ({"a": None} if kept else {})


@pytest.mark.parametrize("schema", [True, {"type": "object", "properties": 5}, {"type": "object"}, {"$ref": "#"}])
def test_schemas_that_say_little_change_nothing(schema: object) -> None:
    """Coercion is no validation: it need not understand everything."""
    value = {"a": "5", "b": [None]}
    assert coerced(value, schema) == value
