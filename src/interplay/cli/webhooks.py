"""`interplay webhooks`: what could not be delivered, and the keys of signatures. Works while the server runs."""

from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlsplit

import typer

from interplay import clock
from interplay.cli.failing import CommandError
from interplay.cli.options import Config, Data, Database, settings, text
from interplay.cli.state import with_store
from interplay.store.base import Store
from interplay.store.outbox import DeadLetter
from interplay.webhooks.keys import KINDS, PUBLISHED_SECONDS, RSA, Key, keys, rotate

app = typer.Typer(help="Webhooks: what could not be delivered, and keys.", no_args_is_help=True)


@app.command()
def dead(data: Data = None, config: Config = None, database: Database = None) -> None:
    """List what was given up after a day of tries, the latest first, and why. It is kept for 30 days."""
    found = with_store(settings(config, data=text(data), database=database), lambda store: store.outbox.dead())
    for letter in found:
        typer.echo(_shown(letter))
    if not found:
        typer.echo("Everything that was due was delivered, or is still being tried.")


@app.command()
def replay(
    id: Annotated[str | None, typer.Argument(help="The id, as 'interplay webhooks dead' shows it.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
    data: Data = None,
    config: Config = None,
    database: Database = None,
) -> None:
    """Send what was given up again, for another day of tries; a running server begins within seconds."""
    if (id is None) != every:
        raise CommandError("Name one id of 'interplay webhooks dead', or --all.")
    chosen = settings(config, data=text(data), database=database)
    count = with_store(chosen, lambda store: store.outbox.replay(id))
    if id is not None and not count:
        raise CommandError(f"Nothing with the id '{id}' was given up. 'interplay webhooks dead' shows what was.")
    typer.echo(f"{count} {'is' if count == 1 else 'are'} sent again.")


@app.command("rotate-key")
def rotate_key(
    revoke: Annotated[
        bool, typer.Option("--revoke", help="Drop all older keys now, because one of them has leaked.")
    ] = False,
    data: Data = None,
    config: Config = None,
    database: Database = None,
) -> None:
    """Make another key for what receivers get that requests name. The one before stays valid for a day."""
    chosen = settings(config, data=text(data), database=database)
    made = with_store(chosen, lambda store: _rotate(store, revoke=revoke))
    when = "within seconds" if revoke else f"in {PUBLISHED_SECONDS:.0f} seconds"
    for key in made:
        typer.echo(f"Key {key.id} is published, and signs {when}.")


async def _rotate(store: Store, *, revoke: bool) -> list[Key]:
    """Another key of each kind that there is: whichever form signs now, the other may have before."""
    used = [kind for kind in KINDS if await keys(store, kind)]
    return [await rotate(store, kind, clock.system(), revoke=revoke) for kind in used or [RSA]]


def _shown(letter: DeadLetter) -> str:
    """Two lines. The host, not the whole address: its path and query may be what its owner keeps secret."""
    died = datetime.fromtimestamp(letter.died, UTC).strftime("%Y-%m-%d %H:%M UTC")
    host, tries = urlsplit(letter.uri).hostname, "1 try" if letter.attempts == 1 else f"{letter.attempts} tries"
    receiver = f"{host} ({letter.webhook or 'named by the request'})"
    return (
        f"{letter.id}\n  {letter.type} of project {letter.project} to {receiver}, given up {died} after {tries}: "
        f"{letter.reason}"
    )
