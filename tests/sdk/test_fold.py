import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sdk.client import Client, SdkError
from tests.sdk.fold import folded, present

_WORDS = st.text(st.characters(codec="utf-8"), max_size=60)
_QUOTED = _WORDS.map(json.dumps)
_LINE = st.one_of(
    _QUOTED.map("say: {}".format),
    _QUOTED.map("think: {}".format),
    st.integers(0, 40).map("repeat: {} tok".format),
    st.integers(0, 99).map("count: input={} cached=1".format),
    st.sampled_from(["stop: length", "stop: stop", "fail: bad_gateway it broke", "wait: 0.001", "history:", "system:"]),
)
_SCRIPT = st.lists(_LINE, min_size=1, max_size=8).map("\n".join)
_CONFIG = st.fixed_dictionaries(
    {"thinking_summaries": st.sampled_from(["auto", "none"])},
    optional={"max_output_tokens": st.integers(1, 30), "stop_sequences": st.just(["tok tok"])},
)


@settings(deadline=None, max_examples=60)
@given(script=_SCRIPT, config=_CONFIG)
def test_what_a_reader_folds_is_what_is_stored(second: Client, script: str, config: dict[str, object]) -> None:
    """Any stream, as the Python SDK reads it and the contract says to fold it, is the interaction that `get` gives.

    A model that fails before it has said anything has no stream: its failure is the SDK's own error.
    """
    asked = {"model": "scripted", "input": script, "generation_config": config, "labels": {"a": "b"}}
    try:
        events = list(second.stream(**asked))
    except SdkError:
        with pytest.raises(SdkError, match="it broke"):
            second.create(**asked)
        return
    seen = present(folded(events))
    stored = present(second.get(seen["id"]))
    told = {"id", "status", "created", "updated", "model", "service_tier", "steps", "usage", "errors"}
    assert {name: seen.get(name) for name in told} == {name: stored.get(name) for name in told}
    assert list(second.follow(seen["id"])) == events
