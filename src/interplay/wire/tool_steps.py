"""The steps of tools that the server runs itself: a call, and the result that names the call.

`id` is made by the server; the result's `call_id` repeats it. `signature` is opaque: it is set by the server, and the
client sends it back as it came.
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
from interplay.wire.content import Content
from interplay.wire.retrieval import RetrievalType
from interplay.wire.tools import Function, SearchType


class CodeExecutionCallStep(Wire, frozen=True, kw_only=True, tag="code_execution_call"):
    """The model runs code."""

    id: str
    arguments: CodeExecutionCallArguments
    signature: str | None = None


class CodeExecutionResultStep(Wire, frozen=True, kw_only=True, tag="code_execution_result"):
    """What the code printed."""

    call_id: str
    result: tuple[Content, ...] | str
    """What was printed, or blocks."""
    is_error: bool | None = None
    """True when the tool failed."""
    signature: str | None = None


class FileSearchCallStep(Wire, frozen=True, kw_only=True, tag="file_search_call"):
    """The model searches the file stores. The query is not shown."""

    id: str
    signature: str | None = None


class FileSearchResultStep(Wire, frozen=True, kw_only=True, tag="file_search_result"):
    """The file search is done. What it found shows up as file citations."""

    call_id: str
    signature: str | None = None


class GoogleMapsCallStep(Wire, frozen=True, kw_only=True, tag="google_maps_call"):
    """The model searches the map."""

    id: str
    arguments: GoogleMapsCallArguments | None = None
    signature: str | None = None


class GoogleMapsResultStep(Wire, frozen=True, kw_only=True, tag="google_maps_result"):
    """The places that were found."""

    call_id: str
    result: tuple[GoogleMapsResult, ...]
    signature: str | None = None


class GoogleSearchCallStep(Wire, frozen=True, kw_only=True, tag="google_search_call"):
    """The model searches the web."""

    id: str
    arguments: GoogleSearchCallArguments
    signature: str | None = None
    search_type: SearchType | None = None


class GoogleSearchResultStep(Wire, frozen=True, kw_only=True, tag="google_search_result"):
    """The web search is done. What it found shows up as URL citations."""

    call_id: str
    result: tuple[GoogleSearchResult, ...]
    is_error: bool | None = None
    """True when the tool failed."""
    signature: str | None = None


class MCPServerToolCallStep(Wire, frozen=True, kw_only=True, tag="mcp_server_tool_call"):
    """The server calls a tool of a remote MCP server."""

    id: str
    server_name: str
    """`MCPServer.name` of the request."""
    name: str
    """The tool."""
    arguments: dict[str, Any]


class MCPServerToolResultStep(Wire, frozen=True, kw_only=True, tag="mcp_server_tool_result"):
    """What the MCP server's tool answered."""

    call_id: str
    server_name: str | None = None
    """`MCPServer.name` of the request."""
    name: str | None = None
    """The tool."""
    result: msgspec.Raw
    """A string, a list of content blocks, or any object."""


class ProcessingCallStep(Wire, frozen=True, kw_only=True, tag="processing_call"):
    """The model looks into a medium on its own (agentic processing)."""

    id: str
    signature: str | None = None


class ProcessingResultStep(Wire, frozen=True, kw_only=True, tag="processing_result"):
    """The look into the medium is done."""

    call_id: str
    signature: str | None = None


class RetrievalCallStep(Wire, frozen=True, kw_only=True, tag="retrieval_call"):
    """The model searches the retrieval stores."""

    id: str
    arguments: RetrievalCallArguments
    signature: str | None = None
    retrieval_type: RetrievalType | None = None


class RetrievalResultStep(Wire, frozen=True, kw_only=True, tag="retrieval_result"):
    """The search of the retrieval stores is done."""

    call_id: str
    is_error: bool | None = None
    """True when the tool failed."""
    signature: str | None = None


class ToolSearchCallStep(Wire, frozen=True, kw_only=True, tag="tool_search_call"):
    """The model loads functions whose declarations were deferred."""

    id: str
    arguments: ToolSearchCallStepArguments
    signature: str | None = None


class ToolSearchResultStep(Wire, frozen=True, kw_only=True, tag="tool_search_result"):
    """The declarations that were loaded."""

    call_id: str
    result: tuple[Function, ...] | None = None
    signature: str | None = None


class URLContextCallStep(Wire, frozen=True, kw_only=True, tag="url_context_call"):
    """The model reads web pages."""

    id: str
    arguments: URLContextCallArguments
    signature: str | None = None


class URLContextResultStep(Wire, frozen=True, kw_only=True, tag="url_context_result"):
    """How the reading of the web pages went."""

    call_id: str
    result: tuple[URLContextResult, ...]
    is_error: bool | None = None
    """True when the tool failed."""
    signature: str | None = None
