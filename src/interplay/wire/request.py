"""The body of `POST /interactions`."""

import msgspec

from interplay.wire.agents import AgentConfig
from interplay.wire.base import ABSENT, Wire
from interplay.wire.environment import Environment
from interplay.wire.generation import GenerationConfig
from interplay.wire.interaction import SafetySetting, ServiceTier, WebhookConfig
from interplay.wire.tools import Tool
from interplay.wire.usage import ResponseModality


class CreateInteraction(Wire, frozen=True, kw_only=True):
    """What is to be done: the fields of a model's and of an agent's request together.

    `decode.create_interaction` sees to it that exactly one of `model` and `agent` is given.
    """

    model: str | None = None
    """Exactly one of `model` and `agent`."""
    agent: str | None = None
    input: msgspec.Raw = ABSENT
    """Text, content or steps; read by `decode.input_steps`."""
    previous_interaction_id: str | None = None
    """The stored interaction that this one continues."""
    system_instruction: str | None = None
    tools: tuple[Tool, ...] | None = None
    response_format: msgspec.Raw = ABSENT
    """One format, a list of them, or a bare JSON schema; read by `decode.response_formats`."""
    generation_config: GenerationConfig | None = None
    agent_config: AgentConfig | None = None
    environment: Environment | str | None = None
    """The id of a sandbox, `remote` for a new one, or its settings."""
    stream: bool | None = None
    """Answer with events."""
    background: bool | None = None
    """Answer at once and go on working."""
    store: bool | None = None
    """Keep the interaction; true when absent."""
    service_tier: ServiceTier | None = None
    safety_settings: tuple[SafetySetting, ...] | None = None
    labels: dict[str, str] | None = None
    """Tags of the user."""
    webhook_config: WebhookConfig | None = None
    continuation_token: str | None = None
    """From an earlier part of the run: go on from there."""
    cached_content: str | None = None
    """Deprecated: an explicit cache."""
    response_mime_type: str | None = None
    """Deprecated: asks for JSON together with a bare schema."""
    response_modalities: tuple[ResponseModality, ...] | None = None
    """Deprecated: `response_format`."""
