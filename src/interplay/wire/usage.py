"""Token counts. All of them count tokens of the model that answered."""

from typing import Annotated

from interplay.wire.base import Wire, known

ResponseModality = Annotated[str, known("text", "image", "audio", "video", "document")]
GroundingToolCountType = Annotated[str, known("google_search", "google_maps", "retrieval")]


class ModalityTokens(Wire, frozen=True, kw_only=True):
    """The share of one kind of media in a count."""

    modality: ResponseModality | None = None
    tokens: int | None = None


class GroundingToolCount(Wire, frozen=True, kw_only=True):
    """How often a grounding tool was used."""

    type: GroundingToolCountType | None = None
    count: int | None = None


class Usage(Wire, frozen=True, kw_only=True):
    """What an interaction, or a step of it, has used.

    `total_tokens` is input, output, thought and tool use together; `total_output_tokens` leaves thought out.
    """

    total_tokens: int | None = None
    total_input_tokens: int | None = None
    """System instruction and tool declarations included."""
    input_tokens_by_modality: tuple[ModalityTokens, ...] | None = None
    total_cached_tokens: int | None = None
    """The part of the input that was already in the cache."""
    cached_tokens_by_modality: tuple[ModalityTokens, ...] | None = None
    total_output_tokens: int | None = None
    output_tokens_by_modality: tuple[ModalityTokens, ...] | None = None
    total_tool_use_tokens: int | None = None
    """What server-side tools brought into the prompt."""
    tool_use_tokens_by_modality: tuple[ModalityTokens, ...] | None = None
    total_thought_tokens: int | None = None
    initial_input_tokens: int | None = None
    """Input of the first hop, where a run took several requests; the SDKs fill it in."""
    grounding_tool_count: tuple[GroundingToolCount, ...] | None = None
