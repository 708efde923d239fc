"""Reads what a request says of a sandbox: which fields go together, and the body of `POST /environments`. Strict.

Not here: whether sandboxes are served at all.
"""

from typing import Final

import msgspec

from interplay.errors import invalid, listed, shown
from interplay.wire.decode_body import decode_body
from interplay.wire.environment import ENVIRONMENT_MODES, SELF_HOSTED, CreateEnvironmentRequest, Environment
from interplay.wire.places import inside

_CREATE: Final = msgspec.json.Decoder(CreateEnvironmentRequest)
_SELF_HOSTED_ONLY: Final = ("custom_config", "system_instruction")


def create_environment(body: bytes) -> CreateEnvironmentRequest:
    """The request in the body of `POST /environments`. Raises Failure `invalid_request`."""
    request = decode_body(_CREATE, body or b"{}")
    refuse_wrong_mode(request)
    return request


def refuse_wrong_mode(environment: CreateEnvironmentRequest | Environment, where: str = "") -> None:
    """Raise Failure `invalid_request` for a mode that there is not, and for what only a self-hosted sandbox has."""
    mode = inside(where, "mode")
    if environment.mode and environment.mode not in ENVIRONMENT_MODES:
        raise invalid(f"'{mode}' {shown(environment.mode)} is unknown: expected one of {listed(ENVIRONMENT_MODES)}.")
    for field in _SELF_HOSTED_ONLY:
        if getattr(environment, field, None) and environment.mode != SELF_HOSTED:
            raise invalid(
                f"'{inside(where, field)}' needs '{mode}' {shown(SELF_HOSTED)}: got {shown(environment.mode)}."
            )
