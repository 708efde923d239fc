"""A file at an address, read into a draft over HTTP, going on where an earlier transfer broke off."""

import asyncio
from collections.abc import Sequence
from typing import Final

import aiohttp

from interplay.weights import stated
from interplay.weights.address import Address
from interplay.weights.asking import ask, ask_hash, broken_off
from interplay.weights.draft import CHUNK, Draft, Identity
from interplay.weights.errors import InterruptedPullError, WeightsError
from interplay.weights.progress import Progress
from interplay.weights.stated import Stated

PAUSES: Final = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds to wait before each further try after a transfer broke off; new bytes start the list anew."""

_PATIENCE: Final = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=60)


async def fill(
    draft: Draft,
    address: Address,
    progress: Progress,
    expected: str | None = None,
    pauses: Sequence[float] = PAUSES,
) -> str | None:
    """Bring the draft to the end of the file; the hash that it must have, if anybody knows it."""
    async with aiohttp.ClientSession(trust_env=True, timeout=_PATIENCE, auto_decompress=False) as session:
        transfer = _Transfer(session, draft, address, progress, expected)
        left, received = list(pauses), 0
        while True:
            try:
                return await transfer.attempt()
            except InterruptedPullError:
                if transfer.received > received:
                    left, received = list(pauses), transfer.received
                # A host that never gave a byte is not waited for: there may be another origin.
                if not transfer.received or not left:
                    raise
                await asyncio.sleep(left.pop(0))


class _Transfer:
    """All attempts at one address."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        draft: Draft,
        address: Address,
        progress: Progress,
        expected: str | None,
    ) -> None:
        self.received = 0
        self._session = session
        self._draft = draft
        self._address = address
        self._progress = progress
        self._expected = expected
        self._beside: Stated | None = None

    async def attempt(self) -> str | None:
        """Go on from where the draft stands; the hash that the whole file must have, if anybody knows it."""
        self._forget_another_file()
        try:
            response, said = await self._answer()
            async with response:
                known = self._agreed(said)
                self._draft.become(Identity(known, self._address.shown, said.validator))
                await self._receive(response, said)
        except (aiohttp.ClientError, TimeoutError) as broken:
            raise broken_off(self._address, broken) from broken
        self._check_size(said)
        return known

    def _forget_another_file(self) -> None:
        here = self._draft.identity
        if self._expected:
            fits = here.sha256 == self._expected
        else:
            fits = here.source == self._address.shown and bool(here.sha256 or here.validator)
        if not fits:
            self._draft.restart()

    async def _answer(self) -> tuple[aiohttp.ClientResponse, Stated]:
        """The answer that goes on where the draft ends, and what the host says of the whole file."""
        response, said = await self._ask()
        if self._goes_on(response, said):
            return response, said
        response.release()
        self._draft.restart()
        return await self._ask()

    async def _ask(self) -> tuple[aiohttp.ClientResponse, Stated]:
        response, said = await ask(self._session, self._address, self._headers())
        return response, await self._with_hash(said)

    def _headers(self) -> dict[str, str]:
        headers = {"Accept-Encoding": "identity"}
        if self._draft.length:
            headers["Range"] = f"bytes={self._draft.length}-"
            here = self._draft.identity
            if here.validator and not here.sha256:
                headers["If-Range"] = here.validator
        return headers

    def _goes_on(self, response: aiohttp.ClientResponse, said: Stated) -> bool:
        here = self._draft.length
        if not here:
            return True
        if self._draft.identity.sha256 != (self._expected or said.sha256):
            return False
        match response.status:
            case 206:
                return stated.started(response.headers) == here
            case 416:
                return said.bytes == here
            case _:
                return False

    async def _with_hash(self, said: Stated) -> Stated:
        if said.sha256 or self._expected:
            return said
        if self._beside is None:
            self._beside = Stated(await ask_hash(self._session, self._address))
        return said.completed(self._beside)

    def _agreed(self, said: Stated) -> str | None:
        if self._expected and said.sha256 and said.sha256 != self._expected:
            raise WeightsError(
                f"{self._host} states the SHA-256 {said.sha256} for {self._address.file}, "
                f"and {self._expected} was expected"
            )
        return self._expected or said.sha256

    async def _receive(self, response: aiohttp.ClientResponse, said: Stated) -> None:
        self._draft.require_space(said.bytes or 0)
        self._progress.begin(said.bytes, self._draft.length)
        if response.status == 416:
            return
        async for data in response.content.iter_chunked(CHUNK):
            self._draft.append(data)
            self.received += len(data)
            self._progress.reached(self._draft.length)

    def _check_size(self, said: Stated) -> None:
        if said.bytes is not None and said.bytes != self._draft.length:
            got, file = self._draft.length, self._address.file
            self._draft.restart()
            raise WeightsError(f"{self._host} sent {got} bytes of {file} and states that it has {said.bytes}")

    @property
    def _host(self) -> str:
        return str(self._address.url.host)
