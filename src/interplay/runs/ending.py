"""From an Interaction that has ended to what the store is told of it."""

import msgspec

from interplay import wire
from interplay.caller import Caller
from interplay.runs.notices import notice
from interplay.store.interactions import Ending
from interplay.store.usage import Spent, Used

_encode = msgspec.json.Encoder().encode


def ending(project: str, interaction: wire.Interaction, owner: str) -> Ending:
    """The end of an interaction of this project, said by its owner."""
    return Ending(
        project=project,
        id=interaction.id,
        owner=owner,
        status=interaction.status,
        resource=_encode(interaction),
        used=used(interaction),
        notice=notice(interaction),
    )


def spent(caller: Caller, interaction: wire.Interaction) -> Spent:
    """What it has used, for the usage of its caller."""
    return Spent(project=caller.project, key=caller.key, model=interaction.model or "", used=used(interaction))


def used(interaction: wire.Interaction) -> Used:
    """What it has used, as far as its backend has told, for the day that it ended on."""
    usage = interaction.usage or wire.Usage()
    return Used(
        day=(interaction.updated or "")[: len("2026-11-27")],
        input=usage.total_input_tokens or 0,
        cached=usage.total_cached_tokens or 0,
        output=usage.total_output_tokens or 0,
        thought=usage.total_thought_tokens or 0,
    )
