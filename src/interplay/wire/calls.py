"""What goes into the server-side tools and what comes out of them.

These are the `arguments` and the entries of `result` in `tool_steps` and `tool_deltas`.
"""

from typing import Annotated

from interplay.wire.annotations import ReviewSnippet
from interplay.wire.base import Wire, known

CodeLanguage = Annotated[str, known("python", "bash")]
URLContextResultStatus = Annotated[str, known("success", "error", "paywall", "unsafe")]


class CodeExecutionCallArguments(Wire, frozen=True, kw_only=True):
    """Code that the model wrote, to be run."""

    language: CodeLanguage | None = None
    code: str | None = None


class URLContextCallArguments(Wire, frozen=True, kw_only=True):
    """Web pages to be read."""

    urls: tuple[str, ...] | None = None


class URLContextResult(Wire, frozen=True, kw_only=True):
    """How the reading of one page went."""

    url: str | None = None
    status: URLContextResultStatus | None = None


class GoogleSearchCallArguments(Wire, frozen=True, kw_only=True):
    """What to search the web for."""

    queries: tuple[str, ...] | None = None


class GoogleSearchResult(Wire, frozen=True, kw_only=True):
    """What the search wants shown to the user."""

    search_suggestions: str | None = None
    """HTML to be shown to the user."""


class GoogleMapsCallArguments(Wire, frozen=True, kw_only=True):
    """What to look for on the map."""

    queries: tuple[str, ...] | None = None


class GoogleMapsResultPlaces(Wire, frozen=True, kw_only=True):
    """A place that was found."""

    name: str | None = None
    place_id: str | None = None
    url: str | None = None
    review_snippets: tuple[ReviewSnippet, ...] | None = None


class GoogleMapsResult(Wire, frozen=True, kw_only=True):
    """What the map search found."""

    places: tuple[GoogleMapsResultPlaces, ...] | None = None
    widget_context_token: str | None = None
    """To draw a map widget with."""


class RetrievalCallArguments(Wire, frozen=True, kw_only=True):
    """What to look for in the retrieval stores."""

    queries: tuple[str, ...] | None = None


class ToolSearchCallStepArguments(Wire, frozen=True, kw_only=True):
    """Which deferred functions to load."""

    function_names: tuple[str, ...] | None = None
