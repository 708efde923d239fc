"""`[local]`: the local engine."""

import msgspec

from interplay.settings.values import Count


class LocalSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The local engine."""

    model: str | None = None
    """The installed model that answers; the default one when absent."""
    engine: str | None = None
    """A `llama-server` that runs it in place of the installed package's engine."""
    threads: Count | None = None
    """Threads of the engine; one per physical core when absent."""
    context_tokens: Count | None = None
    """Context length; the engine's choice for the model when absent."""
    parallel: Count = 4
    """How many answers are made at once."""
    prepare: bool = True
    """Whether the engine reads, while nobody asks, what each turn with functions begins with."""
