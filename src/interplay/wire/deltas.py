"""What a `step.delta` event adds to the step that is growing, and the union of all deltas.

Not here: the deltas of server-side tools (`tool_deltas`).
"""

from typing import Annotated

import msgspec

from interplay.wire.annotations import Annotation
from interplay.wire.base import Wire, known
from interplay.wire.content import AudioMimeType, Content, DocumentMimeType, ImageMimeType
from interplay.wire.media import MediaResolution
from interplay.wire.tool_deltas import (
    CodeExecutionCallDelta,
    CodeExecutionResultDelta,
    FileSearchCallDelta,
    FileSearchResultDelta,
    GoogleMapsCallDelta,
    GoogleMapsResultDelta,
    GoogleSearchCallDelta,
    GoogleSearchResultDelta,
    MCPServerToolCallDelta,
    MCPServerToolResultDelta,
    ProcessingCallDelta,
    ProcessingResultDelta,
    RetrievalCallDelta,
    RetrievalResultDelta,
    ToolSearchCallDelta,
    ToolSearchResultDelta,
    URLContextCallDelta,
    URLContextResultDelta,
)

VideoDeltaMimeType = Annotated[
    str,
    known(
        "video/mp4",
        "video/mpeg",
        "video/mpg",
        "video/mov",
        "video/avi",
        "video/x-flv",
        "video/webm",
        "video/wmv",
        "video/3gpp",
        "video/jpeg2000",
    ),
]


class TextDelta(Wire, frozen=True, kw_only=True, tag="text"):
    """More of the last text block."""

    text: str


class ImageDelta(Wire, frozen=True, kw_only=True, tag="image"):
    """A picture, or more of it."""

    mime_type: ImageMimeType | None = None
    data: str | None = None
    uri: str | None = None
    """Where the bytes are, instead of `data`."""
    resolution: MediaResolution | None = None
    """How many tokens to spend on it."""


class AudioDelta(Wire, frozen=True, kw_only=True, tag="audio"):
    """A piece of audio."""

    mime_type: AudioMimeType | None = None
    data: str | None = None
    uri: str | None = None
    """Where the bytes are, instead of `data`."""
    channels: int | None = None
    rate: int | None = None
    """Deprecated name of `sample_rate`."""
    sample_rate: int | None = None
    """In hertz."""


class VideoDelta(Wire, frozen=True, kw_only=True, tag="video"):
    """A piece of video."""

    mime_type: VideoDeltaMimeType | None = None
    data: str | None = None
    uri: str | None = None
    """Where the bytes are, instead of `data`."""
    resolution: MediaResolution | None = None
    """How many tokens to spend on it."""


class DocumentDelta(Wire, frozen=True, kw_only=True, tag="document"):
    """A document, or more of it."""

    mime_type: DocumentMimeType | None = None
    data: str | None = None
    uri: str | None = None
    """Where the bytes are, instead of `data`."""


class TextAnnotationDelta(Wire, frozen=True, kw_only=True, tag="text_annotation_delta"):
    """Annotations of the last text block."""

    annotations: tuple[Annotation, ...] | None = None


class ThoughtSummaryDelta(Wire, frozen=True, kw_only=True, tag="thought_summary"):
    """One more block of the summary of a thought."""

    content: Content | None = None


class ThoughtSignatureDelta(Wire, frozen=True, kw_only=True, tag="thought_signature"):
    """The signature of a thought; the last delta before the step stops."""

    signature: str | None = None


class ArgumentsDelta(Wire, frozen=True, kw_only=True, tag="arguments_delta"):
    """A piece of a function call's arguments."""

    arguments: str | None = None
    """JSON text; the pieces are joined."""


class FunctionResultDelta(Wire, frozen=True, kw_only=True, tag="function_result"):
    """The result of a function that the server ran itself."""

    result: msgspec.Raw
    """A string, a list of content blocks, or any object."""
    is_error: bool | None = None
    """True when the tool failed."""
    name: str | None = None


StepDeltaData = (
    ArgumentsDelta
    | AudioDelta
    | CodeExecutionCallDelta
    | CodeExecutionResultDelta
    | DocumentDelta
    | FileSearchCallDelta
    | FileSearchResultDelta
    | FunctionResultDelta
    | GoogleMapsCallDelta
    | GoogleMapsResultDelta
    | GoogleSearchCallDelta
    | GoogleSearchResultDelta
    | ImageDelta
    | MCPServerToolCallDelta
    | MCPServerToolResultDelta
    | ProcessingCallDelta
    | ProcessingResultDelta
    | RetrievalCallDelta
    | RetrievalResultDelta
    | TextDelta
    | TextAnnotationDelta
    | ThoughtSignatureDelta
    | ThoughtSummaryDelta
    | ToolSearchCallDelta
    | ToolSearchResultDelta
    | URLContextCallDelta
    | URLContextResultDelta
    | VideoDelta
)
