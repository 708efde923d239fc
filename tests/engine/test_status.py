from typing import get_args

import msgspec

from interplay import wire
from interplay.engine import status as statuses


def test_the_table_has_every_status_of_the_api() -> None:
    """No status that the API knows is unknown here, and none is made up."""
    (meta,) = (part for part in get_args(wire.InteractionStatus) if isinstance(part, msgspec.Meta))
    assert meta.extra_json_schema is not None
    here = {value for name, value in vars(statuses).items() if name.isupper() and isinstance(value, str)}
    assert here - {statuses.TERMINAL_EVENT} == set(meta.extra_json_schema["x-known-values"])


def test_what_has_not_ended_cannot_be_gone_on_from() -> None:
    """A conversation goes on from an end."""
    assert not statuses.NOT_ENDED & statuses.CAN_GO_ON
    assert statuses.IDLE in statuses.NOT_ENDED
