"""The events of a stream.

`event_id` is the cursor: a client that lost the stream gets the events after it with `last_event_id`. Plain create
streams may leave it out. `index` is the position of the step in the stream, from 0; it ties start, deltas and stop
together.
"""

from typing import Literal

import msgspec

from interplay.wire.base import Wire, object_interaction
from interplay.wire.deltas import StepDeltaData
from interplay.wire.error import Error
from interplay.wire.interaction import InteractionStatus, ServiceTier
from interplay.wire.steps import Step
from interplay.wire.usage import Usage


class InteractionSseEventInteraction(Wire, frozen=True, kw_only=True):
    """The interaction as far as an event tells of it."""

    id: str
    status: InteractionStatus
    usage: Usage | None = None
    created: str | None = None
    """ISO 8601, UTC, whole seconds: "2026-06-09T12:01:25Z"."""
    updated: str | None = None
    """ISO 8601, UTC, whole seconds."""
    service_tier: ServiceTier | None = None
    steps: tuple[Step, ...] | None = None
    """Left out for models: clients have added up the deltas. Agents send it at the end."""
    object: Literal["interaction"] = msgspec.field(default_factory=object_interaction)
    model: str | None = None
    """The name that the request asked for."""
    agent: str | None = None
    continuation_token: str | None = None
    """With it the client asks for the next part of a run that stopped early."""


class StepDeltaMetadata(Wire, frozen=True, kw_only=True):
    """What else is known at this delta."""

    total_usage: Usage | None = None
    """Of the interaction so far."""


class InteractionCreatedEvent(Wire, frozen=True, kw_only=True, tag_field="event_type", tag="interaction.created"):
    """First event: the run has an id."""

    interaction: InteractionSseEventInteraction
    event_id: str | None = None


class InteractionStatusUpdate(Wire, frozen=True, kw_only=True, tag_field="event_type", tag="interaction.status_update"):
    """The run changed its state."""

    interaction_id: str
    status: InteractionStatus
    continuation_token: str | None = None
    """With it the client asks for the next part of a run that stopped early."""
    event_id: str | None = None
    usage: Usage | None = None
    """Of the interaction so far."""


class StepStart(Wire, frozen=True, kw_only=True, tag_field="event_type", tag="step.start"):
    """A step begins."""

    index: int
    step: Step
    """Its ids and names are complete, its content is still to come."""
    event_id: str | None = None


class StepDelta(Wire, frozen=True, kw_only=True, tag_field="event_type", tag="step.delta"):
    """The step grows."""

    index: int
    delta: StepDeltaData
    event_id: str | None = None
    metadata: StepDeltaMetadata | None = None


class StepStop(Wire, frozen=True, kw_only=True, tag_field="event_type", tag="step.stop"):
    """The step is finished."""

    index: int
    usage: Usage | None = None
    """Of the interaction so far."""
    step_usage: Usage | None = None
    """Of this step alone."""
    event_id: str | None = None


class InteractionCompletedEvent(Wire, frozen=True, kw_only=True, tag_field="event_type", tag="interaction.completed"):
    """Last event of a run that ended, in whatever status."""

    interaction: InteractionSseEventInteraction
    event_id: str | None = None


class ErrorEvent(Wire, frozen=True, kw_only=True, tag_field="event_type", tag="error"):
    """The run failed. Clients deliver this event, they do not raise it."""

    error: Error | None = None
    event_id: str | None = None


InteractionSSEEvent = (
    ErrorEvent
    | InteractionCompletedEvent
    | InteractionCreatedEvent
    | InteractionStatusUpdate
    | StepDelta
    | StepStart
    | StepStop
)
Event = InteractionSSEEvent
