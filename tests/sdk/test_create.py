from tests.sdk.client import Client


def test_an_answer_has_text_and_honest_counts(client: Client) -> None:
    """One call gives the model's words as `output_text`, and counts that add up."""
    interaction = client.create(model="scripted", input="think: one two\nsay: three words here")
    assert interaction["output_text"] == "three words here"
    assert interaction["status"] == "completed"
    usage = interaction["usage"]
    assert (usage["total_input_tokens"], usage["total_thought_tokens"], usage["total_output_tokens"]) == (7, 2, 3)
    assert usage["total_tokens"] == 12
    assert usage["input_tokens_by_modality"] == [{"modality": "text", "tokens": 7}]


def test_an_answer_has_every_field_that_the_sdks_count_on(client: Client) -> None:
    """Id, status, times, steps and model are there, or the Python SDK builds the object without checking it."""
    interaction = client.create(model="scripted", input="say: hello")
    assert interaction["id"].startswith("v1_")
    assert interaction["model"] == "scripted"
    assert interaction["created"] <= interaction["updated"]
    assert [step["type"] for step in interaction["steps"]] == ["model_output"]
    assert interaction["service_tier"] == "standard"


def test_labels_come_back(client: Client) -> None:
    """The user's labels are on the interaction, now and later."""
    labels = {"team": "search", "run-7": ""}
    interaction = client.create(model="scripted", input="say: hello", labels=labels)
    assert interaction["labels"] == labels
    assert client.get(interaction["id"])["labels"] == labels


def test_the_settings_of_a_turn_reach_the_model(client: Client) -> None:
    """The system instruction and the generation config are what the model works by."""
    interaction = client.create(
        model="scripted",
        input="system:\nconfig: seed\nconfig: temperature",
        system_instruction="Speak plainly.",
        generation_config={"seed": 7, "temperature": 0.5},
    )
    assert interaction["output_text"] == "Speak plainly.\n7\n0.5"
    assert interaction["system_instruction"] == "Speak plainly."


def test_an_answer_cut_off_by_the_limit_is_incomplete(client: Client) -> None:
    """`max_output_tokens` ends the answer with status `incomplete` and with the words so far."""
    config = {"max_output_tokens": 3}
    interaction = client.create(model="scripted", input="say: a b c d e", generation_config=config)
    assert (interaction["status"], interaction["output_text"]) == ("incomplete", "a b c")


def test_a_stop_sequence_ends_the_answer(client: Client) -> None:
    """The answer ends before a stop sequence, and is complete."""
    config = {"stop_sequences": ["STOP"]}
    interaction = client.create(model="scripted", input="say: before STOP after", generation_config=config)
    assert (interaction["status"], interaction["output_text"]) == ("completed", "before ")


def test_thoughts_are_summarised_when_asked(client: Client) -> None:
    """A thought always has its signature; what was thought is shown with `thinking_summaries` only."""
    script = "think: quietly now\nsay: done"
    silent = client.create(model="scripted", input=script)["steps"][0]
    told = client.create(model="scripted", input=script, generation_config={"thinking_summaries": "auto"})["steps"][0]
    assert silent["type"] == told["type"] == "thought"
    assert silent["signature"]
    assert told["signature"]
    assert not silent.get("summary")
    assert [block["text"] for block in told["summary"]] == ["quietly now"]


def test_no_continuation_is_ever_needed(client: Client) -> None:
    """An answer comes in one piece: the SDKs are never told to go on with a token."""
    interaction = client.create(model="scripted", input="repeat: 2000 word")
    assert interaction["status"] == "completed"
    assert interaction.get("continuation_token") is None
    assert len(interaction["output_text"].split()) == 2000
