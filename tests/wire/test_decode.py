import json

import msgspec
import pytest

from interplay import wire
from interplay.errors import SHOWN, Failure
from interplay.wire.decode import create_interaction, input_steps, response_formats

from .samples import REQUEST, STEPS


def refusal(body: bytes) -> str:
    """The message of the Failure for this body."""
    with pytest.raises(Failure) as caught:
        create_interaction(body)
    assert caught.value.code == "invalid_request"
    return caught.value.message


def test_full_request_is_read() -> None:
    """A request that uses much of the contract comes out as typed values."""
    request = create_interaction(json.dumps(REQUEST).encode())
    assert request.model == "gemini-3.5-flash"
    assert request.tools is not None
    assert [type(tool) for tool in request.tools] == [wire.Function, wire.GoogleSearch, wire.MCPServer]
    assert request.generation_config is not None
    assert request.generation_config.top_k == 40
    assert request.stream is True
    assert request.store is False
    assert len(input_steps(request.input)) == len(STEPS) + 1
    assert len(response_formats(request.response_format)) == 1


def test_request_without_input_is_read() -> None:
    """The next hop of a run that stopped early has no input."""
    request = create_interaction(b'{"model":"m","continuation_token":"t","previous_interaction_id":"v1_a"}')
    assert input_steps(request.input) == ()


def test_explicit_nulls_mean_absent() -> None:
    """JavaScript clients send nulls for what they do not set."""
    request = create_interaction(b'{"model":"m","agent":null,"tools":null,"input":null,"response_format":null}')
    assert request.tools is None
    assert input_steps(request.input) == ()
    assert response_formats(request.response_format) == ()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "The body is not valid JSON: it ends too early, or in half of a surrogate pair."),
        (b'{"model":"m"', "The body is not valid JSON: it ends too early, or in half of a surrogate pair."),
        (b'{"model":"\\ud800"}', "The body is not valid JSON: it ends too early, or in half of a surrogate pair."),
        (b'{\n"model":"m",\n  x}', "The body is not valid JSON: object keys must be strings at line 3, column 3."),
        (b'{"model":NaN}', "The body is not valid JSON: invalid character at line 1, column 10."),
        (b'{"model":"\xff"}', "The body is not UTF-8: byte 0xff at position 10."),
        (b'{"model":"m","x":"\xff"}', "The body is not UTF-8: byte 0xff at position 18."),
        (b"[]", "The body must be an object, got []."),
        (b'"hello"', 'The body must be an object, got "hello".'),
        (b"null", "The body must be an object, got null."),
    ],
)
def test_body_that_is_no_json_object_is_refused(body: bytes, message: str) -> None:
    """The message says what is wrong with it, and where."""
    assert refusal(body) == message


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ('"tools":5', "Invalid value for 'tools': expected a list, got 5."),
        ('"stream":"yes"', "Invalid value for 'stream': expected true or false, got \"yes\"."),
        (
            '"generation_config":{"max_output_tokens":"12"}',
            "Invalid value for 'generation_config.max_output_tokens': expected an integer, got \"12\".",
        ),
        (
            '"generation_config":{"max_output_tokens":3000000000}',
            (
                "Invalid value for 'generation_config.max_output_tokens': "
                "expected an integer <= 2147483647, got 3000000000."
            ),
        ),
        (
            '"generation_config":{"max_output_tokens":0}',
            "Invalid value for 'generation_config.max_output_tokens': expected an integer >= 1, got 0.",
        ),
        (
            '"generation_config":{"seed":1' + "0" * 5000 + "}",
            (f"Invalid value for 'generation_config.seed': got 1{'0' * 79}, expected a number that fits into 64 bits."),
        ),
        (
            '"labels":{"a":1e999}',
            "Invalid value for 'labels.a': got 1e999, expected a number that fits into 64 bits.",
        ),
        ('"environment":5', "Invalid value for 'environment': expected a string or an object, got 5."),
        ('"labels":{"a":5}', "Invalid value for 'labels.a': expected a string, got 5."),
        ('"labels":{"a":"b","c":5}', "Invalid value for 'labels.c': expected a string, got 5."),
        ('"labels":{"a":"b","is c":5}', "Invalid value for 'labels[\"is c\"]': expected a string, got 5."),
        ('"safety_settings":[{"type":"a"}]', "Missing required parameter 'safety_settings[0].threshold'."),
    ],
)
def test_wrong_type_is_refused(fields: str, message: str) -> None:
    """The message names the field, what was received and what was expected."""
    assert refusal(f'{{"model":"m",{fields}}}'.encode()) == message


def test_long_value_is_shortened() -> None:
    """A message repeats no more of a value than fits."""
    message = refusal(json.dumps({"model": ["x" * 10_000]}).encode())
    assert len(message) < SHOWN + 80
    assert message.endswith("xxx....")


def test_unknown_tool_is_refused_with_the_valid_types() -> None:
    """The message lists what there is, and what may have been meant."""
    message = refusal(b'{"model":"m","tools":[{"type":"functio"}]}')
    assert message.startswith('Invalid value for \'tools[0].type\': got "functio". Did you mean "function"?')
    assert 'Valid values: "code_execution", "computer_use", "file_search", "function"' in message


def test_tool_with_a_type_of_the_wrong_kind_is_refused_with_the_valid_types() -> None:
    """The same for what is no word at all."""
    message = refusal(b'{"model":"m","tools":[{"type":5}]}')
    assert message.startswith("Invalid value for 'tools[0].type': got 5. Valid values: \"code_execution\", ")


def test_tool_without_type_is_refused_with_the_valid_types() -> None:
    """The discriminator is required."""
    message = refusal(b'{"model":"m","tools":[{"name":"f"}]}')
    assert message.startswith("Missing required parameter 'tools[0].type'. Valid values: \"code_execution\", ")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ('"responseFormat":{}', "Unknown parameter 'responseFormat'. Did you mean 'response_format'?"),
        (
            '"generation_config":{"maxOutputTokens":5}',
            "Unknown parameter 'generation_config.maxOutputTokens'. Did you mean 'max_output_tokens'?",
        ),
        ('"tools":[{"type":"function","nme":"x"}]', "Unknown parameter 'tools[0].nme'. Did you mean 'name'?"),
        (
            '"environment":{"env":{"A":{"valeu":"1"}}}',
            "Unknown parameter 'environment.env.A.valeu'. Did you mean 'value'?",
        ),
        (
            '"webhook_config":{"zzz":1}',
            "Unknown parameter 'webhook_config.zzz'. Known parameters: uris, user_metadata.",
        ),
    ],
)
def test_unknown_field_is_refused(fields: str, message: str) -> None:
    """At any depth, in the words of the live API."""
    assert refusal(f'{{"model":"m",{fields}}}'.encode()) == message


@pytest.mark.parametrize(
    "fields",
    [
        '"tools":[{"type":"function","parameters":{"anything":{"goes":1}}}]',
        '"webhook_config":{"user_metadata":{"anything":{"goes":1}}}',
    ],
)
def test_free_form_places_take_any_field(fields: str) -> None:
    """Schemas and metadata are the client's own."""
    assert create_interaction(f'{{"model":"m",{fields}}}'.encode()).model == "m"


def test_dynamic_agent_config_takes_any_field() -> None:
    """The settings of such an agent are its own."""
    body = b'{"agent":"a","agent_config":{"type":"dynamic","anything":1}}'
    assert create_interaction(body).agent_config == wire.DynamicAgentConfig()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{}", "Missing required parameter: give either 'model' or 'agent'."),
        (b'{"model":"a","agent":"b"}', "Give either 'model' or 'agent', not both: got \"a\" and \"b\"."),
        (
            b'{"agent":"b","generation_config":{}}',
            "Unknown parameter 'generation_config': it can only be given together with 'model'.",
        ),
        (
            b'{"model":"m","agent_config":{"type":"dynamic"}}',
            "Unknown parameter 'agent_config': it can only be given together with 'agent'.",
        ),
    ],
)
def test_either_a_model_or_an_agent_is_asked(body: bytes, message: str) -> None:
    """Exactly one of them runs, with its own settings."""
    assert refusal(body) == message


@pytest.mark.parametrize("depth", [101, 500, 100_000])
def test_deep_nesting_is_refused(depth: int) -> None:
    """However deep, the answer is a Failure."""
    body = b'{"model":"m","tools":[{"type":"function","parameters":' + b"[" * depth + b"]" * depth + b"}]}"
    assert refusal(body).startswith("'tools' is nested too deeply" if depth < 1000 else "The body is nested too deeply")


def test_many_brackets_side_by_side_are_read() -> None:
    """Only depth counts, not how much there is."""
    body = {"model": "m", "tools": [{"type": "function", "parameters": {"enum": [[]] * 1000}}]}
    assert create_interaction(json.dumps(body).encode()).tools is not None


@pytest.mark.parametrize(
    "fields",
    [
        '"tools":{"type":"mcp_server","headers":{"Authorization":"hunter2"}}',
        '"tools":[{"type":"mcp_server","headers":{"Authorization":["hunter2"]}}]',
        '"tools":[{"type":"mcp_server","headers":["hunter2"]}]',
        '"environment":{"env":{"TOKEN":["hunter2"]}}',
    ],
)
def test_secrets_are_not_repeated(fields: str) -> None:
    """Messages end up in logs; what may be a secret does not."""
    assert "hunter2" not in refusal(f'{{"model":"m",{fields}}}'.encode())


def test_request_encodes_to_what_was_read() -> None:
    """A stored request can be read again."""
    body = json.dumps(REQUEST).encode()
    assert json.loads(msgspec.json.encode(create_interaction(body))) == REQUEST
