"""The usage as Postgres rows."""

from collections.abc import Sequence
from typing import Final

from interplay.store.postgres.connections import NOW, Connection, Connections, rows, text
from interplay.store.usage import EVER, Spent, UsageRow, usage_row

_COLUMNS: Final = "project, key, model, day, interactions, input, cached, output, thought"
_SUMS: Final = (
    "sum(interactions)::bigint, sum(input)::bigint, sum(cached)::bigint, sum(output)::bigint, sum(thought)::bigint"
)
# S608 below: all pieces of these statements are the constants above.
_ADD: Final = (
    f"WITH forgotten AS (DELETE FROM usage_writers WHERE written < {NOW} - 86400 AND id <> %(writer)s), "  # noqa: S608
    f"numbered AS (INSERT INTO usage_writers AS known (id, number, written) VALUES (%(writer)s, %(number)s, {NOW})"
    " ON CONFLICT (id) DO UPDATE SET number = excluded.number, written = excluded.written"
    " WHERE known.number < excluded.number RETURNING 1) "
    f"INSERT INTO usage_added ({_COLUMNS})"
    " SELECT new.* FROM unnest(%(projects)s::text[], %(keys)s::text[], %(models)s::text[], %(days)s::text[],"
    " %(requests)s::bigint[], %(inputs)s::bigint[], %(cached)s::bigint[], %(outputs)s::bigint[],"
    " %(thoughts)s::bigint[]) AS new CROSS JOIN numbered"
)
_TIDY: Final = (
    "WITH moved AS (DELETE FROM usage_added WHERE ctid = ANY(ARRAY("  # noqa: S608
    f"SELECT ctid FROM usage_added LIMIT %s FOR UPDATE SKIP LOCKED)) RETURNING {_COLUMNS}) "
    f"INSERT INTO usage AS so_far ({_COLUMNS}) SELECT project, key, model, day, {_SUMS} FROM moved"
    # In one order, so that two servers that do this at once do not wait for each other.
    " GROUP BY project, key, model, day ORDER BY project, key, model, day"
    " ON CONFLICT (project, key, model, day) DO UPDATE SET"
    " interactions = so_far.interactions + excluded.interactions,"
    " input = so_far.input + excluded.input, cached = so_far.cached + excluded.cached,"
    " output = so_far.output + excluded.output, thought = so_far.thought + excluded.thought RETURNING 1"
)
_BETWEEN: Final = (
    "SELECT summed.project, summed.key, coalesce(hint, ''), model, interactions, day, input, cached, output, thought"  # noqa: S608
    f" FROM (SELECT project, key, model, day, {_SUMS} FROM (TABLE usage UNION ALL TABLE usage_added)"
    f" AS whole ({_COLUMNS}) WHERE day >= %s AND day <= %s GROUP BY project, key, model, day)"
    f" AS summed ({_COLUMNS}) LEFT JOIN keys ON keys.id = summed.key"
    ' ORDER BY summed.project COLLATE "C", summed.key COLLATE "C", model COLLATE "C", day'
)
_AT_ONCE: Final = 10_000
"""Rows that are tidied in one transaction."""


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

    async def tidy(self) -> None:
        """Move what was added into the sums."""
        while await self._connections.do(lambda own: rows(own, _TIDY, (_AT_ONCE,))):
            pass

    async def rows(self, since: str | None = None, until: str | None = None) -> list[UsageRow]:
        """What was used between two days."""
        found = await self._connections.read(lambda own: rows(own, _BETWEEN, (since or "", until or EVER)))
        return [usage_row(row) for row in found]
