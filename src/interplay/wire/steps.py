"""The steps of a conversation, and the union of all of them.

Not here: the steps of server-side tools (`tool_steps`).
"""

from typing import Any

import msgspec

from interplay.wire.base import Wire
from interplay.wire.content import Content, ThoughtSummaryContent
from interplay.wire.error import Status
from interplay.wire.tool_steps import (
    CodeExecutionCallStep,
    CodeExecutionResultStep,
    FileSearchCallStep,
    FileSearchResultStep,
    GoogleMapsCallStep,
    GoogleMapsResultStep,
    GoogleSearchCallStep,
    GoogleSearchResultStep,
    MCPServerToolCallStep,
    MCPServerToolResultStep,
    ProcessingCallStep,
    ProcessingResultStep,
    RetrievalCallStep,
    RetrievalResultStep,
    ToolSearchCallStep,
    ToolSearchResultStep,
    URLContextCallStep,
    URLContextResultStep,
)
from interplay.wire.tools import Function


class UserInputStep(Wire, frozen=True, kw_only=True, tag="user_input"):
    """What the user says.

    On the wire `content` may also be a bare string; `decode.input_steps` makes a text block of it.
    """

    content: tuple[Content, ...] | None = None


class ModelOutputStep(Wire, frozen=True, kw_only=True, tag="model_output"):
    """What the model answers."""

    content: tuple[Content, ...] | None = None
    error: Status | None = None
    """Set when this output failed."""


class ThoughtStep(Wire, frozen=True, kw_only=True, tag="thought"):
    """The model thinks."""

    signature: str | None = None
    """Opaque, set by the server; the client sends it back as it came."""
    summary: tuple[ThoughtSummaryContent, ...] | None = None
    """Empty unless `thinking_summaries` asked for it."""


class FunctionCallStep(Wire, frozen=True, kw_only=True, tag="function_call"):
    """The model wants a function of the client to be run."""

    id: str
    """Made by the server; the client's result names it."""
    name: str
    arguments: dict[str, Any]


class FunctionResultStep(Wire, frozen=True, kw_only=True, tag="function_result"):
    """What the client's function returned."""

    call_id: str
    """The `id` of the call."""
    name: str | None = None
    result: msgspec.Raw
    """A string, a list of content blocks, or any object; kept byte for byte. `decode.function_result` reads it."""
    is_error: bool | None = None
    """True when the tool failed."""


FunctionResultSubcontent = Content | Function

Step = (
    CodeExecutionCallStep
    | CodeExecutionResultStep
    | FileSearchCallStep
    | FileSearchResultStep
    | FunctionCallStep
    | FunctionResultStep
    | GoogleMapsCallStep
    | GoogleMapsResultStep
    | GoogleSearchCallStep
    | GoogleSearchResultStep
    | MCPServerToolCallStep
    | MCPServerToolResultStep
    | ModelOutputStep
    | ProcessingCallStep
    | ProcessingResultStep
    | RetrievalCallStep
    | RetrievalResultStep
    | ThoughtStep
    | ToolSearchCallStep
    | ToolSearchResultStep
    | URLContextCallStep
    | URLContextResultStep
    | UserInputStep
)
