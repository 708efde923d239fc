"""Reads the bodies of the webhooks resource: bytes in, typed values or a Failure out. Strict, like `decode`.

Not here: which receivers may be reached (`interplay.webhooks.reach`).
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from interplay.errors import invalid, listed, shown
from interplay.wire.complaints import closest
from interplay.wire.decode_body import decode_body
from interplay.wire.webhooks import (
    AFTER_A_DAY,
    EVENTS,
    IMMEDIATELY,
    MORE_EVENTS,
    PingWebhookRequest,
    RotateSigningSecretRequest,
    WebhookInput,
    WebhookUpdate,
)

_LONGEST_NAME: Final = 256
_ALL: Final = "*"
"""The mask that names every field."""

_INPUT: Final = msgspec.json.Decoder(WebhookInput)
_UPDATE: Final = msgspec.json.Decoder(WebhookUpdate)
_ROTATE: Final = msgspec.json.Decoder(RotateSigningSecretRequest)
_PING: Final = msgspec.json.Decoder(PingWebhookRequest)


def create_webhook(body: bytes) -> WebhookInput:
    """The receiver in the body of `POST /webhooks`. Raises Failure `invalid_request`."""
    asked = decode_body(_INPUT, body)
    _check_name(asked.name)
    _check_events(asked.subscribed_events)
    return asked


def update_webhook(body: bytes) -> WebhookUpdate:
    """The request in the body of `PATCH /webhooks/{id}`. Raises Failure `invalid_request`."""
    asked = decode_body(_UPDATE, body)
    _check_name(asked.name)
    if asked.subscribed_events is not None:
        _check_events(asked.subscribed_events)
    return asked


def changes(asked: WebhookUpdate, mask: str | None) -> dict[str, object]:
    """The fields to change and their new values: those that the mask names, or without one those that are given.

    A field that the mask names and the body leaves out has no value any more, which only the name may do. Raises
    Failure `invalid_request`.
    """
    mask = None if mask is None else mask.strip()
    given = {name: value for name, value in msgspec.structs.asdict(asked).items() if value is not None}
    changed = given if mask is None else {field: given.get(field) for field in _masked(mask)}
    for field, value in changed.items():
        if value is None and field != "name":
            named = f"'{field}', which" if mask != _ALL else f"every field, and '{field}' is one that"
            raise invalid(f"'update_mask' names {named} the body leaves out: expected a value.")
    if not changed:
        raise invalid(f"There is nothing to change: expected one of {listed(WebhookUpdate.__struct_fields__)}.")
    return changed


def rotate_signing_secret(body: bytes) -> str:
    """What becomes of the previous secrets, AFTER_A_DAY or IMMEDIATELY. The API's guide writes it in capitals."""
    behavior = decode_body(_ROTATE, body).revocation_behavior if body.strip() else None
    known = (AFTER_A_DAY, IMMEDIATELY)
    if behavior is not None and behavior.lower() not in known:
        raise invalid(f"'revocation_behavior' {shown(behavior)} is not valid: expected one of {listed(known)}.")
    return AFTER_A_DAY if behavior is None else behavior.lower()


def ping_webhook(body: bytes) -> None:
    """Raises Failure for a body that says anything."""
    if body.strip():
        decode_body(_PING, body)


def _masked(mask: str) -> list[str]:
    known = WebhookUpdate.__struct_fields__
    if mask == _ALL:
        return list(known)
    fields = [field.strip() for field in mask.split(",")]
    for field in fields:
        if field not in known:
            meant = closest(field, known)
            hint = f"Did you mean {shown(meant)}?" if meant else f"Expected fields among {listed(known)}."
            raise invalid(f"'update_mask' names {shown(field)}, which cannot be changed. {hint}")
    return fields


def _check_name(name: str | None) -> None:
    if name is not None and (len(name) > _LONGEST_NAME or not name.isprintable()):
        raise invalid(f"'name' {shown(name)} is not valid: expected at most {_LONGEST_NAME} printable characters.")


def _check_events(events: Sequence[str]) -> None:
    known = (*EVENTS, *MORE_EVENTS)
    if not events:
        raise invalid(f"'subscribed_events' is empty: expected at least one of {listed(known)}.")
    for index, event in enumerate(events):
        if event not in known:
            raise invalid(f"'subscribed_events[{index}]' {shown(event)} is unknown: expected one of {listed(known)}.")
        if event in events[:index]:
            raise invalid(f"'subscribed_events[{index}]' {shown(event)} is there twice: expected each event once.")
