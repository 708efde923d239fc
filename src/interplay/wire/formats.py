"""What kinds of output a request asks for."""

from typing import Annotated, Any

from interplay.wire.base import Int32, Wire, known

Delivery = Annotated[str, known("inline", "uri")]
TextResponseFormatMimeType = Annotated[str, known("application/json", "text/plain")]
AudioResponseFormatMimeType = Annotated[
    str, known("audio/mp3", "audio/ogg_opus", "audio/l16", "audio/wav", "audio/alaw", "audio/mulaw")
]
ImageResponseFormatMimeType = Annotated[str, known("image/jpeg")]
ImageAspectRatio = Annotated[
    str, known("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9", "1:8", "8:1", "1:4", "4:1")
]
ImageSize = Annotated[str, known("1K", "2K", "4K", "512")]
VideoAspectRatio = Annotated[str, known("16:9", "9:16")]
VideoResolution = Annotated[str, known("360p", "720p", "1080p", "4k")]


class TextResponseFormat(Wire, frozen=True, kw_only=True, tag="text"):
    """Text, or JSON after a schema."""

    mime_type: TextResponseFormatMimeType | None = None
    """`application/json` asks for JSON."""
    schema: dict[str, Any] | None = None
    """A JSON schema, kept in the client's key order. Only with `application/json`."""


class AudioResponseFormat(Wire, frozen=True, kw_only=True, tag="audio"):
    """Speech or music."""

    bit_rate: Int32 | None = None
    """In bits per second."""
    delivery: Delivery | None = None
    """Whether the bytes come inline or as a URI."""
    mime_type: AudioResponseFormatMimeType | None = None
    sample_rate: Int32 | None = None
    """In hertz."""


class ImageResponseFormat(Wire, frozen=True, kw_only=True, tag="image"):
    """A picture."""

    aspect_ratio: ImageAspectRatio | None = None
    """Width to height."""
    delivery: Delivery | None = None
    """Whether the bytes come inline or as a URI."""
    image_size: ImageSize | None = None
    mime_type: ImageResponseFormatMimeType | None = None


class VideoResponseFormat(Wire, frozen=True, kw_only=True, tag="video"):
    """A film."""

    aspect_ratio: VideoAspectRatio | None = None
    """Width to height."""
    delivery: Delivery | None = None
    """Whether the bytes come inline or as a URI."""
    duration: str | None = None
    """Seconds with an s at the end: "5s"."""
    gcs_uri: str | None = None
    """Where to put it, with `delivery` "uri"."""
    resolution: VideoResolution | None = None
    """720p when absent."""


class BareSchema(Wire, frozen=True, kw_only=True):
    """A JSON schema given in the place of a format, as the older API had it: JSON after this schema.

    It never stands on the wire under this name; `decode.response_formats` makes it.
    """

    schema: dict[str, Any]
    """Kept in the client's key order."""


TypedResponseFormat = TextResponseFormat | AudioResponseFormat | ImageResponseFormat | VideoResponseFormat
ResponseFormat = TypedResponseFormat | BareSchema
