"""From a host's name to its addresses, by the machine's own resolver."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""The addresses of a host. Raises OSError."""

_THREADS: Final = 64
"""More than one project has messages on their way: its names that take long hold up nobody else's."""


class Names:
    """Asks in threads of its own: names that take long must not hold up whom models are asked through."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="interplay-names")

    async def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a host, each once."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, _asked, host, port)

    def close(self) -> None:
        """Ask no more."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _asked(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))
