import pytest

from tests.sdk.client import Client, SdkError, read_until, text_of
from tests.waiting import until


def test_an_interaction_can_be_read_again(client: Client) -> None:
    """`get` gives what `create` gave."""
    created = client.create(model="scripted", input="think: hm\nsay: hello", labels={"a": "b"})
    read = client.get(created["id"])
    for answer in (created, read):  # what the SDKs fill in themselves, and in `create` only
        answer.pop("continuation_ids", None)
        answer.pop("sdkHttpResponse", None)  # has the time of day
        answer["usage"].pop("initial_input_tokens", None)
    assert read == created


def test_the_input_comes_only_when_asked(client: Client) -> None:
    """`include_input` adds the input, also as the steps that it begins with, and takes nothing from the output."""
    created = client.create(model="scripted", input="say: hello")
    plain = client.get(created["id"])
    assert (plain.get("input"), [step["type"] for step in plain["steps"]]) == (None, ["model_output"])
    read = client.get(created["id"], include_input=True)
    assert read["input"] == "say: hello"
    assert read["steps"] == [
        {"type": "user_input", "content": [{"type": "text", "text": "say: hello"}]},
        *plain["steps"],
    ]
    assert read["output_text"] == "hello"


def test_a_deleted_interaction_is_gone(client: Client) -> None:
    """After `delete` the interaction_id is not found, neither to read nor to go on from nor to delete."""
    interaction_id = client.create(model="scripted", input="say: hello")["id"]
    client.delete(interaction_id)
    for call in (
        lambda: client.get(interaction_id),
        lambda: client.delete(interaction_id),
        lambda: client.cancel(interaction_id),
        lambda: client.follow(interaction_id),
        lambda: client.create(model="scripted", input="a", previous_interaction_id=interaction_id),
    ):
        with pytest.raises(SdkError) as refusal:
            call()
        assert (refusal.value.name, refusal.value.status) == ("NotFoundError", 404)


def test_later_turns_go_on_without_a_deleted_one(client: Client) -> None:
    """Deleting a turn takes its content out of the conversation; the turns after it stay usable."""
    first = client.create(model="scripted", input="the secret")["id"]
    second = client.create(model="scripted", input="the rest", previous_interaction_id=first)["id"]
    client.delete(first)
    third = client.create(model="scripted", input="history:", previous_interaction_id=second)
    assert "the rest" in third["output_text"]
    assert "secret" not in third["output_text"]


def test_a_second_client_cancels_a_running_stream(client: Client, second: Client) -> None:
    """The reader gets the end of the stream, with status `cancelled`; the words so far are kept."""
    events = client.stream(model="scripted", input="say: begun\nwait: 600\nsay: never")
    interaction_id = read_until(events, "step.delta")[0]["interaction"]["id"]
    assert second.cancel(interaction_id)["status"] == "cancelled"
    rest = list(events)
    assert [event["event_type"] for event in rest] == ["step.stop", "interaction.completed"]
    assert rest[-1]["interaction"]["status"] == "cancelled"
    assert client.get(interaction_id)["output_text"] == "begun"


def test_cancelling_twice_is_the_same_as_once(client: Client) -> None:
    """A cancelled interaction is answered as it is; one that ended otherwise cannot be cancelled any more."""
    interaction_id = client.create(model="scripted", input="wait: 600", background=True)["id"]
    assert client.cancel(interaction_id)["status"] == client.cancel(interaction_id)["status"] == "cancelled"
    done = client.create(model="scripted", input="say: done")["id"]
    with pytest.raises(SdkError, match="is completed") as refusal:
        client.cancel(done)
    assert refusal.value.name == "BadRequestError"


def test_a_background_run_is_answered_at_once_and_polled(client: Client) -> None:
    """`background` answers before the model is done; `get` shows how far it is, and its end."""
    created = client.create(model="scripted", input="say: begun\nwait: 0.2\nsay: done", background=True)
    assert created["status"] == "in_progress"
    until(lambda: client.get(created["id"])["status"] != "in_progress")
    assert client.get(created["id"])["output_text"] == "begun\ndone"


def test_a_background_run_that_failed_says_why(client: Client) -> None:
    """Its status is `failed`, `errors` has the reason, and the words so far are kept."""
    interaction_id = client.create(model="scripted", input="say: half an\nfail: bad_gateway it broke", background=True)[
        "id"
    ]
    until(lambda: client.get(interaction_id)["status"] != "in_progress")
    failed = client.get(interaction_id)
    assert (failed["status"], failed["output_text"]) == ("failed", "half an")
    assert failed["errors"] == [{"code": "bad_gateway", "message": "it broke"}]


def test_a_run_in_progress_cannot_be_continued(client: Client) -> None:
    """To go on from it is refused until it has ended."""
    interaction_id = client.create(model="scripted", input="wait: 600", background=True)["id"]
    with pytest.raises(SdkError, match="in_progress") as refusal:
        client.create(model="scripted", input="a", previous_interaction_id=interaction_id)
    assert refusal.value.name == "BadRequestError"
    client.delete(interaction_id)


@pytest.mark.parametrize("read", [1, 4, 7])
def test_a_stream_resumes_after_its_end(client: Client, read: int) -> None:
    """`get` with `stream` and `last_event_id` gives exactly the events after that one, and without it all."""
    events = list(client.stream(model="scripted", input="think: a\nsay: b c"))
    interaction_id = events[0]["interaction"]["id"]
    assert list(client.follow(interaction_id, last_event_id=events[read]["event_id"])) == events[read + 1 :]
    assert list(client.follow(interaction_id)) == events


def test_a_stream_resumes_while_it_runs(client: Client, second: Client) -> None:
    """A background stream that broke off goes on where it was left, with the run still going."""
    events = client.stream(model="scripted", input="say: a b\nwait: 600\nsay: c", background=True)
    before = read_until(events, "step.start")
    events.leave()
    interaction_id = before[0]["interaction"]["id"]
    resumed = client.follow(interaction_id, last_event_id=before[-1]["event_id"])
    after = [*read_until(resumed, "step.delta"), *read_until(resumed, "step.delta")]
    assert text_of(after) == "a b"
    assert client.get(interaction_id)["status"] == "in_progress"
    second.cancel(interaction_id)
    after += list(resumed)
    assert before + after == list(client.follow(interaction_id))


def test_a_cursor_of_another_interaction_is_refused(client: Client) -> None:
    """A `last_event_id` that is not one of this interaction's is a bad request."""
    ends = [list(client.stream(model="scripted", input="say: a"))[-1] for _ in range(2)]
    with pytest.raises(SdkError, match="last_event_id") as refusal:
        list(client.follow(ends[0]["interaction"]["id"], last_event_id=ends[1]["event_id"]))
    assert refusal.value.name == "BadRequestError"
