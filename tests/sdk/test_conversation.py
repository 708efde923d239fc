import base64
from typing import Any

import pytest

from tests.sdk.client import Client, Json, SdkError


def test_a_conversation_is_remembered(client: Client) -> None:
    """With `previous_interaction_id` the model is shown what was said before, by both sides."""
    first = client.create(model="scripted", input="I have 2 dogs.")
    second = client.create(model="scripted", input="say: noted", previous_interaction_id=first["id"])
    third = client.create(model="scripted", input="history:", previous_interaction_id=second["id"])
    assert third["output_text"].splitlines() == [
        *("user: I have 2 dogs.", "assistant: I have 2 dogs."),
        *("user: say: noted", "assistant: noted"),
        "user: history:",
    ]
    assert third["previous_interaction_id"] == second["id"]


def test_a_turn_answers_with_its_own_steps_only(client: Client) -> None:
    """A later turn does not repeat the earlier ones' steps."""
    first = client.create(model="scripted", input="say: one")
    second = client.create(model="scripted", input="say: two", previous_interaction_id=first["id"])
    assert len(second["steps"]) == 1
    assert second["output_text"] == "two"


def test_a_conversation_branches(client: Client) -> None:
    """Two turns may follow the same one, and neither knows of the other."""
    first = client.create(model="scripted", input="the root")
    left = client.create(model="scripted", input="the left", previous_interaction_id=first["id"])
    right = client.create(model="scripted", input="the right", previous_interaction_id=first["id"])
    seen = [
        client.create(model="scripted", input="history:", previous_interaction_id=turn["id"])["output_text"]
        for turn in (left, right)
    ]
    assert "the left" in seen[0]
    assert "the right" not in seen[0]
    assert "the right" in seen[1]
    assert "the left" not in seen[1]
    assert all("the root" in text for text in seen)


def test_settings_are_not_inherited(client: Client) -> None:
    """The system instruction and the generation config hold for one turn: the next one starts without."""
    first = client.create(
        model="scripted", input="a", system_instruction="Be brief.", generation_config={"seed": 3, "temperature": 0}
    )
    second = client.create(
        model="scripted", input="say: [\nsystem:\nsay: ]\nconfig: seed", previous_interaction_id=first["id"]
    )
    assert second["output_text"].split() == ["[", "]", "null"]
    assert second.get("system_instruction") is None
    assert second.get("generation_config") is None


def test_a_stream_continues_a_conversation(client: Client) -> None:
    """Streamed turns are remembered like others, from the moment that their last event was read."""
    first = list(client.stream(model="scripted", input="my name is Ada"))
    previous = first[-1]["interaction"]["id"]
    second = client.create(model="scripted", input="recall: 1", previous_interaction_id=previous)
    assert second["output_text"] == "my name is Ada"


def test_an_answer_that_was_cut_off_can_be_continued(client: Client) -> None:
    """An incomplete turn is a turn: what came of it is part of the conversation."""
    config = {"max_output_tokens": 2}
    first = client.create(model="scripted", input="say: a b c", generation_config=config)
    second = client.create(model="scripted", input="history:", previous_interaction_id=first["id"])
    assert "assistant: a b\n" in second["output_text"]


def test_a_failed_turn_cannot_be_continued(client: Client) -> None:
    """To go on from a failed turn is refused with the reason."""
    failed = list(client.stream(model="scripted", input="say: half\nfail: internal oh"))[-1]["interaction"]["id"]
    with pytest.raises(SdkError, match=f'{failed}" is failed') as refusal:
        client.create(model="scripted", input="say: on", previous_interaction_id=failed)
    assert refusal.value.name == "BadRequestError"


def test_without_state_the_client_replays_the_steps(client: Client) -> None:
    """With `store=False` the steps go back as the SDK gave them, thought signatures included, and are the history."""
    history = [_said("I have 2 dogs.\nthink: how nice")]
    first = client.create(model="scripted", input=[_said("think: dogs have 4 paws\nsay: Lovely.")], store=False)
    assert first["steps"][0]["signature"]
    history += [*first["steps"], _said("history:")]
    second = client.create(model="scripted", input=history, store=False)
    assert second["output_text"].splitlines()[-2:] == ["assistant: Lovely.", "user: history:"]


def test_without_state_nothing_is_kept(client: Client) -> None:
    """What was made with `store=False` can be neither read nor continued."""
    interaction = client.create(model="scripted", input="say: hello", store=False)
    with pytest.raises(SdkError, match=interaction["id"]) as refusal:
        client.get(interaction["id"])
    assert refusal.value.name == "NotFoundError"
    with pytest.raises(SdkError, match=interaction["id"]) as refusal:
        client.create(model="scripted", input="a", previous_interaction_id=interaction["id"])
    assert refusal.value.name == "NotFoundError"


def test_a_changed_signature_is_refused(client: Client) -> None:
    """A thought's signature that is not as it was received is a bad request that names the step."""
    first = client.create(model="scripted", input="think: deeply\nsay: done", store=False)
    thought = first["steps"][0]
    sealed = bytearray(base64.b64decode(thought["signature"]))
    sealed[-1] ^= 1
    changed = thought | {"signature": base64.b64encode(bytes(sealed)).decode()}
    with pytest.raises(SdkError, match=r"input\[1\]\.signature") as refusal:
        client.create(model="scripted", input=[_said("a"), changed, _said("b")], store=False)
    assert refusal.value.name == "BadRequestError"


def test_a_step_may_carry_more_than_we_know(client: Client) -> None:
    """Steps are replayed as they are: a field of tomorrow's in one of the model's steps does no harm."""
    answered = client.create(model="scripted", input="think: hm\nsay: yes", store=False)["steps"]
    history = [_said("sure?"), *({**step, "of_tomorrow": {"a": [1]}} for step in answered), _said("history:")]
    again = client.create(model="scripted", input=history, store=False)
    assert again["output_text"].splitlines() == ["user: sure?", "assistant: yes", "user: history:"]


def _said(text: str) -> Json:
    content: list[dict[str, Any]] = [{"type": "text", "text": text}]
    return {"type": "user_input", "content": content}
