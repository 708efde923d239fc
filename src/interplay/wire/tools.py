"""The tools a request can offer to the model, and how it may choose among them.

Not here: the `retrieval` tool (`retrieval`), and what tools are called with (`calls`).
"""

from typing import Annotated, Any

from interplay.wire.base import Int32, Wire, known
from interplay.wire.retrieval import Retrieval

ToolChoiceType = Annotated[str, known("auto", "any", "none", "validated")]
SearchType = Annotated[str, known("web_search", "image_search", "enterprise_web_search")]
OperatedEnvironment = Annotated[str, known("browser", "mobile", "desktop")]
DisabledSafetyPolicy = Annotated[
    str,
    known(
        "financial_transactions",
        "sensitive_data_modification",
        "communication_tool",
        "account_creation",
        "data_modification",
        "user_consent_management",
        "legal_terms_and_agreements",
    ),
]
ToolSearchExecution = Annotated[str, known("server", "client")]


class AllowedTools(Wire, frozen=True, kw_only=True):
    """The tools the model may choose from, and whether it must."""

    mode: ToolChoiceType | None = None
    tools: tuple[str, ...] | None = None
    """Names."""


class ToolChoiceConfig(Wire, frozen=True, kw_only=True):
    """The long form of `tool_choice`."""

    allowed_tools: AllowedTools | None = None


class Function(Wire, frozen=True, kw_only=True, tag="function"):
    """A function of the client that the model may ask for."""

    name: str | None = None
    description: str | None = None
    parameters: Any = None
    """A JSON schema of the arguments."""
    defer_loading: bool | None = None
    """Hide it from the model until `tool_search` finds it."""
    short_description: str | None = None
    """What is shown of it while it is deferred."""


class CodeExecution(Wire, frozen=True, kw_only=True, tag="code_execution"):
    """Run code in a sandbox."""


class GoogleSearch(Wire, frozen=True, kw_only=True, tag="google_search"):
    """Search the web."""

    search_types: tuple[SearchType, ...] | None = None


class URLContext(Wire, frozen=True, kw_only=True, tag="url_context"):
    """Read web pages."""


class FileSearch(Wire, frozen=True, kw_only=True, tag="file_search"):
    """Search the given file stores."""

    file_search_store_names: tuple[str, ...] | None = None
    metadata_filter: str | None = None
    """An expression over what was stored with the documents."""
    top_k: Int32 | None = None
    """How many chunks to fetch."""


class GoogleMaps(Wire, frozen=True, kw_only=True, tag="google_maps"):
    """Search places on the map."""

    enable_widget: bool | None = None
    """Also return a token for a map widget."""
    latitude: float | None = None
    """Where the user is, in degrees."""
    longitude: float | None = None
    """Where the user is, in degrees."""


class MCPServer(Wire, frozen=True, kw_only=True, tag="mcp_server"):
    """A remote MCP server (streamable HTTP) whose tools the server calls."""

    name: str | None = None
    url: str | None = None
    headers: dict[str, str] | None = None
    """Sent with every request to it."""
    allowed_tools: tuple[AllowedTools, ...] | None = None
    """Its tools that may be used; all when absent."""
    defer_loading: bool | None = None
    """Hide its tools from the model until `tool_search` finds them."""


class ComputerUse(Wire, frozen=True, kw_only=True, tag="computer_use"):
    """Operate a screen. The client carries the actions out."""

    disabled_safety_policies: tuple[DisabledSafetyPolicy, ...] | None = None
    enable_prompt_injection_detection: bool | None = None
    """Look for injected prompts in what the screen shows."""
    environment: OperatedEnvironment | None = None
    excluded_predefined_functions: tuple[str, ...] | None = None
    """Actions the model may not use."""


class ToolSearch(Wire, frozen=True, kw_only=True, tag="tool_search"):
    """Load deferred functions when they are needed."""

    description: str | None = None
    """Where the client searches."""
    execution: ToolSearchExecution | None = None
    """Who searches."""
    name: str | None = None
    """Where the client searches: its function."""
    parameters: Any = None
    """Where the client searches: a JSON schema."""


Tool = (
    CodeExecution
    | ComputerUse
    | FileSearch
    | Function
    | GoogleMaps
    | GoogleSearch
    | MCPServer
    | Retrieval
    | ToolSearch
    | URLContext
)
