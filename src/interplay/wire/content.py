"""The blocks that user input and model output consist of.

A medium comes either as `data` or as `uri`. `data` is standard base64 with padding, kept as text: it is decoded
where the bytes are needed, not here.
"""

from typing import Annotated

from interplay.wire.annotations import Annotation
from interplay.wire.base import Int32, Wire, known
from interplay.wire.media import (
    AudioProcessingMode,
    AudioStaticMediaProcessing,
    DocumentProcessingMode,
    DocumentStaticMediaProcessing,
    MediaResolution,
    StaticMediaProcessing,
    VideoProcessingMode,
)

ImageMimeType = Annotated[
    str,
    known("image/png", "image/jpeg", "image/webp", "image/heic", "image/heif", "image/gif", "image/bmp", "image/tiff"),
]
AudioMimeType = Annotated[
    str,
    known(
        "audio/wav",
        "audio/mp3",
        "audio/aiff",
        "audio/aac",
        "audio/ogg",
        "audio/flac",
        "audio/mpeg",
        "audio/m4a",
        "audio/l16",
        "audio/opus",
        "audio/alaw",
        "audio/mulaw",
        "audio/webm",
    ),
]
VideoMimeType = Annotated[
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
    ),
]
DocumentMimeType = Annotated[
    str,
    known(
        "application/pdf",
        "text/csv",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "application/vnd.ms-powerpoint",
        "application/vnd.oasis.opendocument.presentation",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/msword",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.template",
        "application/vnd.oasis.opendocument.text",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.ms-excel",
        "application/vnd.oasis.opendocument.spreadsheet",
    ),
]


class TextContent(Wire, frozen=True, kw_only=True, tag="text"):
    """A run of text."""

    text: str
    annotations: tuple[Annotation, ...] | None = None


class ImageContent(Wire, frozen=True, kw_only=True, tag="image"):
    """A picture."""

    mime_type: ImageMimeType | None = None
    data: str | None = None
    uri: str | None = None
    """Where the bytes are, instead of `data`."""
    resolution: MediaResolution | None = None
    """How many tokens to spend on it."""


class AudioContent(Wire, frozen=True, kw_only=True, tag="audio"):
    """A recording, or generated speech or music."""

    mime_type: AudioMimeType | None = None
    data: str | None = None
    uri: str | None = None
    """Where the bytes are, instead of `data`."""
    channels: Int32 | None = None
    processing: AudioStaticMediaProcessing | AudioProcessingMode | None = None
    sample_rate: Int32 | None = None
    """In hertz."""


class VideoContent(Wire, frozen=True, kw_only=True, tag="video"):
    """A film."""

    mime_type: VideoMimeType | None = None
    data: str | None = None
    uri: str | None = None
    """Where the bytes are, instead of `data`."""
    name: str | None = None
    """A label that the answer can refer to."""
    processing: StaticMediaProcessing | VideoProcessingMode | None = None
    resolution: MediaResolution | None = None
    """How many tokens to spend on it."""


class DocumentContent(Wire, frozen=True, kw_only=True, tag="document"):
    """A document: PDF, table, slides."""

    mime_type: DocumentMimeType | None = None
    data: str | None = None
    uri: str | None = None
    """Where the bytes are, instead of `data`."""
    processing: DocumentStaticMediaProcessing | DocumentProcessingMode | None = None
    resolution: MediaResolution | None = None
    """How many tokens to spend on it."""


Content = TextContent | ImageContent | AudioContent | VideoContent | DocumentContent
ThoughtSummaryContent = TextContent | ImageContent
