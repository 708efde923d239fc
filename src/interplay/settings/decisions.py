"""`[decisions]`: how `POST /decisions` answers."""

from typing import Annotated

import msgspec

Temperature = Annotated[float, msgspec.Meta(ge=0.1, le=100)]


class DecisionsSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How `POST /decisions` answers."""

    temperature: Temperature = 0.8
    """How much less certain the answers are than the model's own probabilities; 1 leaves those as they are."""
