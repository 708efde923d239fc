"""The settings of the agents, told apart by `type`."""

from typing import Annotated

from interplay.wire.base import Int32, Int64, Wire, known
from interplay.wire.generation import ThinkingSummaries

Visualization = Annotated[str, known("off", "auto")]
FindMode = Annotated[str, known("scan", "verify")]


class AntigravityAgentConfig(Wire, frozen=True, kw_only=True, tag="antigravity"):
    """Settings of the general agent with a sandbox."""

    max_total_tokens: Int64 | None = None
    """Budget of the run: input, output and thought, without what came from the cache."""
    model: str | None = None
    """The model to reason with."""


class FileContent(Wire, frozen=True, kw_only=True):
    """A file given as context."""

    content: str | None = None
    path: str | None = None
    """Relative."""


class FindRequest(Wire, frozen=True, kw_only=True):
    """Look for vulnerabilities."""

    description: str | None = None
    """Further guidance."""
    finding_id: str | None = None
    """An earlier finding to go on with."""
    mode: FindMode | None = None
    source_files: tuple[FileContent, ...] | None = None


class FixRequest(Wire, frozen=True, kw_only=True):
    """Make a patch for a vulnerability."""

    description: str | None = None
    """Further guidance."""
    finding_id: str | None = None
    """An earlier finding to go on with."""
    source_files: tuple[FileContent, ...] | None = None


class SessionConfig(Wire, frozen=True, kw_only=True):
    """Limits of a CodeMender session."""

    max_rounds: Int32 | None = None


class CodeMenderAgentConfig(Wire, frozen=True, kw_only=True, tag="code-mender"):
    """Settings of the agent that finds and mends vulnerabilities."""

    find_request: FindRequest | None = None
    fix_request: FixRequest | None = None
    model: str | None = None
    """The model to reason with."""
    session_config: SessionConfig | None = None
    session_id: str | None = None
    """Ties interactions together."""


class DeepResearchAgentConfig(Wire, frozen=True, kw_only=True, tag="deep-research"):
    """Settings of the research agent."""

    collaborative_planning: bool | None = None
    """Answer with a plan and wait for consent."""
    enable_bigquery_tool: bool | None = None
    thinking_summaries: ThinkingSummaries | None = None
    visualization: Visualization | None = None
    """Whether charts may be drawn."""


class DynamicAgentConfig(Wire, frozen=True, kw_only=True, tag="dynamic"):
    """Settings of an agent that declares its own: any further fields are let through by the decoder."""


AgentConfig = AntigravityAgentConfig | CodeMenderAgentConfig | DeepResearchAgentConfig | DynamicAgentConfig
