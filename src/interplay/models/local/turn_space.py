"""The engine's room, given to turns in the order they came: places to be worked on, and tokens of attention memory.

Patient ones come behind all others.

The engine itself fails every running turn when their tokens together no longer fit, so no more is let in than fits.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_Waiting = tuple[int, asyncio.Future[None]]
"""The tokens that a turn wants, and its place."""


class TurnSpace:
    """Room for so many turns that together hold so many tokens."""

    def __init__(self, turns: int, tokens: int) -> None:
        self._turns = turns
        self._tokens = tokens
        self._waiting: deque[_Waiting] = deque()
        self._patient: deque[_Waiting] = deque()
        self._wanted = 0
        """Turns that hold room or wait for it."""
        self._quiet = asyncio.Event()
        self._quiet.set()

    @asynccontextmanager
    async def taken(self, tokens: int, *, patient: bool = False) -> AsyncIterator[None]:
        """Wait for room for one turn of this many tokens, and hold it."""
        self._count(+1)
        try:
            await self._take(tokens, self._patient if patient else self._waiting)
            try:
                yield
            finally:
                self._give_back(tokens)
        finally:
            self._count(-1)

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Wait until no turn wants room, and keep all out: for a moment only."""
        while self._wanted:
            await self._quiet.wait()
        places, self._turns = self._turns, 0
        try:
            yield
        finally:
            self._turns = places
            self._let_in()

    def _count(self, change: int) -> None:
        self._wanted += change
        if self._wanted:
            self._quiet.clear()
        else:
            self._quiet.set()

    async def _take(self, tokens: int, line: "deque[_Waiting]") -> None:
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line.append((tokens, place))
        self._let_in()
        try:
            await place
        except asyncio.CancelledError:
            if not place.cancelled():
                self._give_back(tokens)
            raise
        finally:
            self._let_in()

    def _give_back(self, tokens: int) -> None:
        self._turns += 1
        self._tokens += tokens
        self._let_in()

    def _let_in(self) -> None:
        """Let in from the front while there is room; those who left the queue are passed over."""
        while line := self._waiting or self._patient:
            tokens, place = line[0]
            if not place.cancelled():
                if self._turns < 1 or self._tokens < tokens:
                    return
                self._turns -= 1
                self._tokens -= tokens
                place.set_result(None)
            line.popleft()
