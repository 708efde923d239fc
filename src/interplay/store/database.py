"""The port of a database to the families of rows whose SQL is alike in all of them. Not here: the special families.

A statement is what SQLite and Postgres both understand. Its values have names, as `:name`. A few words of it are
Postgres' or nobody's, and are spelled for the database (`spelled` in `sqlite/database.py`, `postgres/database.py`):

    NOW                   seconds since 1970 by the database's clock
    = ANY(:names)         one of these texts, given as a list
    json_each(:json)      a row for each element of a JSON list, in the column `value`
    json_each_text(:json) a row for each member of a JSON object, in the columns `key` and `value`
    ctid                  where the row lies
    FOR UPDATE, FOR SHARE and what follows them up to the end of the SELECT: locks, where there are several writers

Whoever asks sees a Failure, as `Store` says, and `Taken` where a row may be there once only.
"""

import re
from collections.abc import Callable, Generator, Sequence
from functools import lru_cache
from typing import Any, Protocol, TypeVar

import msgspec

from interplay.errors import Failure

T = TypeVar("T")
Value = str | bytes | int | float | list[str] | None
Rows = list[tuple[Any, ...]]


class Query(msgspec.Struct, frozen=True):
    """A statement and its values."""

    text: str
    values: dict[str, Value]


Steps = Generator[Query, Rows, T]
"""What one transaction does: yields each query, is sent its rows, returns what comes of it. Does nothing else."""


class Cursor(msgspec.Struct, frozen=True):
    """The last row of a page of a list that is ordered by time."""

    created: float
    id: str


class Taken(Failure):
    """There is such a row already."""


class Database(Protocol):
    """Rows, found and written. Every method is a transaction, and what it writes is durable when it returns."""

    async def find(self, text: str, /, **values: Value) -> Rows:
        """Look for one row by its key, which takes no time: on the spot, or together with others that look."""

    async def read(self, text: str, /, **values: Value) -> Rows:
        """Read what may take a while, beside everything else."""

    async def write(self, text: str, /, **values: Value) -> Rows:
        """Do one statement that writes; what it returns. May be done again where it clashed with another."""

    async def write_along(self, locked: str, text: str, /, **values: Value) -> Rows:
        """The same for one that writes a row or two: together with others that wait, in one transaction.

        `locked` names what it locks: those of two servers that lock the same come in one order.
        """

    async def transact(self, steps: Callable[[], Steps[T]], *, alone: str = "") -> T:
        """Do several statements; what the steps return. They may be begun again, and what they raise undoes them.

        Of transactions that are `alone` under one name there is one at a time, over all servers.
        """


def ask(text: str, /, **values: Value) -> Query:
    """A step."""
    return Query(text, values)


def spelled_by(spelling: Sequence[tuple[re.Pattern[str], str]]) -> Callable[[str], str]:
    """What writes a statement as one database understands it, by these words and its own for them."""

    @lru_cache(maxsize=512)
    def spelled(text: str) -> str:
        for word, own in spelling:
            text = word.sub(own, text)
        return text

    return spelled
