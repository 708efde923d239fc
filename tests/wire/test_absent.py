"""Null means absent, at any depth of a request; in the client's own JSON it is a value."""

import json
from typing import Any

import msgspec
import pytest

from interplay import wire
from interplay.api.count_tokens import CountTokensRequest
from interplay.errors import Failure
from interplay.wire.absent import without_nulls
from interplay.wire.decode import create_interaction, input_steps, response_formats
from interplay.wire.decode_body import decode_body
from interplay.wire.decode_decision import create_decision
from interplay.wire.decode_trigger import create_trigger

MINE: dict[str, Any] = {"model": "m", "input": "Hi"}
NULLED: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"labels": {"a": None, "b": "c"}}, {"labels": {"b": "c"}}),
    ({"labels": None, "tools": None, "generation_config": None, "response_format": None}, {}),
    ({"generation_config": {"temperature": None, "seed": 1, "top_k": None}}, {"generation_config": {"seed": 1}}),
    ({"generation_config": {"presence_penalty": None}, "from_the_future": None}, {"generation_config": {}}),
    (
        {"tools": [{"type": "function", "name": "f", "description": None, "parameters": None, "strict": None}]},
        {"tools": [{"type": "function", "name": "f"}]},
    ),
    (
        {"tools": [{"type": "mcp_server", "headers": {"a": None, "b": "c"}, "name": None}]},
        {"tools": [{"type": "mcp_server", "headers": {"b": "c"}}]},
    ),
    ({"environment": {"type": None, "env": {"A": None, "B": "b"}}}, {"environment": {"env": {"B": "b"}}}),
    (
        {"environment": {"type": "remote", "network": {"allowlist": [{"domain": "*", "transform": {"a": None}}]}}},
        {"environment": {"type": "remote", "network": {"allowlist": [{"domain": "*", "transform": {}}]}}},
    ),
    (
        {"safety_settings": [{"type": "a", "threshold": "off", "method": None}]},
        {"safety_settings": [{"type": "a", "threshold": "off"}]},
    ),
    ({"webhook_config": {"uris": None, "user_metadata": None}}, {"webhook_config": {}}),
]
REQUIRED: list[tuple[dict[str, Any], str]] = [
    ({"tools": [{"type": None}]}, "'tools[0].type'"),
    ({"tools": [None]}, "'tools[0]'"),
    ({"safety_settings": [{"type": "a", "threshold": None}]}, "'safety_settings[0].threshold'"),
    ({"generation_config": {"stop_sequences": [None]}}, "'generation_config.stop_sequences[0]'"),
    ({"labels": {"a": None, "b": 5}}, "'labels.b'"),
    ({"labels": {"a": None}, "temprature": 1}, "'temprature'"),
]


@pytest.mark.parametrize(("nulled", "meant"), NULLED)
def test_null_is_absent(nulled: dict[str, Any], meant: dict[str, Any]) -> None:
    """A request with nulls is the one without them, in every struct and map, alone and inside a trigger."""
    asked, same = (create_interaction(json.dumps(MINE | more).encode()) for more in (nulled, meant))
    assert msgspec.structs.replace(asked, response_format=wire.ABSENT) == same
    assert response_formats(asked.response_format) == ()
    trigger = {"schedule": "* * * * *", "time_zone": "UTC", "display_name": None}
    body = json.dumps(trigger | {"interaction": MINE | nulled}).encode()
    assert msgspec.structs.replace(create_trigger(body).interaction, response_format=wire.ABSENT) == same


@pytest.mark.parametrize(("nulled", "where"), REQUIRED)
def test_what_is_required_stays_required(nulled: dict[str, Any], where: str) -> None:
    """A null that stands for something that must be there is refused by its place, and so is what else is wrong."""
    with pytest.raises(Failure) as refused:
        create_interaction(json.dumps(MINE | nulled).encode())
    assert where in refused.value.message


def test_null_is_a_value_in_the_clients_own_json() -> None:
    """Arguments, results and values in schemas keep their nulls, byte for byte, also where others are taken out."""
    step = b'{"type":"function_call","id":"a","name":"f","arguments":{"x":null,"y":[null, 1e2]},"signature":null}'
    result = b'{"type":"function_result","call_id":"a","name":null,"result":{"x": null, "big": 1e2}}'
    schema = b'{"type":"text","mime_type":null,"schema":{"enum":[null, 1.0],"default":null}}'
    body = b'{"model":"m","labels":{"a":null},"input":[%b,%b],"response_format":%b}' % (step, result, schema)
    asked = create_interaction(body)
    assert (asked.labels, bytes(asked.input)) == ({}, b"[%b,%b]" % (step, result))
    call, returned = input_steps(asked.input)
    assert isinstance(call, wire.FunctionCallStep)
    assert isinstance(returned, wire.FunctionResultStep)
    assert (call.arguments, returned.name) == ({"x": None, "y": [None, 100.0]}, None)
    assert bytes(returned.result) == b'{"x": null, "big": 1e2}'
    (format,) = response_formats(asked.response_format)
    assert isinstance(format, wire.TextResponseFormat)
    assert format.schema == {"enum": [None, 1.0], "default": None}
    (bare,) = response_formats(msgspec.Raw(b'{"type":null,"properties":{"a":{"default":null}}}'))
    assert bare == wire.BareSchema(schema={"properties": {"a": {"default": None}}})


def test_descriptions_of_options_may_be_null() -> None:
    """An option stays one that has no description, and a question that is null is none."""
    choice = {"type": "choice", "instructions": "Which?", "criteria": {"x": None, "y": "why"}, "examples": None}
    noul = {"type": "noul", "instructions": [{"type": "text", "text": "Is it?", "annotations": None}], "criteria": None}
    body = {"model": "m", "input": "a", "questions": {"q": choice, "n": noul, "none": None}}
    asked = create_decision(json.dumps(body).encode())
    assert list(asked.questions) == ["q", "n"]
    (question, _) = asked.questions.values()
    assert isinstance(question, wire.ChoiceQuestion)
    assert question.criteria == {"x": None, "y": "why"}


@pytest.mark.parametrize("level", [None, 5])
def test_levels_of_a_scale_need_their_words(level: Any) -> None:
    """A level is nothing but its description."""
    question = {"type": "score", "instructions": "How?", "criteria": ["low", level]}
    with pytest.raises(Failure, match=r"'questions\.q\.criteria\[1\]'"):
        create_decision(json.dumps({"model": "m", "input": "a", "questions": {"q": question}}).encode())


def test_a_default_stands_where_null_is_absent() -> None:
    """A field with a default other than null has it, in older bodies too."""
    decoder = msgspec.json.Decoder(CountTokensRequest)
    asked = decode_body(decoder, b'{"contents":[{"role":null,"parts":[{"text":"a"}]}],"tools":null}')
    assert asked.contents[0].role == "user"


def test_what_has_no_null_is_not_read_again() -> None:
    """The same bytes come back."""
    body = b'{"labels":{"a": 5}}'
    assert without_nulls(body, wire.CreateInteraction) is body
