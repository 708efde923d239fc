"""`[limits]`: what projects and keys may ask for."""

from typing import Annotated

import msgspec

from interplay.settings.values import Count

NoLimit = Annotated[str, msgspec.Meta(pattern="^none$")]
Most = Count | NoLimit | None


class LimitSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a project or a key may ask for. `"none"` is no limit; what is absent is as it is in general."""

    requests_per_minute: Most = None
    """Interactions and decisions that are asked for in a minute."""
    tokens_per_minute: Most = None
    """Tokens that those which ended in the last minute have used, beyond which nothing new is begun."""
    concurrent_runs: Most = None
    """Interactions and decisions that go on at the same time."""
    queue_length: Most = None
    """Background interactions that wait for a server, beyond which no more of them are accepted."""


class LimitsSettings(LimitSettings, frozen=True, forbid_unknown_fields=True):
    """Limits, first of all what each project may ask for. There are none unless they are set."""

    each_key: LimitSettings = LimitSettings()
    """What each key may ask for."""
    projects: dict[str, LimitSettings] = {}
    """What is different for some projects, by their names."""
    keys: dict[str, LimitSettings] = {}
    """What is different for some keys, by their ids."""
