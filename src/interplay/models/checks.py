"""What no text backend can honour: refused before the run is accepted, or taken with a note. One place for all of them.

Not here: what only one engine knows of itself, or whether the request is well-formed (`interplay.wire`).
"""

from collections.abc import Sequence
from typing import Final

from interplay.errors import invalid, shown
from interplay.models.base import Capabilities, ModelRequest
from interplay.models.results import blocks
from interplay.models.spoken import only_text
from interplay.models.thinking import check_level
from interplay.notes import Note
from interplay.wire import (
    Function,
    FunctionCallStep,
    FunctionResultStep,
    FunctionResultSubcontent,
    GenerationConfig,
    ModelOutputStep,
    Step,
    TextContent,
    ThoughtStep,
    UserInputStep,
)

MOST_STOP_SEQUENCES: Final = 16
"""Stop sequences in one request; each costs the engine a comparison a token."""

_MEDIA: Final = {
    "speech_config": "audio in the answer",
    "transcription_config": "audio in the input",
    "video_config": "video in the answer",
    "image_config": "image in the answer",
}
"""What settings are about that a model of text has no use for."""


def check(request: ModelRequest, capabilities: Capabilities) -> tuple[Note, ...]:
    """What comes to nothing; raises `invalid_request` for the first thing that a text model cannot honour."""
    config = request.generation_config
    check_steps(request)
    check_sampling(config)
    return *check_level(config.thinking_level, capabilities.thinking_levels), *unused(config)


def check_steps(request: ModelRequest) -> None:
    """Text is all that goes to the model so far, and some of it there must be."""
    has_text = False
    for number, step in enumerate(request.steps, 1):
        if (said := only_text(step)) is not None:  # the usual case
            has_text = has_text or said != ""
            continue
        match step:
            case UserInputStep() | ModelOutputStep():
                has_text = _check_blocks(request, step, step.content or (), number) or has_text
            case FunctionResultStep():
                _check_blocks(request, step, _blocks(step), number)
                has_text = True  # even a function that returns nothing has returned
            case FunctionCallStep() | ThoughtStep():
                pass
            case _:
                raise _unsupported(request, f"a step of type {shown(_type(step))}", number)
    if not has_text:
        raise invalid("'input' has no text; the model needs something to answer")


def check_sampling(config: GenerationConfig) -> None:
    """What the wire's own ranges leave open: every engine takes these numbers, and the stop sequences can be met."""
    if config.temperature is not None and not 0 <= config.temperature <= 2:
        raise _out_of_range("temperature", config.temperature, "a number from 0 to 2")
    if config.top_p is not None and not 0 < config.top_p <= 1:
        raise _out_of_range("top_p", config.top_p, "a number above 0 and not above 1")
    _check_stop_sequences(config.stop_sequences or ())


def unused(config: GenerationConfig) -> tuple[Note, ...]:
    """Settings of media. Whoever wants a medium asks for it, or sends it, elsewhere, where that is refused."""
    given = (name for name in _MEDIA if getattr(config, name) is not None)
    return tuple(Note(f"generation_config.{name}", f"there is no {_MEDIA[name]}") for name in given)


def _check_stop_sequences(sequences: tuple[str, ...]) -> None:
    if len(sequences) > MOST_STOP_SEQUENCES:
        raise _out_of_range("stop_sequences", f"{len(sequences)} of them", f"at most {MOST_STOP_SEQUENCES}")
    if "" in sequences:
        raise _out_of_range("stop_sequences", "", "strings of at least one character")


def _check_blocks(request: ModelRequest, step: Step, blocks: Sequence[FunctionResultSubcontent], number: int) -> bool:
    """Whether there is text in a step. Raises for a block that is a medium."""
    for block in blocks:
        if not isinstance(block, TextContent | Function):
            raise _unsupported(request, f"content of type {shown(_type(block))} in {shown(_type(step))}", number)
    return any(isinstance(block, TextContent) and block.text for block in blocks)


def _blocks(step: FunctionResultStep) -> Sequence[FunctionResultSubcontent]:
    found = blocks(step)
    return () if isinstance(found, str) else found


def _unsupported(request: ModelRequest, what: str, number: int) -> Exception:
    return invalid(
        f"'input': {what} (step {number} of the {len(request.steps)} of this conversation) is not supported by model "
        f"{shown(request.model)} yet; it takes text"
    )


def _out_of_range(field: str, value: object, expected: str) -> Exception:
    return invalid(f"'generation_config.{field}' is {shown(value)}; expected {expected}")


def _type(struct: object) -> str:
    """The `type` that a struct of the wire has in JSON."""
    return str(struct.__struct_config__.tag)  # type: ignore[attr-defined]
