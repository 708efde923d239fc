"""The webhooks resource: receivers that are told what became of interactions. Not here: what they are sent."""

from typing import Annotated, Final, Literal

from interplay.wire.base import Wire, known

EVENTS: Final = (
    "batch.succeeded",
    "batch.expired",
    "batch.failed",
    "interaction.requires_action",
    "interaction.completed",
    "interaction.failed",
    "video.generated",
)
"""What the SDKs know."""
MORE_EVENTS: Final = ("batch.cancelled", "interaction.cancelled")
"""What the API's own pages name beside it."""

AFTER_A_DAY: Final = "revoke_previous_secrets_after_h24"
IMMEDIATELY: Final = "revoke_previous_secrets_immediately"

WebhookSubscribedEvent = Annotated[str, known(*EVENTS)]
WebhookState = Annotated[str, known("enabled", "disabled", "disabled_due_to_failed_deliveries")]


class SigningSecret(Wire, frozen=True, kw_only=True):
    """What a webhook signs with, without the secret itself."""

    expire_time: str | None = None
    """When it signs no more, ISO 8601, UTC; absent for the newest."""
    truncated_secret: str | None = None
    """Its end, for people."""


class Webhook(Wire, frozen=True, kw_only=True):
    """A registered receiver."""

    subscribed_events: tuple[WebhookSubscribedEvent, ...]
    uri: str
    create_time: str | None = None
    """ISO 8601, UTC."""
    id: str | None = None
    name: str | None = None
    """For people."""
    new_signing_secret: str | None = None
    """The whole secret, in the answer to the create only."""
    signing_secrets: tuple[SigningSecret, ...] | None = None
    """What it signs with now, the newest first."""
    state: WebhookState | None = None
    update_time: str | None = None
    """ISO 8601, UTC."""


class WebhookInput(Wire, frozen=True, kw_only=True):
    """A receiver to register."""

    subscribed_events: tuple[WebhookSubscribedEvent, ...]
    uri: str
    name: str | None = None
    """For people."""


class WebhookUpdate(Wire, frozen=True, kw_only=True):
    """What is to be changed of a receiver."""

    name: str | None = None
    """For people."""
    state: Literal["enabled", "disabled", "disabled_due_to_failed_deliveries"] | None = None
    subscribed_events: tuple[WebhookSubscribedEvent, ...] | None = None
    uri: str | None = None


class WebhookListResponse(Wire, frozen=True, kw_only=True):
    """A page of receivers, the oldest first."""

    next_page_token: str | None = None
    """Absent on the last page."""
    webhooks: tuple[Webhook, ...] | None = None


class RotateSigningSecretRequest(Wire, frozen=True, kw_only=True):
    """How a receiver's secret is replaced."""

    revocation_behavior: str | None = None
    """Whether the previous secrets sign for another day, which they do when absent, or no more."""


class WebhookRotateSigningSecretResponse(Wire, frozen=True, kw_only=True):
    """The new secret."""

    secret: str | None = None
    """In full; it is not shown again."""


class PingWebhookRequest(Wire, frozen=True, kw_only=True):
    """Nothing."""
