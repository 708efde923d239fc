"""How the scripted model weighs answers: by the lines of the conversation that tell it to. Pure functions.

    weigh: refund=0.7 other=0.3   these weights for the options with these words; none for the others
    fail: bad_gateway why         fails
    wait: 0.2                     waits first, in seconds
    count: input=5 cached=3       reports these counts instead of the true ones

They may stand anywhere in what the user said, on a line each; the last `weigh:` counts. An option's words are what the
conversation lists behind its label, up to a colon: `A) refund: money back` has the words `refund`. They are found by
the label, so that an answer proves what was listed. An option without a label is its own words. Where no option is
named, all weigh the same.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Final

from interplay.errors import invalid, shown
from interplay.models.base import ModelRequest, normalised
from interplay.models.scripted.conversation import inputs
from interplay.models.scripted.directives import DIRECTIVES, Act

_OBEYED: Final = ("fail", "wait", "count")
_LISTED: Final = re.compile(r"([A-Z])\) ([^:\n]+)")
_WEIGHT: Final = re.compile(r"\s*([^=]+)=([0-9]+(?:\.[0-9]+)?)(?=\s|$)")


def acts(request: ModelRequest) -> list[Act]:
    """What the model does besides weighing. Raises Failure `invalid_request` for a mistake in a line."""
    lines = (line.partition(":") for line in _lines(request))
    return list(
        chain.from_iterable(DIRECTIVES[name](rest.strip(), request) for name, _, rest in lines if name in _OBEYED)
    )


def weights(request: ModelRequest, options: Sequence[str]) -> tuple[float, ...]:
    """The probability of each option as the answer. Raises Failure `invalid_request` for a mistake in a line."""
    told = [line.partition(":")[2] for line in _lines(request) if line.startswith("weigh:")]
    wanted, listed = _wanted(told[-1]) if told else {}, _listed(request)
    return normalised([wanted.get(listed.get(option, option), 0.0) for option in options])


def _lines(request: ModelRequest) -> Iterator[str]:
    return (line.strip() for text in inputs(request) for line in text.splitlines())


def _wanted(argument: str) -> dict[str, float]:
    found = {words.strip(): float(weight) for words, weight in _WEIGHT.findall(argument)}
    if not found or _WEIGHT.sub("", argument).strip():
        raise invalid(
            f"the script's 'weigh:' has {shown(argument.strip())}; expected options and weights, as in: yes=0.9"
        )
    return found


def _listed(request: ModelRequest) -> dict[str, str]:
    """The words behind each label, as the conversation lists them."""
    found = (_LISTED.match(line) for line in _lines(request))
    return {match[1]: match[2].strip() for match in found if match}
