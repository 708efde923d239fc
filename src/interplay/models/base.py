"""The port of the model backends: a request in, pieces out.

A backend turns steps into whatever its engine speaks, and what the engine says into pieces. It knows nothing
of wire events, of HTTP towards our own clients, or of storage; `interplay.engine` turns the pieces into events.
Adapters are `openai.py`, `local/` and `scripted/`; `tests/models/test_conformance.py` runs
over all of them.
"""

import math
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from typing import Any, Final, Literal, Protocol

import msgspec

from interplay.errors import Failure
from interplay.notes import Note
from interplay.schemas import Schema
from interplay.settings.models import ReasoningBack
from interplay.wire import GenerationConfig, Step

StopReason = Literal["stop", "length"]

MOST_OPTIONS: Final = 16
"""Options that a backend can be asked to weigh at once; upstreams tell the probabilities of twenty tokens at most."""


class Text(msgspec.Struct, frozen=True, gc=False):
    """A part of the answer, to be appended."""

    text: str


class Thought(msgspec.Struct, frozen=True, gc=False):
    """A part of the model's reasoning, to be appended."""

    text: str


class Call(msgspec.Struct, frozen=True, gc=False):
    """A function that the model wants called, whole: half a call is never shown."""

    name: str
    """The name of one of the request's functions."""
    arguments: str
    """A JSON object that meets the function's parameters, as text."""


class Counts(msgspec.Struct, frozen=True, gc=False):
    """The backend's own token counts of the whole turn; None where it does not tell.

    `input` includes `cached`; `output` excludes `thought`.
    """

    input: int | None = None
    output: int | None = None
    cached: int | None = None
    thought: int | None = None


def summed(counts: Iterable[Counts]) -> Counts:
    """The counts of several answers together; None where no answer told one."""
    told = [msgspec.structs.asdict(count) for count in counts]
    known = {name: [count[name] for count in told if count[name] is not None] for name in Counts.__struct_fields__}
    return Counts(**{name: sum(values) for name, values in known.items() if values})


class Stop(msgspec.Struct, frozen=True, gc=False):
    """The regular end: `stop` (the model was done, or met a stop sequence) or `length` (the token limit)."""

    reason: StopReason


class Failed(msgspec.Struct, frozen=True):
    """The end of a turn that could not be finished, with the reason."""

    failure: Failure


Piece = Text | Thought | Call | Counts | Stop | Failed


class Weighed(msgspec.Struct, frozen=True):
    """How probable the model holds each of some answers to be."""

    probabilities: tuple[float, ...]
    """In the order of the options; they sum to one."""
    counts: Counts


NO_ARGUMENTS: Final = {"type": "object", "properties": {}}
"""The schema of the arguments of a function that takes none; some servers (LM Studio) want to read even of those."""


def normalised(weights: Sequence[float]) -> tuple[float, ...]:
    """The same with a sum of one; equal shares where nothing weighs anything."""
    total = math.fsum(weights)
    return tuple(weight / total for weight in weights) if total > 0 else (1 / len(weights),) * len(weights)


class Function(msgspec.Struct, frozen=True):
    """A function of the client's that the model may call."""

    name: str
    description: str
    """What it does, for the model; may be empty."""
    declared: dict[str, Any]
    """The JSON schema of its arguments as the client wrote it: an object's."""
    parameters: Schema
    """The same, compiled."""


class Capabilities(msgspec.Struct, frozen=True, kw_only=True):
    """What a model can do, as far as it is known."""

    thinking_levels: tuple[str, ...] = ()
    """The values of `thinking_level` that it has; empty for a model that is not known to think."""
    input_token_limit: int | None = None
    """Context length in tokens."""
    output_token_limit: int | None = None
    """Longest answer in tokens."""


def forgotten(_: str) -> str:
    """For those who cannot open the signatures of thoughts."""
    return ""


class ModelRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One model turn.

    `steps` is the whole conversation in order, the new input last: `user_input`, `model_output`, `thought`,
    `function_call` and `function_result` steps. Every result follows its call; a call may still be without one.

    The answer is text, or calls of `functions`, or both. The engine checks all of it once more: text that does not
    meet `answer`, or a call that does not meet its function, fails the run.
    """

    model: str
    """The name the backend's engine knows the model by."""
    steps: Sequence[Step]
    system_instruction: str | None = None
    generation_config: GenerationConfig = GenerationConfig()
    functions: tuple[Function, ...] = ()
    """Those that may be called in this turn; `tool_choice` has been applied already."""
    must_call: bool = False
    """Whether at least one of them must be."""
    answer: Schema | None = None
    """What the text of the answer must be, as JSON. An answer that only calls functions has none."""
    continues: bool = False
    """Whether the last step is the beginning of the answer, to be gone on with from its very end."""
    recalled: Callable[[str], str] = forgotten
    """From the signature of a thought to what was thought; empty where it cannot be told."""
    reasoning_back: ReasoningBack = "never"
    """With which messages thoughts go back to the model; a backend whose model wants them back says so."""
    patient: bool = False
    """Whether turns that somebody waits for go before it."""
    incremental: bool = True
    """False when nobody watches the answer grow: the backend may then fetch it in one piece."""


class Backend(Protocol):
    """One engine that answers for one or more models."""

    weighs_at_once: int
    """How many turns over one shared beginning can be weighed at a time without reading the beginning again."""
    continues: bool
    """Whether its models can go on with the beginning of an answer (`ModelRequest.continues`)."""

    async def open(self) -> None:
        """Make ready to be asked. An engine that takes long to load goes on loading after this returns."""

    async def close(self) -> None:
        """Stop everything that `open` started. Turns still running end with `Failed`."""

    def ready(self) -> bool:
        """Whether a request sent now would start at once."""

    def check(self, request: ModelRequest) -> tuple[Note, ...]:
        """Refuse, before the run is accepted, what this backend cannot honour, and note the hints that come to nothing.

        Raises Failure `invalid_request` that names the field, the value and the reason.
        """

    def untaken(self, model: str, config: GenerationConfig) -> tuple[Note, ...]:
        """The hints that its engine is known not to take by now: some say so only when they are asked."""

    def generate(self, request: ModelRequest) -> AsyncGenerator[Sequence[Piece], None]:
        """Answer, with as many pieces at a time as have come together, and never none.

        Ends with exactly one `Stop` or `Failed`; a `Counts`, if there is one, comes just before it.

        Closing the generator, or cancelling its consumer, stops the engine's work within a second.
        """

    async def weigh(self, request: ModelRequest, options: Sequence[str]) -> Weighed:
        """How probable each option is as the model's answer, given that the answer is one of them.

        At most `MOST_OPTIONS`, each of which the model says as one token, as it does letters. Raises Failure.
        Cancelling the caller stops the engine's work as it does in `generate`.
        """

    async def count_tokens(self, request: ModelRequest) -> int:
        """The prompt's length in tokens by the engine's own tokenizer.

        Raises Failure `invalid_request` where the engine has none to ask.
        """

    async def capabilities(self, model: str) -> Capabilities:
        """What this model of the backend can do, asked of the engine where it tells."""

    async def models(self) -> list[str]:
        """The model names the engine itself lists. Raises Failure when it cannot be asked."""
