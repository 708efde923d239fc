"""What a script sees of the conversation that it stands in. Pure functions of the request."""

import msgspec

from interplay.models.base import ModelRequest
from interplay.models.results import result_text
from interplay.models.spoken import spoken
from interplay.wire import FunctionResultStep, ModelOutputStep, TextContent, UserInputStep


def inputs(request: ModelRequest) -> list[str]:
    """The texts of the conversation's user inputs; the last one is the script."""
    return [text for role, text in spoken(request.steps) if role == "user"]


def results_since_script(request: ModelRequest) -> list[list[str]]:
    """The results that have come since the last user input: their texts, one list for each time that some came."""
    come: list[list[str]] = []
    before: type | None = None
    for step in request.steps:
        match step:
            case UserInputStep():
                come = []
            case FunctionResultStep():
                if before is not FunctionResultStep:
                    come.append([])
                come[-1].append(result_text(step))
            case _:
                pass
        before = type(step)
    return come


def begun(request: ModelRequest) -> tuple[ModelRequest, str]:
    """The request as it was before its answer was broken off, and the beginning of that answer."""
    steps, beginning = list(request.steps), ""
    while steps and isinstance(last := steps[-1], ModelOutputStep):
        beginning = "".join(block.text for block in last.content or () if isinstance(block, TextContent)) + beginning
        steps.pop()
    return msgspec.structs.replace(request, steps=tuple(steps), continues=False), beginning
