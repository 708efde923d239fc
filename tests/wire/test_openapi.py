import msgspec

from interplay import wire
from interplay.wire.openapi import components


def test_every_public_struct_is_described() -> None:
    """The document has a schema for each struct, under its own name."""
    names = {
        name
        for name in wire.__all__
        if isinstance(kind := getattr(wire, name), type) and issubclass(kind, msgspec.Struct)
    }
    assert set(components()) == names


def test_open_vocabulary_lists_known_values() -> None:
    """The values with a meaning are told, any other string stays valid."""
    level = components()["GenerationConfig"]["properties"]["thinking_level"]["anyOf"][0]
    assert level["type"] == "string"
    assert level["x-known-values"] == ["minimal", "low", "medium", "high", "xhigh"]
    assert "enum" not in level


def test_document_is_json_and_refers_only_to_itself() -> None:
    """Every reference leads to a schema of the document."""
    text = msgspec.json.encode(components()).decode()
    refs = {ref.split('"')[0] for ref in text.split('"$ref":"#/components/schemas/')[1:]}
    assert refs <= set(components())
