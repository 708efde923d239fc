"""Reads the bodies of `POST /triggers` and `PATCH /triggers/{id}`: bytes in, a request or a Failure out. Strict.

Not here: whether the schedule and the zone mean something (`interplay.triggers.schedule`), and whether the interaction
can be run (`interplay.runs`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import msgspec

from interplay.errors import Failure, invalid, listed, shown
from interplay.wire.decode import refuse_wrong_runner
from interplay.wire.decode_body import decode_body
from interplay.wire.request import CreateInteraction
from interplay.wire.triggers import TRIGGER_STATUSES, RunTriggerRequest, TriggerCreateParams, TriggerUpdate

_CREATE: Final = msgspec.json.Decoder(TriggerCreateParams)
_UPDATE: Final = msgspec.json.Decoder(TriggerUpdate)
_RUN: Final = msgspec.json.Decoder(RunTriggerRequest)
_LONGEST_NAME: Final = 256
"""Characters of a `display_name`. The contract names no limit; it is for people."""


def create_trigger(body: bytes) -> TriggerCreateParams:
    """The request in the body of `POST /triggers`. Raises Failure `invalid_request`."""
    request = decode_body(_CREATE, body)
    with in_interaction():
        refuse_wrong_runner(request.interaction)
    _refuse_another_way_to_run(request.interaction)
    _check_name(request.display_name)
    if request.environment_id is not None:
        raise invalid(
            f"'environment_id' {shown(request.environment_id)} cannot be honoured: sandboxes are not served yet."
        )
    return request


def update_trigger(body: bytes) -> TriggerUpdate:
    """The request in the body of `PATCH /triggers/{id}`. Raises Failure `invalid_request`."""
    request = decode_body(_UPDATE, body)
    _check_name(request.display_name)
    if request.status is not None and request.status not in TRIGGER_STATUSES:
        raise invalid(f"'status' {shown(request.status)} is not valid: expected one of {listed(TRIGGER_STATUSES)}.")
    if request.status is None and request.display_name is None:
        raise invalid(f"There is nothing to change: expected one of {listed(TriggerUpdate.__struct_fields__)}.")
    return request


def run_trigger(body: bytes) -> None:
    """Raises Failure for a body of `POST /triggers/{id}/executions` that says anything."""
    if body.strip():
        decode_body(_RUN, body)


@contextmanager
def in_interaction() -> Iterator[None]:
    """Whatever is wrong here, is wrong in the request's `interaction`: what that does not find is no 404 of its own."""
    try:
        yield
    except Failure as failure:
        code = "invalid_request" if failure.code == "not_found" else failure.code
        raise Failure(code, f"In 'interaction': {failure.message}") from failure


def _refuse_another_way_to_run(interaction: CreateInteraction) -> None:
    """Executions run in the background and are stored, each from the beginning: nobody is there to read or to go on."""
    wrong = {
        "background": interaction.background is False,
        "store": interaction.store is False,
        "stream": interaction.stream is True,
        "continuation_token": bool(interaction.continuation_token),
    }
    for field in (field for field, refused in wrong.items() if refused):
        raise invalid(
            f"'interaction.{field}' {shown(getattr(interaction, field))} cannot be honoured: what a trigger starts "
            "runs in the background, from the beginning, and is stored. Leave it out."
        )


def _check_name(name: str | None) -> None:
    if name and (len(name) > _LONGEST_NAME or not name.isprintable()):
        raise invalid(
            f"'display_name' {shown(name)} is not valid: expected at most {_LONGEST_NAME} printable characters, "
            f"got {len(name)} characters."
        )
