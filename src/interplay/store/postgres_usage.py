"""The usage as Postgres rows."""

from collections.abc import Sequence
from typing import Final

from interplay.store.postgres_connections import Connection, Connections, rows
from interplay.store.postgres_turns import text
from interplay.store.usage import EVER, Spent, UsageRow, usage_row

_NOW: Final = "extract(epoch FROM clock_timestamp())::float8"
_ADD: Final = (
    f"WITH forgotten AS (DELETE FROM usage_writers WHERE written < {_NOW} - 86400 AND id <> %(writer)s), "  # noqa: S608
    f"numbered AS (INSERT INTO usage_writers AS known (id, number, written) VALUES (%(writer)s, %(number)s, {_NOW})"
    " ON CONFLICT (id) DO UPDATE SET number = excluded.number, written = excluded.written"
    " WHERE known.number < excluded.number RETURNING 1) "
    "INSERT INTO usage AS so_far (project, key, model, day, interactions, input, cached, output, thought)"
    " SELECT project, key, model, day, sum(requests), sum(input), sum(cached), sum(output), sum(thought)"
    " FROM unnest(%(projects)s::text[], %(keys)s::text[], %(models)s::text[], %(days)s::text[],"
    " %(requests)s::bigint[], %(inputs)s::bigint[], %(cached)s::bigint[], %(outputs)s::bigint[],"
    " %(thoughts)s::bigint[]) AS new (project, key, model, day, requests, input, cached, output, thought)"
    # In one order, so that two servers that add to the same rows do not wait for each other.
    " CROSS JOIN numbered GROUP BY project, key, model, day ORDER BY project, key, model, day"
    " ON CONFLICT (project, key, model, day) DO UPDATE SET"
    " interactions = so_far.interactions + excluded.interactions,"
    " input = so_far.input + excluded.input, cached = so_far.cached + excluded.cached,"
    " output = so_far.output + excluded.output, thought = so_far.thought + excluded.thought"
)
_BETWEEN: Final = (
    "SELECT usage.project, usage.key, coalesce(hint, ''), model, interactions, day, input, cached, output, thought"
    " FROM usage LEFT JOIN keys ON keys.id = usage.key WHERE day >= %s AND day <= %s"
    ' ORDER BY usage.project COLLATE "C", usage.key COLLATE "C", model COLLATE "C", day'
)


class PostgresUsage:
    """The `UsageStore` port on Postgres."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def add(self, writer: str, number: int, spent: Sequence[Spent]) -> None:
        """Add a batch, once."""
        values = {
            "writer": writer,
            "number": number,
            "projects": [each.project for each in spent],
            "keys": [each.key for each in spent],
            "models": [text(each.model) for each in spent],
            "days": [each.used.day for each in spent],
            "requests": [each.requests for each in spent],
            "inputs": [each.used.input for each in spent],
            "cached": [each.used.cached for each in spent],
            "outputs": [each.used.output for each in spent],
            "thoughts": [each.used.thought for each in spent],
        }

        async def added(own: Connection) -> None:
            await rows(own, _ADD, values)

        await self._connections.do(added)

    async def rows(self, since: str | None = None, until: str | None = None) -> list[UsageRow]:
        """What was used between two days."""
        found = await self._connections.read(lambda own: rows(own, _BETWEEN, (since or "", until or EVER)))
        return [usage_row(row) for row in found]
