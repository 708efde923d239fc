"""`[[models]]`: the catalogue."""

import os
from collections.abc import Iterable
from typing import Final, Literal

import msgspec

from interplay.settings.values import Positive, SettingsError


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="backend"):
    """One entry of the catalogue: which requested names go where. The first entry that matches wins."""

    match: str
    """A requested name, or a pattern with `*` and `?`."""


class LocalEntry(Entry, frozen=True, tag="local"):
    """Names that an installed model answers for."""

    model: str | None = None
    """The installed model; the default one when absent."""


FIRST_BYTE_SECONDS: Final = 1800.0
SILENCE_SECONDS: Final = 300.0

StructuredOutput = Literal["checked", "native", "prompt"]
"""`checked`: asked by `response_format`, held back, checked and corrected. `native`: the upstream guides its decoding
by the schema, so the answer is shown while it grows. `prompt`: asked in words, held back, checked and corrected."""


ReasoningBack = Literal["calls", "always", "never"]
"""With which of its messages a model's thoughts are sent back to it: those that call functions, all, or none."""


class OpenAIEntry(Entry, frozen=True, tag="openai"):
    """Names that an OpenAI-compatible server answers for."""

    base_url: str
    """The upstream's address, up to and with `/v1`."""
    model: str | None = None
    """The name sent upstream; the requested name when absent."""
    api_key_env: str | None = None
    """The environment variable that holds the upstream's key."""
    thinking_levels: tuple[str, ...] = ()
    """The values of `thinking_level` that the model has, sent as `reasoning_effort`."""
    continues: bool = False
    """Whether the upstream goes on with the beginning of an answer, which `decode_limit_tokens` needs."""
    input_token_limit: int | None = None
    """Context length in tokens, shown by `GET /models`; what the upstream tells when absent."""
    output_token_limit: int | None = None
    """Longest answer in tokens, shown by `GET /models`."""
    structured_output: StructuredOutput = "checked"
    """How an answer that must meet a schema is asked for."""
    first_byte_seconds: Positive = FIRST_BYTE_SECONDS
    """How long the upstream may take until it says anything; an answer in one piece, until it is there."""
    silence_seconds: Positive = SILENCE_SECONDS
    """How long it may say nothing in the middle of an answer."""
    begins_thinking: bool | None = None
    """Whether answers begin inside of a thought that only `</think>` ends, since the model's template has opened it;
    learnt from the answers when absent."""
    reasoning_back: ReasoningBack = "calls"
    """With which of its messages the model's thoughts are sent back to it."""


class ScriptedEntry(Entry, frozen=True, tag="scripted"):
    """Names that the scripted model answers for."""


ModelSettings = LocalEntry | OpenAIEntry | ScriptedEntry


def check_models(models: Iterable[ModelSettings], source: str) -> None:
    """Raises SettingsError for an entry that cannot be used."""
    for entry in models:
        if isinstance(entry, OpenAIEntry):
            _check_upstream(entry, source)


def _check_upstream(entry: OpenAIEntry, source: str) -> None:
    if not entry.base_url.startswith(("http://", "https://")):
        raise SettingsError(
            f"The model entry '{entry.match}' of {source} has base_url {entry.base_url!r}: expected an address that "
            "begins with http:// or https://."
        )
    if entry.api_key_env is not None and entry.api_key_env not in os.environ:
        raise SettingsError(
            f"The model entry '{entry.match}' of {source} takes its key from {entry.api_key_env}, which is not set."
        )
