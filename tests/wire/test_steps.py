import json
from typing import get_args

import msgspec
import pytest

from interplay import wire

from .samples import STEPS, Json

_STEP: msgspec.json.Decoder[wire.Step] = msgspec.json.Decoder(wire.Step)


def test_samples_cover_every_step_type() -> None:
    """There is an example of each member of the union."""
    assert [type(_STEP.decode(json.dumps(step))) for step in STEPS] == list(dict.fromkeys(_classes()))
    assert {type(_STEP.decode(json.dumps(step))) for step in STEPS} == set(get_args(wire.Step))


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step["type"])
def test_step_keeps_its_values(step: Json) -> None:
    """What was decoded encodes to the same JSON."""
    assert json.loads(msgspec.json.encode(_STEP.decode(json.dumps(step)))) == step


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step["type"])
def test_null_means_absent(step: Json) -> None:
    """An optional field that is null, as JavaScript clients send it, is left out again."""
    bare = {name: value for name, value in step.items() if name != "signature"}
    with_null = json.dumps({"signature": None, **bare})
    assert json.loads(msgspec.json.encode(_STEP.decode(with_null))) == bare


def test_function_result_is_kept_byte_for_byte() -> None:
    """Numbers and spaces of a result come out as the client wrote them."""
    body = b'{"type":"function_result","call_id":"c","result":{"a": 1.10,  "b":1e2}}'
    assert msgspec.json.encode(_STEP.decode(body)) == body


def test_interaction_is_written_in_the_order_of_the_live_api() -> None:
    """The keys stand as in recorded answers, and `object` is always there."""
    interaction = wire.Interaction(
        id="v1_a",
        status="completed",
        usage=wire.Usage(total_tokens=3),
        created="2026-06-09T12:01:25Z",
        updated="2026-06-09T12:01:25Z",
        service_tier="standard",
        steps=(),
        model="m",
    )
    assert list(json.loads(msgspec.json.encode(interaction))) == [
        *("id", "status", "usage", "created", "updated", "service_tier", "steps", "object", "model")
    ]


def test_event_is_told_apart_by_event_type() -> None:
    """An event comes back as what it was."""
    event = wire.StepDelta(index=0, delta=wire.TextDelta(text="Hi"))
    encoded = msgspec.json.encode(event)
    assert encoded == b'{"event_type":"step.delta","index":0,"delta":{"type":"text","text":"Hi"}}'
    assert msgspec.json.decode(encoded, type=wire.Event) == event


@pytest.mark.parametrize("budget", [b"5000", b'"5000"'])
def test_64_bit_number_may_be_text(budget: bytes) -> None:
    """The Python SDK writes such numbers as strings, the JavaScript SDK as numbers."""
    body = b'{"type":"antigravity","max_total_tokens":' + budget + b"}"
    config = msgspec.json.decode(body, type=wire.AgentConfig)
    assert isinstance(config, wire.AntigravityAgentConfig)
    assert int(config.max_total_tokens or 0) == 5000


def _classes() -> list[type]:
    return [type(_STEP.decode(json.dumps(step))) for step in STEPS]
