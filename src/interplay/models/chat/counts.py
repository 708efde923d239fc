"""The token counts in a chat completion, as far as they can be believed. Pure functions.

They are the upstream's to tell, and are passed on as they are; but what is no count is left out, and no count is above
what it is a part of. Not here: how long a prompt is before it is answered (`tokens`).
"""

from collections.abc import Mapping
from typing import Any, Final

from interplay.models.base import Counts

MOST_TOKENS: Final = 2**31 - 1
"""Above it is no count of a turn's tokens: the API's own clients keep them in 32 bits."""


def counted(usage: object, timings: object, most: int | None = None) -> Counts | None:
    """The token counts, from whichever of the two says more; None when neither came.

    `usage` is the protocol's own, `timings` llama.cpp's, for versions whose `usage` says less. `most` are the tokens
    that the answer was allowed to have: it has no more of them, whatever the upstream says.
    """
    if isinstance(usage, dict):
        return _of_usage(usage, _fields(timings), most)
    return _of_timings(timings, most) if isinstance(timings, dict) else None


def token_count(value: object) -> int | None:
    """A count of tokens; None for anything else."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_TOKENS else None


def _of_usage(usage: Mapping[str, Any], timings: Mapping[str, Any], most: int | None) -> Counts:
    prompt = token_count(usage.get("prompt_tokens"))
    cached = token_count(_fields(usage.get("prompt_tokens_details")).get("cached_tokens"))
    completion = _at_most(token_count(usage.get("completion_tokens")), most)
    thought = token_count(_fields(usage.get("completion_tokens_details")).get("reasoning_tokens"))
    if cached is None:
        cached = token_count(timings.get("cache_n"))
    output, thought = _shared(completion, thought, most)
    return Counts(input=prompt, output=output, cached=_at_most(cached, prompt), thought=thought)


def _shared(completion: int | None, thought: int | None, most: int | None) -> tuple[int | None, int | None]:
    """What of the answer was text, and what thought: the protocol counts thoughts among the completion.

    More thoughts than completion are counted beside it, as xAI does.
    """
    if completion is None or thought is None:
        return completion, _at_most(thought, most)
    if thought > completion:
        return completion, _at_most(thought, None if most is None else most - completion)
    return completion - thought, thought


def _of_timings(timings: Mapping[str, Any], most: int | None) -> Counts:
    cached, read = token_count(timings.get("cache_n")), token_count(timings.get("prompt_n"))
    return Counts(
        input=None if read is None else read + (cached or 0),
        output=_at_most(token_count(timings.get("predicted_n")), most),
        cached=cached,
    )


def _fields(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _at_most(count: int | None, most: int | None) -> int | None:
    return count if count is None or most is None else min(count, most)
