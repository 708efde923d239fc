"""Whatever the bytes are, reading them gives a value or a Failure."""

import copy
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from interplay.errors import Failure
from interplay.wire.decode import create_interaction, input_steps, response_formats

from .samples import REQUEST

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["text", "user_input"]),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.text() | st.sampled_from(["type", "model", "input", "content", "response_format"]), inner)
    ),
    max_leaves=20,
)


def read(body: bytes) -> None:
    """Read all of a body; any exception but a Failure of the client's making goes through."""
    try:
        request = create_interaction(body)
        input_steps(request.input)
        response_formats(request.response_format)
    except Failure as failure:
        outcome = (failure.code, bool(failure.message))
    else:
        outcome = ("invalid_request", True)
    assert outcome == ("invalid_request", True)


@given(st.binary())
def test_arbitrary_bytes(body: bytes) -> None:
    """Bytes that are hardly ever JSON."""
    read(body)


@given(JSON)
def test_arbitrary_json(value: Any) -> None:
    """JSON that is hardly ever a request."""
    read(json.dumps(value).encode())


@given(st.sampled_from(sorted(REQUEST)), JSON)
def test_arbitrary_field(name: str, value: Any) -> None:
    """A request of which one field is something else."""
    read(json.dumps({**REQUEST, name: value}).encode())


@given(st.data())
def test_mutated_request(data: st.DataObject) -> None:
    """A request of which one value, however deep, is something else, or is gone."""
    request = copy.deepcopy(REQUEST)
    inside, key = data.draw(st.sampled_from(list(_places(request))))
    if data.draw(st.booleans()):
        del inside[key]
    else:
        inside[key] = data.draw(JSON)
    read(json.dumps(request).encode())


@given(st.data())
def test_damaged_bytes(data: st.DataObject) -> None:
    """A request of which a few bytes were replaced or cut off."""
    body = bytearray(json.dumps(REQUEST, ensure_ascii=False).encode())
    start = data.draw(st.integers(0, len(body)))
    body[start : start + data.draw(st.integers(0, 5))] = data.draw(st.binary(max_size=5))
    read(bytes(body))


def _places(container: Any) -> Any:
    """All (container, key) pairs inside."""
    keys = container if isinstance(container, dict) else range(len(container))
    for key in keys:
        yield container, key
        if isinstance(container[key], dict | list):
            yield from _places(container[key])
