"""From an Interaction that has ended to what webhooks are told of it: thin, the Interaction itself is read by `GET`.

status                                          type of the notice
completed, incomplete, requires_continuation    interaction.completed: there is an answer to be read
requires_action                                 interaction.requires_action
failed                                          interaction.failed, with error_code and error_message
cancelled                                       interaction.cancelled
"""

from typing import Final

import msgspec

from interplay import wire
from interplay.engine import status as statuses
from interplay.store.outbox import Notice

_TYPES: Final = {
    statuses.REQUIRES_ACTION: "interaction.requires_action",
    statuses.FAILED: "interaction.failed",
    statuses.CANCELLED: "interaction.cancelled",
}
_LONGEST_MESSAGE: Final = 500
"""Bytes of an error's message as JSON: the notice must fit into a header, signed, for receivers of a request."""

_encode = msgspec.json.Encoder().encode


def notice(interaction: wire.Interaction) -> Notice:
    """What is told of this end, and to whom if the request said so."""
    asked = interaction.webhook_config or wire.WebhookConfig()
    type = _TYPES.get(interaction.status, "interaction.completed")
    body = {"type": type, "version": "v1", "timestamp": interaction.updated, "data": _data(interaction)}
    if asked.user_metadata:
        body["user_metadata"] = asked.user_metadata
    return Notice(id=f"msg_{interaction.id}", type=type, payload=_encode(body), uris=asked.uris or ())


def _data(interaction: wire.Interaction) -> dict[str, str]:
    if interaction.status != statuses.FAILED:
        return {"id": interaction.id}
    error = (interaction.errors or (wire.Error(),))[-1]
    message = _shortened(error.message or "The run failed without a reason.")
    return {"id": interaction.id, "error_code": error.code or "internal", "error_message": message}


def _shortened(message: str) -> str:
    """As much of its beginning as has so many bytes; a character can have up to six."""
    message = message[:_LONGEST_MESSAGE]
    while (over := len(_encode(message)) - _LONGEST_MESSAGE) > 0:
        message = message[: -max(1, over // 6)]
    return message
