"""The structs and the contract say the same; where they do not, the reason stands here.

`contract.json` is derived from all types of the official SDKs. Those of interactions, decisions, triggers and webhooks
stand there by their names, others with their resource before it.
"""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import inspect

from interplay import wire

from .shapes import ANYTHING, of_schema, of_type

CONTRACT: dict[str, Any] = json.loads(Path(__file__).with_name("contract.json").read_text())["schemas"]
TAGS = ("type", "event_type", "ranking_config")

NOT_STRUCTS = {
    "CreateModelInteraction": "one struct for both variants of the request: CreateInteraction",
    "CreateAgentInteraction": "one struct for both variants of the request: CreateInteraction",
    "InteractionSSEStreamEvent": "the SDKs' own wrapper around an event",
}
LIVE = dict.fromkeys(
    (
        *("ClientEventList", "CancelInteractionEvent", "CompleteInteractionEvent", "ConnectInteractionEvent"),
        *("CreateInteractionEvent", "DisconnectEvent", "InputEvent", "UserActionInput", "WorldSetupEvent"),
        *("WorldPromptContent", "WorldReferenceImage", "InteractionAuthToken", "InteractionAuthTokenCreateParams"),
        *("InteractionCancelledEvent", "InteractionConnectedEvent"),
        *("LiveInteractionCompletedEvent", "LiveInteractionCreatedEvent"),
    ),
    "live interactions are refused as a whole, whatever is said in them",
)
NOT_READ = {
    "agents": "refused as a whole",
    "credentials": "refused as a whole",
    "environments": "refused as a whole, but for what a request to make one says",
    "errors": "two shapes of one object, which `api.errors` writes",
    "voices": "refused as a whole",
}
READ = {"environments.CreateEnvironmentRequest"}
ADDED = {
    ("GenerationConfig", "top_k"): "accepted by the live API",
    ("Interaction", "object"): "sent by the live API",
}
LEFT_OUT = dict.fromkeys(
    (
        ("Interaction", name)
        for name in ("output_text", "output_image", "output_audio", "output_video", "continuation_ids")
    ),
    "the SDKs compute it, and contradict each other where a server sent it",
)
REQUIRED_HERE = dict.fromkeys(
    (("Interaction", name) for name in ("id", "created", "updated", "steps")),
    "without it the Python SDK does not validate the answer",
)
OTHER_SHAPE = {
    ("Interaction", "model"): "names of models are the operator's",
    ("Interaction", "agent"): "names of agents are the operator's",
    ("Trigger", "interaction"): "models run too: one struct for both variants of the request",
    ("TriggerCreateParams", "interaction"): "the same",
    ("ChoiceQuestion", "criteria"): "null is no description",
}
STRUCTS = sorted(
    name
    for name, schema in CONTRACT.items()
    if schema.get("properties")
    and name not in NOT_STRUCTS | LIVE
    and (name.partition(".")[0] not in NOT_READ or name in READ)
)


def test_every_object_of_the_contract_is_known() -> None:
    """Each of its objects has a struct, or a reason why it needs none."""
    assert not [name for name in STRUCTS if not hasattr(wire, _short(name))]


@pytest.mark.parametrize("name", STRUCTS)
def test_fields_are_those_of_the_contract(name: str) -> None:
    """A struct has the contract's fields, no more and no fewer."""
    here = {field.name for field in _info(name).fields}
    here -= {field for struct, field in ADDED if struct == name}
    here |= {field for struct, field in LEFT_OUT if struct == name}
    assert here == set(CONTRACT[name]["properties"]) - _tag_fields(CONTRACT[name])


@pytest.mark.parametrize("name", STRUCTS)
def test_required_fields_are_those_of_the_contract(name: str) -> None:
    """What the contract requires is required, and nothing else is."""
    here = {field.name for field in _info(name).fields if field.required}
    here -= {field for struct, field in REQUIRED_HERE if struct == name}
    assert here == set(CONTRACT[name].get("required", ())) - _tag_fields(CONTRACT[name])


@pytest.mark.parametrize("name", STRUCTS)
def test_discriminators_are_those_of_the_contract(name: str) -> None:
    """A struct is told apart by the contract's field and value."""
    info = _info(name)
    here = {info.tag_field: info.tag} if info.tag_field else {}
    assert here == {
        field: schema["const"] for field, schema in CONTRACT[name]["properties"].items() if "const" in schema
    }


@pytest.mark.parametrize("name", STRUCTS)
def test_shapes_are_those_of_the_contract(name: str) -> None:
    """Every field has the contract's types and known values; raw JSON stands for any shape."""
    for field in _info(name).fields:
        if (name, field.name) in ADDED | OTHER_SHAPE or (here := of_type(field.type)) == ANYTHING:
            continue
        assert here == of_schema(CONTRACT[name]["properties"][field.name], CONTRACT), field.name


def test_request_has_the_fields_of_both_variants() -> None:
    """CreateInteraction holds what a model's request holds, and what an agent's does."""
    variants = [CONTRACT[name]["properties"] for name in ("CreateModelInteraction", "CreateAgentInteraction")]
    assert {field.name for field in _info("CreateInteraction").fields} == {name for names in variants for name in names}
    assert not any(field.required for field in _info("CreateInteraction").fields)


@pytest.mark.parametrize(
    ("alias", "union"),
    [
        ("Step", wire.Step),
        ("Content", wire.Content),
        ("StepDeltaData", wire.StepDeltaData),
        ("Tool", wire.Tool),
        ("Annotation", wire.Annotation),
        ("InteractionSSEEvent", wire.InteractionSSEEvent),
        ("FunctionResultSubcontent", wire.FunctionResultSubcontent),
        ("ThoughtSummaryContent", wire.ThoughtSummaryContent),
        ("InteractionAgentConfig", wire.AgentConfig),
        ("TranscriptionMode", wire.TranscriptionMode),
        ("Question", wire.DecisionQuestion),
        ("Answer", wire.DecisionAnswer),
        ("Input", wire.DecisionInput),
    ],
)
def test_unions_have_the_members_of_the_contract(alias: str, union: Any) -> None:
    """A union has all members that the contract gives it."""
    assert of_type(inspect.type_info(union)) == of_schema(CONTRACT[alias], CONTRACT)


def test_every_public_struct_is_in_the_contract() -> None:
    """No struct is made up, but for the request that joins two, and the schema that stands for a format."""
    public = {name for name in wire.__all__ if isinstance(getattr(wire, name), type)}
    assert public - set(map(_short, STRUCTS)) == {"CreateInteraction", "BareSchema"}


def test_everything_public_can_be_imported_once() -> None:
    """`__all__` is complete and without repetition."""
    assert len(wire.__all__) == len(set(wire.__all__))
    assert all(hasattr(wire, name) for name in wire.__all__)


def _info(name: str) -> inspect.StructType:
    info = inspect.type_info(getattr(wire, _short(name)))
    assert isinstance(info, inspect.StructType)
    assert issubclass(info.cls, msgspec.Struct)
    return info


def _short(name: str) -> str:
    return name.rpartition(".")[2]


def _tag_fields(schema: dict[str, Any]) -> set[str]:
    return {name for name in TAGS if "const" in schema["properties"].get(name, {})}
