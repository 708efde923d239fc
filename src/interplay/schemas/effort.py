"""What a schema takes, from its text to its grammar: an estimate in steps, each about as long as looking at a schema.

One step is some 10 microseconds of a processor. It is known before the grammar is made, and the same for a schema that
has been compiled before, so whether a request is accepted hangs on nothing but the request.
"""

from itertools import pairwise
from os.path import commonprefix
from typing import Any, Final

import msgspec

from interplay.schemas import limits
from interplay.schemas.digits import FAR, MOST_PLACES, decimals, span
from interplay.schemas.shapes import Constants, Fields, Kind, Number, Shapes, size
from interplay.schemas.unfit import Unfit
from interplay.schemas.upstream import every

AT_LEAST: Final = 20
"""For the smallest schema."""
A_SCHEMA: Final = 3
"""To be checked, cleaned and given to the validator, for each schema in the schema."""
A_PART: Final = 10
"""An alternative or a property, to be put together, bounded and written into the grammar."""
A_PART_MET: Final = 3
"""One of those that there are before recursion is bounded, which may leave fewer."""
A_DIGIT: Final = 6
"""Of the bounds of a number: its grammar goes digit by digit."""
A_CHARACTER: Final = 6
"""Of a name that other properties must not have: so does the grammar of their names, once where they begin alike."""
BYTES_A_STEP: Final = 40
"""Of constants, as they stand in the grammar."""


def effort(cleaned: dict[str, Any] | bool, shapes: Shapes, bounded: Shapes, steps: int) -> int:
    """The whole; `steps` are those that putting it together took. Raises Unfit where it is too much."""
    parts = sum(A_PART * size(shape) + sum(map(further, shape)) for shape in bounded.at.values())
    met = A_PART_MET * sum(map(size, shapes.at.values()))
    spent = AT_LEAST + A_SCHEMA * len(every(cleaned)) + steps + met + parts
    if spent > limits.EFFORT:
        raise Unfit((), f"it is too complex: it may take {limits.EFFORT} steps to compile, and takes {spent}")
    return spent


def further(kind: Kind) -> int:
    """What the grammar of a kind takes beyond its parts."""
    match kind:
        case Constants(values=values):
            return len(values) + len(msgspec.json.encode(values)) // BYTES_A_STEP
        case Number():
            return A_DIGIT * digits(kind)
        case Fields(rest=str()):
            return A_CHARACTER * letters([*(field.name for field in kind.fields), *kind.avoided])
        case _:
            return 0


def digits(number: Number) -> int:
    """How many digits its bounds have, as far as the grammar keeps them: up to the farthest number is one rule."""
    low, high = span(number)
    bounds = [bound for bound in (low, high) if abs(bound) != FAR or low * high > FAR]
    return sum(max(1, bound.adjusted() + 1) + min(decimals(bound), MOST_PLACES) for bound in bounds)


def letters(names: list[str]) -> int:
    """How many letters there are to be told apart in names, what several begin with counted once."""
    kept = sorted(name[: limits.KEY] for name in names)
    alike = (len(commonprefix(pair)) for pair in pairwise(kept))  # noqa: RUF071 - of names, not of paths
    return sum(map(len, kept)) - sum(alike)
