"""Notes on a span of text: where it was taken from, or who said it when.

`start_index` and `end_index` count UTF-8 bytes of the text block, the end exclusive.
"""

from typing import Any

from interplay.wire.base import Int32, Wire


class ReviewSnippet(Wire, frozen=True, kw_only=True):
    """A review on Google Maps that supports what is said about a place."""

    title: str | None = None
    url: str | None = None
    review_id: str | None = None


class URLCitation(Wire, frozen=True, kw_only=True, tag="url_citation"):
    """This span comes from a web page."""

    start_index: int | None = None
    end_index: int | None = None
    url: str | None = None
    title: str | None = None


class FileCitation(Wire, frozen=True, kw_only=True, tag="file_citation"):
    """This span comes from a file of a file-search store."""

    start_index: int | None = None
    end_index: int | None = None
    custom_metadata: dict[str, Any] | None = None
    """What was stored with the document."""
    document_uri: str | None = None
    file_name: str | None = None
    media_id: str | None = None
    """The picture, where a picture is cited."""
    page_number: Int32 | None = None
    """Counted from 1."""
    source: str | None = None
    """The cited passage or its label."""


class PlaceCitation(Wire, frozen=True, kw_only=True, tag="place_citation"):
    """This span speaks of a place on the map."""

    start_index: int | None = None
    end_index: int | None = None
    name: str | None = None
    place_id: str | None = None
    url: str | None = None
    review_snippets: tuple[ReviewSnippet, ...] | None = None


class WordInfo(Wire, frozen=True, kw_only=True, tag="word_info"):
    """This span is a word of a transcript."""

    start_index: int | None = None
    end_index: int | None = None
    text: str | None = None
    start_offset: str | None = None
    """When the word starts, in seconds with an s at the end."""
    end_offset: str | None = None
    """When the word ends, in seconds with an s at the end."""
    speaker: str | None = None


class SpeechAnnotation(Wire, frozen=True, kw_only=True, tag="speech_metadata"):
    """This span of a transcript was spoken by someone, somehow."""

    start_index: int | None = None
    end_index: int | None = None
    speaker: str | None = None
    style: str | None = None
    """How it was spoken."""


Annotation = FileCitation | PlaceCitation | SpeechAnnotation | URLCitation | WordInfo
