"""Names for new things: opaque, unguessable, safe in a URL. Not here: who owns what (`interplay.store`)."""

import secrets
import string
from typing import Final

_CALL_LETTERS: Final = string.ascii_lowercase + string.digits


def interaction_id() -> str:
    """An interaction's id. It has the look of Google's (`v1_...`) and no meaning."""
    return "v1_" + secrets.token_urlsafe(18)


def call_id() -> str:
    """The id of a function call, as short as Google's."""
    return "".join(secrets.choice(_CALL_LETTERS) for _ in range(12))


def api_key() -> str:
    """A new API key, 256 bits of it random."""
    return "interplay-" + secrets.token_urlsafe(32)


def key_id() -> str:
    """The public name of an API key."""
    return "key_" + secrets.token_hex(6)


def webhook_id() -> str:
    """The name of a registered webhook."""
    return "webhook_" + secrets.token_hex(8)


def message_id() -> str:
    """The name of a message to a webhook that tells of no interaction."""
    return "msg_" + secrets.token_hex(12)


def owner() -> str:
    """The name of one start of a server process."""
    return "start_" + secrets.token_hex(8)


def trigger_id() -> str:
    """A trigger's id."""
    return "trigger_" + secrets.token_urlsafe(12)


def execution_id(trigger: str, due: float | None) -> str:
    """An execution's id: the same one for the same time that a trigger was due, a new one where somebody asked."""
    return f"{trigger}.{secrets.token_urlsafe(8) if due is None else round(due)}"
