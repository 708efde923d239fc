"""How much of a medium the model is to look at: options inside image, audio, video and document content.

All of these are requests of the client; nothing here is ever sent by the server on its own.
"""

from typing import Annotated

from interplay.wire.base import Int32, Wire, known

VideoContentLayer = Annotated[str, known("frames", "audio", "transcript")]
PageContentLayer = Annotated[str, known("page_image", "page_text")]
SpreadsheetContentLayer = Annotated[str, known("visual", "data", "formulas")]
AudioProcessingMode = Annotated[str, known("static")]
DocumentProcessingMode = Annotated[str, known("static")]
VideoProcessingMode = Annotated[str, known("static", "agentic")]
MediaResolution = Annotated[str, known("low", "medium", "high", "ultra_high")]


class AudioStaticMediaProcessing(Wire, frozen=True, kw_only=True, tag="static"):
    """Read only a part of the audio."""

    end_offset: str | None = None
    """Seconds with an s at the end: "30s"."""
    start_offset: str | None = None
    """Seconds with an s at the end: "10.5s"."""


class StaticMediaProcessing(Wire, frozen=True, kw_only=True, tag="static"):
    """Read a part of the video, or only some of its layers."""

    content_layers: tuple[VideoContentLayer, ...] | None = None
    end_offset: str | None = None
    """Seconds with an s at the end: "30s"."""
    fps: float | None = None
    """Frames to look at per second."""
    start_offset: str | None = None
    """Seconds with an s at the end: "10.5s"."""


class PageProcessingOptions(Wire, frozen=True, kw_only=True):
    """Which pages of a paged document to read."""

    content_layers: tuple[PageContentLayer, ...] | None = None
    end_page: Int32 | None = None
    """Last page, inclusive."""
    start_page: Int32 | None = None
    """First page, counted from 1."""


class SpreadsheetProcessingOptions(Wire, frozen=True, kw_only=True):
    """Which part of a spreadsheet to read."""

    content_layers: tuple[SpreadsheetContentLayer, ...] | None = None
    sheet_index: Int32 | None = None
    """Counted from 1; all sheets when absent."""
    visible_cells: str | None = None
    """A range such as A1:C9; the whole sheet when absent."""


class DocumentStaticMediaProcessing(Wire, frozen=True, kw_only=True, tag="static"):
    """Read a part of the document."""

    page_options: PageProcessingOptions | None = None
    spreadsheet_options: SpreadsheetProcessingOptions | None = None
