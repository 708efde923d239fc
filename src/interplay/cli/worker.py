"""`interplay worker`: do the background work that the servers of a database have accepted, and serve nothing else."""

from typing import Annotated

import typer

from interplay import __version__
from interplay.app import App
from interplay.cli.failing import CommandError
from interplay.cli.options import Config, Data, Database, Model, Upstream, settings, text
from interplay.cli.running import run


def worker(
    host: Annotated[str | None, typer.Option(help="Address of health and metrics. (default: 127.0.0.1)")] = None,
    port: Annotated[int, typer.Option(help="Port of health and metrics; 0 takes a free one.")] = 8791,
    data: Data = None,
    config: Config = None,
    database: Database = None,
    model: Model = None,
    upstream: Upstream = None,
) -> None:
    """Work for the servers that share a Postgres database.

    It runs background interactions, at most `background_runs` at once. On its port it tells its health and its metrics.
    """
    chosen = settings(config, model=model, host=host, port=port, data=text(data), database=database)
    if chosen.server.database is None:
        raise CommandError(
            "A worker shares a Postgres database with the servers it works for: name it with --database. A server "
            "whose state is in files does its own work."
        )
    if chosen.server.background_runs == 0:
        raise CommandError("A worker with background_runs = 0 has nothing to do: set it to 1 or more.")
    run(chosen, upstream, _greeting, serves=False)


async def _greeting(_: App, address: str) -> str:
    return f"Interplay {__version__} is working. Health and metrics are at {address}."
