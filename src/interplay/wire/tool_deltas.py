"""Deltas of the server-side tools' steps.

One delta carries the whole arguments or the whole result. Deltas have no ids: `id`, `call_id`, `name` stand in the
`step.start` before them.
"""

from typing import Any

import msgspec

from interplay.wire.base import Wire
from interplay.wire.calls import (
    CodeExecutionCallArguments,
    GoogleMapsCallArguments,
    GoogleMapsResult,
    GoogleSearchCallArguments,
    GoogleSearchResult,
    RetrievalCallArguments,
    ToolSearchCallStepArguments,
    URLContextCallArguments,
    URLContextResult,
)
from interplay.wire.retrieval import RetrievalType
from interplay.wire.tools import Function


class CodeExecutionCallDelta(Wire, frozen=True, kw_only=True, tag="code_execution_call"):
    """The arguments of a `CodeExecutionCallStep`."""

    arguments: CodeExecutionCallArguments
    signature: str | None = None


class CodeExecutionResultDelta(Wire, frozen=True, kw_only=True, tag="code_execution_result"):
    """The outcome of a `CodeExecutionResultStep`."""

    result: str
    """What was printed."""
    is_error: bool | None = None
    """True when the tool failed."""
    signature: str | None = None


class FileSearchCallDelta(Wire, frozen=True, kw_only=True, tag="file_search_call"):
    """The signature of a `FileSearchCallStep`."""

    signature: str | None = None


class FileSearchResultDelta(Wire, frozen=True, kw_only=True, tag="file_search_result"):
    """The outcome of a `FileSearchResultStep`."""

    result: tuple[dict[str, Any], ...]
    """Free-form."""
    signature: str | None = None


class GoogleMapsCallDelta(Wire, frozen=True, kw_only=True, tag="google_maps_call"):
    """The arguments of a `GoogleMapsCallStep`."""

    arguments: GoogleMapsCallArguments | None = None
    signature: str | None = None


class GoogleMapsResultDelta(Wire, frozen=True, kw_only=True, tag="google_maps_result"):
    """The outcome of a `GoogleMapsResultStep`."""

    result: tuple[GoogleMapsResult, ...] | None = None
    signature: str | None = None


class GoogleSearchCallDelta(Wire, frozen=True, kw_only=True, tag="google_search_call"):
    """The arguments of a `GoogleSearchCallStep`."""

    arguments: GoogleSearchCallArguments
    signature: str | None = None


class GoogleSearchResultDelta(Wire, frozen=True, kw_only=True, tag="google_search_result"):
    """The outcome of a `GoogleSearchResultStep`."""

    result: tuple[GoogleSearchResult, ...]
    is_error: bool | None = None
    """True when the tool failed."""
    signature: str | None = None


class MCPServerToolCallDelta(Wire, frozen=True, kw_only=True, tag="mcp_server_tool_call"):
    """The arguments of an `MCPServerToolCallStep`."""

    arguments: dict[str, Any]
    name: str
    """The tool."""
    server_name: str
    """`MCPServer.name` of the request."""


class MCPServerToolResultDelta(Wire, frozen=True, kw_only=True, tag="mcp_server_tool_result"):
    """The outcome of an `MCPServerToolResultStep`."""

    result: msgspec.Raw
    """A string, a list of content blocks, or any object."""
    name: str | None = None
    """The tool."""
    server_name: str | None = None
    """`MCPServer.name` of the request."""


class ProcessingCallDelta(Wire, frozen=True, kw_only=True, tag="processing_call"):
    """The signature of a `ProcessingCallStep`."""

    signature: str | None = None


class ProcessingResultDelta(Wire, frozen=True, kw_only=True, tag="processing_result"):
    """The signature of a `ProcessingResultStep`."""

    signature: str | None = None


class RetrievalCallDelta(Wire, frozen=True, kw_only=True, tag="retrieval_call"):
    """The arguments of a `RetrievalCallStep`."""

    arguments: RetrievalCallArguments
    signature: str | None = None
    retrieval_type: RetrievalType | None = None


class RetrievalResultDelta(Wire, frozen=True, kw_only=True, tag="retrieval_result"):
    """The outcome of a `RetrievalResultStep`."""

    is_error: bool | None = None
    """True when the tool failed."""
    signature: str | None = None


class ToolSearchCallDelta(Wire, frozen=True, kw_only=True, tag="tool_search_call"):
    """The arguments of a `ToolSearchCallStep`."""

    arguments: ToolSearchCallStepArguments | None = None
    signature: str | None = None


class ToolSearchResultDelta(Wire, frozen=True, kw_only=True, tag="tool_search_result"):
    """The outcome of a `ToolSearchResultStep`."""

    result: tuple[Function, ...] | None = None
    signature: str | None = None


class URLContextCallDelta(Wire, frozen=True, kw_only=True, tag="url_context_call"):
    """The arguments of a `URLContextCallStep`."""

    arguments: URLContextCallArguments
    signature: str | None = None


class URLContextResultDelta(Wire, frozen=True, kw_only=True, tag="url_context_result"):
    """The outcome of a `URLContextResultStep`."""

    result: tuple[URLContextResult, ...]
    is_error: bool | None = None
    """True when the tool failed."""
    signature: str | None = None
