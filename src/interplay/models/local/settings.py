"""How the local engine is to run. Not here: how it is asked (`backend.py`)."""

import msgspec


class EngineSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The local engine: one GGUF model in one process of its own."""

    model_path: str
    """The model file, GGUF."""
    engine: str | None = None
    """The `llama-server` that runs it; None: the one in the xllamacpp package."""
    context_tokens: int = 16384
    """Longest conversation, prompt and answer together. A model trained for less gets what it was trained for."""
    answer_tokens: int = 4096
    """Longest answer; a request may ask for less. Keeps turns that run side by side from starving each other."""
    parallel_turns: int = 4
    """Turns worked on at the same time; others wait for their place."""
    memory_tokens: int | None = None
    """Tokens of attention memory that all turns share; None: half as many again as one conversation may have.
    It is taken at the start; the 1.5B takes 28 KiB for each token."""
    kept_conversations_mib: int = 1024
    """Memory for earlier conversations, so that a follow-up turn need not be read from its beginning again."""
    threads: int | None = None
    """Threads for the model's arithmetic; None: one for each physical core this process may use."""
    prepares: bool = True
    """Whether it reads, while nobody asks, what each turn with functions begins with."""
    prompts_folder: str | None = None
    """Where it keeps the state of what it prepares, for the next start; None: nowhere."""
    batch_tokens: int | None = None
    """Prompt tokens read in one go; None: few on a CPU, so that a turn can be stopped soon, many on a GPU."""

    def memory(self) -> int:
        """Tokens of attention memory, decided. One conversation of the longest kind always fits."""
        return max(self.memory_tokens or self.context_tokens * 3 // 2, self.context_tokens)


class Launch(msgspec.Struct, frozen=True):
    """What a starting engine is told, as one line of JSON on its standard input."""

    settings: EngineSettings
    key: str
    """The secret that its every request must carry."""
    threads: int
    """Threads for the model's arithmetic, decided."""


class Listening(msgspec.Struct, frozen=True):
    """What an engine says, as one line of JSON on its standard output, once its model is loaded."""

    url: str
    """Where it listens, on loopback."""
