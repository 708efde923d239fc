"""Running an app on a port until SIGINT or SIGTERM, whatever it serves there."""

import asyncio
import gc
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

import typer
import uvicorn
import uvloop

from interplay.app import App
from interplay.cli.connection import Connection
from interplay.cli.failing import CommandError, explained
from interplay.errors import Failure
from interplay.models.local.checks import EngineError
from interplay.settings import Settings, SettingsError
from interplay.weights.errors import WeightsError

Greeting = Callable[[App, str], Awaitable[str]]
"""What is said once the app is ready at this address."""


def run(chosen: Settings, upstream: str | None, greet: Greeting, *, serves: bool = True) -> None:
    """Serve, or with `serves` off only do the work that waits, until told to stop. Raises CommandError."""
    with explained(SettingsError, WeightsError, EngineError, Failure, OSError):
        uvloop.run(_run(chosen, upstream, greet, serves=serves))


async def _run(chosen: Settings, upstream: str | None, greet: Greeting, *, serves: bool) -> None:
    with _listening(chosen.server.host, chosen.server.port) as listener:
        async with App(chosen, upstream, serves=serves) as app:
            config = uvicorn.Config(
                app.asgi,
                http=Connection,
                proxy_headers=False,  # nothing here trusts what a client says of its address
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_keep_alive=75,  # longer than the SDKs keep idle connections, so that they close them, not we
                timeout_graceful_shutdown=round(chosen.server.grace_seconds) + 2,
            )
            server = _Draining(config, app, chosen.server.leave_seconds if serves else 0)
            typer.echo(await greet(app, _address(listener)))
            if upstream is not None and (lacking := await app.introduction.lacking(upstream)):
                typer.echo(lacking, err=True)
            _settle_garbage()
            await server.serve(sockets=[listener])


def _settle_garbage() -> None:
    """What was made at the start stays: let the collector look at it no more, and less often at the rest."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


class _Draining(uvicorn.Server):
    """A server that lets its runs finish while its connections do."""

    def __init__(self, config: uvicorn.Config, app: App, leave_seconds: float) -> None:
        super().__init__(config)
        self._app = app
        self._leave_seconds = leave_seconds
        self._forced = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGINT and SIGTERM, without uvicorn's way of raising them again before the state is closed."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop, or on a second Ctrl-C without waiting."""
        super().handle_exit(sig, frame)
        if self.force_exit:
            self._forced.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Send requests elsewhere, take none, finish what runs within the grace period, close the connections."""
        typer.echo("Stopping. Answers in progress are finished first, within the grace period.", err=True)
        self._app.leave()
        await self._left()
        await asyncio.gather(self._app.drain(), super().shutdown(sockets))

    async def _left(self) -> None:
        """Wait until nobody sends requests any more; a second Ctrl-C ends it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._leave_seconds):
                await self._forced.wait()


def _listening(host: str, port: int) -> socket.socket:
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(address[:2], family=family, backlog=2048)
    except OSError as error:
        raise CommandError(
            f"Cannot listen on {host} port {port}: {error.strerror or error}. Choose another with --port, or stop what "
            "uses it."
        ) from error


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host  # noqa: S104
    return f"http://{shown}:{port}"
