"""The schemas of one request, compiled: what each may take is bounded, and what all of them take together.

Not here: what a schema takes (`interplay.schemas`), which schemas a request has (`functions`, `formats`).
"""

from typing import Any

from interplay.errors import invalid
from interplay.schemas import Schema, compile_aside, limits


class Compiling:
    """One request's schemas. One that was compiled before counts as well: its grammar is written for each request."""

    def __init__(self) -> None:
        self._spent = 0

    async def compiled(self, schema: Any, where: str) -> Schema:
        """The next one. Raises Failure `invalid_request` for a schema that cannot be used, or is one too many."""
        made = await compile_aside(schema, where)
        self._spent += made.effort
        if self._spent > limits.EFFORT:
            raise invalid(
                f"'{where}' is too much: all schemas of a request together may take {limits.EFFORT} steps to compile, "
                f"and with this one, which takes {made.effort}, they take {self._spent}."
            )
        return made
