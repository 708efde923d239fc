"""`interplay usage`: what projects and keys have used of the models, in tokens. Works while the server runs."""

from datetime import datetime
from functools import reduce
from operator import add
from typing import Annotated, Final

import msgspec
import typer
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

from interplay.cli.failing import CommandError
from interplay.cli.options import Config, Data, Database, settings, text
from interplay.cli.state import with_store
from interplay.cli.usage_lines import COUNTS, By, Line, lines

_HEADINGS: Final = ("requests", "input", "(cached)", "output", "thought", "total")


def usage(
    since: Annotated[
        str | None, typer.Option(help="The first day that counts, in UTC.", metavar="YYYY-MM-DD", show_default=False)
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="The last day that counts, in UTC.", metavar="YYYY-MM-DD", show_default=False)
    ] = None,
    by: Annotated[
        list[By] | None,
        typer.Option(
            help="What to tell apart; may be given more than once. (default: project, key and model)",
            show_default=False,
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
    data: Data = None,
    config: Config = None,
    database: Database = None,
) -> None:
    """Show what projects and keys have used of the models, in tokens.

    Deleting interactions and revoking keys takes nothing away.
    """
    _check_days(since, until)
    chosen = settings(config, data=text(data), database=database)
    rows = with_store(chosen, lambda store: store.usage.rows(since, until))
    found = lines(rows, by or (By.PROJECT, By.KEY, By.MODEL))
    if json:
        typer.echo(msgspec.json.format(msgspec.json.encode(found)).decode())
    elif found:
        _show(_table(found))
    else:
        typer.echo("Nothing was used in these days." if since or until else "Nothing has been used yet.")


def _check_days(since: str | None, until: str | None) -> None:
    for name, value in (("--since", since), ("--until", until)):
        if value is not None and not _is_day(value):
            raise CommandError(f"'{name}' {value!r} is not a day: expected one as 2026-11-27.")
    if since is not None and until is not None and since > until:
        raise CommandError(f"'--since' {since} is after '--until' {until}: expected the first day and the last.")


def _is_day(value: str) -> bool:
    try:
        return datetime.strptime(value, "%Y-%m-%d").strftime("%Y-%m-%d") == value  # noqa: DTZ007 - only a day
    except ValueError:
        return False


def _table(found: list[Line]) -> Table:
    table = Table(box=None, show_footer=len(found) > 1, pad_edge=False, padding=(0, 2, 0, 0), footer_style="bold")
    names = [name for name in ("project", "key", "model", "day") if getattr(found[0], name) is not None]
    for number, name in enumerate(names):
        table.add_column(name, "" if number else "all", no_wrap=True)
    for heading, sum in zip(_HEADINGS, _counts(reduce(add, found)), strict=True):
        table.add_column(heading, sum, justify="right", no_wrap=True)
    for line in found:
        table.add_row(*(_key(line) if name == "key" else _plain(getattr(line, name)) for name in names), *_counts(line))
    return table


def _counts(line: Line) -> list[str]:
    return [f"{getattr(line, name):,}" for name in COUNTS]


def _key(line: Line) -> str:
    return f"{line.key} (...{line.key_ends_in})" if line.key else "none"


def _plain(name: str) -> str:
    """A client may have asked for any name; a terminal is told nothing by it."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in name)


def _show(table: Table) -> None:
    console = Console(highlight=False, markup=False)
    # As wide as need be, in a narrow terminal too: lines that it breaks can be read, columns of three letters cannot.
    console.width = Measurement.get(console, console.options.update(max_width=10_000), table).maximum
    console.print(table)
