"""The interaction, as it is answered and stored, and settings it shares with the request."""

from typing import Annotated, Any, Final, Literal

import msgspec

from interplay.wire.agents import AgentConfig
from interplay.wire.base import ABSENT, Wire, known, object_interaction
from interplay.wire.environment import Environment
from interplay.wire.error import Error
from interplay.wire.generation import GenerationConfig
from interplay.wire.steps import Step
from interplay.wire.tools import Tool
from interplay.wire.usage import ResponseModality, Usage

InteractionStatus = Annotated[
    str,
    known(
        "in_progress",
        "requires_action",
        "completed",
        "failed",
        "cancelled",
        "incomplete",
        "budget_exceeded",
        "queued",
        "idle",
        "requires_continuation",
    ),
]
SERVICE_TIERS: Final = ("flex", "standard", "priority", "deferred")
ServiceTier = Annotated[str, known(*SERVICE_TIERS)]
HarmCategory = Annotated[
    str,
    known(
        "hate_speech",
        "dangerous_content",
        "harassment",
        "sexually_explicit",
        "civic_integrity",
        "image_hate",
        "image_dangerous_content",
        "image_harassment",
        "image_sexually_explicit",
        "jailbreak",
    ),
]
HarmBlockThreshold = Annotated[
    str, known("block_low_and_above", "block_medium_and_above", "block_only_high", "block_none", "off")
]
HarmBlockMethod = Annotated[str, known("severity", "probability")]


class SafetySetting(Wire, frozen=True, kw_only=True):
    """Where to block one kind of harm."""

    type: HarmCategory
    threshold: HarmBlockThreshold
    method: HarmBlockMethod | None = None


class WebhookConfig(Wire, frozen=True, kw_only=True):
    """Where to report this run."""

    uris: tuple[str, ...] | None = None
    """These receivers instead of the registered ones."""
    user_metadata: dict[str, Any] | None = None
    """Sent along with every report."""


class Interaction(Wire, frozen=True, kw_only=True):
    """One turn of a conversation, or one task of an agent.

    The SDKs compute `output_text`, `output_image`, `output_audio`, `output_video` and `continuation_ids` themselves and
    contradict each other where a server sent them: they have no place here.
    """

    id: str
    status: InteractionStatus
    usage: Usage | None = None
    created: str
    """ISO 8601, UTC, whole seconds: "2026-06-09T12:01:25Z"."""
    updated: str
    """ISO 8601, UTC, whole seconds."""
    service_tier: ServiceTier | None = None
    steps: tuple[Step, ...]
    """What came of it, in order; before that, where `include_input` asked for it, the input as steps."""
    object: Literal["interaction"] = msgspec.field(default_factory=object_interaction)
    model: str | None = None
    """The name that the request asked for."""
    agent: str | None = None
    environment_id: str | None = None
    """The sandbox that was used or made."""
    previous_interaction_id: str | None = None
    """The stored interaction that this one continues."""
    input: msgspec.Raw = ABSENT
    """What the user sent; only where `include_input` asked for it."""
    errors: tuple[Error, ...] | None = None
    """Faults of the platform during the run."""
    agent_config: AgentConfig | None = None
    cached_content: str | None = None
    """Deprecated: an explicit cache."""
    continuation_token: str | None = None
    """With it the client asks for the next part of a run that stopped early."""
    environment: Environment | str | None = None
    """The id of a sandbox, `remote` for a new one, or its settings."""
    generation_config: GenerationConfig | None = None
    labels: dict[str, str] | None = None
    """Tags of the user."""
    response_format: msgspec.Raw = ABSENT
    """One format, a list of them, or a bare JSON schema; read by `decode.response_formats`."""
    response_mime_type: str | None = None
    """Deprecated: asks for JSON together with a bare schema."""
    response_modalities: tuple[ResponseModality, ...] | None = None
    """Deprecated: `response_format`."""
    safety_settings: tuple[SafetySetting, ...] | None = None
    system_instruction: str | None = None
    tools: tuple[Tool, ...] | None = None
    webhook_config: WebhookConfig | None = None
