"""`interplay serve`: run the server until it is told to stop."""

import sys
from typing import Annotated

import typer

from interplay.app import App
from interplay.cli.greeting import greeting
from interplay.cli.options import Config, Data, Database, Model, Upstream, settings, text
from interplay.cli.running import run


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on. (default: 127.0.0.1)")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one. (default: 8790)")] = None,
    data: Data = None,
    config: Config = None,
    database: Database = None,
    model: Model = None,
    upstream: Upstream = None,
    no_auth: Annotated[bool, typer.Option("--no-auth", help="Ask for no keys; on a loopback address only.")] = False,
) -> None:
    """Serve the Gemini Interactions API.

    Without settings, the installed local model answers for Google's text-model names.
    """
    chosen = settings(
        config, model=model, host=host, port=port, data=text(data), database=database, auth=False if no_auth else None
    )
    run(chosen, upstream, _greeting)


async def _greeting(app: App, address: str) -> str:
    key = await app.introduction.key(on_a_terminal=sys.stdout.isatty())
    model = await app.introduction.example_model()
    return greeting(address, key, model, await app.introduction.answering(model))
