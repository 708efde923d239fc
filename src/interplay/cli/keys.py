"""`interplay keys`: make, list and revoke API keys. Works while the server runs."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from interplay import clock
from interplay.access import DEFAULT_PROJECT
from interplay.access.keys import create_key
from interplay.cli.failing import CommandError
from interplay.cli.options import Config, Data, Database, settings, text
from interplay.cli.state import with_store

app = typer.Typer(help="API keys: make, list, revoke.", no_args_is_help=True)


@app.command()
def create(
    project: Annotated[str, typer.Option(help="The project that the key opens.")] = DEFAULT_PROJECT,
    data: Data = None,
    config: Config = None,
    database: Database = None,
) -> None:
    """Make a key and print it. It is shown this once; only its hash is kept.

    Where no server has kept anything yet, this makes the server's state.
    """
    if not project.strip() or not project.isprintable():
        raise CommandError(f"The project {project!r} is no name: expected printable characters, and not only blanks.")
    chosen = settings(config, data=text(data), database=database)
    secret = with_store(chosen, lambda store: create_key(store, project, clock.system()), creates=True)
    typer.echo(f"New key for project '{project}', shown only now: {secret}")


@app.command("list")
def show(data: Data = None, config: Config = None, database: Database = None) -> None:
    """List the keys, without their secrets."""
    found = with_store(settings(config, data=text(data), database=database), lambda store: store.keys())
    table = Table("id", "project", "ends in", "created", "state")
    for key in found:
        created = datetime.fromtimestamp(key.created, UTC).strftime("%Y-%m-%d %H:%M UTC")
        table.add_row(key.id, key.project, f"...{key.hint}", created, "revoked" if key.revoked else "in use")
    Console(markup=False).print(table if found else "There are no keys yet: 'interplay keys create' makes one.")


@app.command()
def revoke(
    id: Annotated[str, typer.Argument(help="The key's id, as 'interplay keys list' shows it.")],
    data: Data = None,
    config: Config = None,
    database: Database = None,
) -> None:
    """Make a key useless, within a second also for a running server."""
    chosen = settings(config, data=text(data), database=database)
    if not with_store(chosen, lambda store: store.revoke_key(id, clock.system())):
        raise CommandError(f"There is no key '{id}' in use. 'interplay keys list' shows the keys.")
    typer.echo(f"Key {id} is revoked.")
