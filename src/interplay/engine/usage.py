"""Usage: the backend's own counts, by modality, in the API's terms."""

from interplay import wire
from interplay.models.base import Counts


def usage(counts: Counts | None) -> wire.Usage | None:
    """Token totals of a text turn; None when the backend told none, absent where it did not tell one."""
    if counts is None:
        return None
    known = [count for count in (counts.input, counts.output, counts.thought) if count is not None]
    return wire.Usage(
        total_tokens=sum(known),
        total_input_tokens=counts.input,
        input_tokens_by_modality=_text(counts.input),
        total_cached_tokens=counts.cached,
        cached_tokens_by_modality=_text(counts.cached),
        total_output_tokens=counts.output,
        output_tokens_by_modality=_text(counts.output),
        total_tool_use_tokens=0,
        total_thought_tokens=counts.thought,
    )


def _text(count: int | None) -> tuple[wire.ModalityTokens, ...] | None:
    return (wire.ModalityTokens(modality="text", tokens=count),) if count else None
