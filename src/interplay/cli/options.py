"""Options that several commands share, and the settings they make."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from interplay.cli.failing import explained
from interplay.settings import Settings, SettingsError, check, load

Data = Annotated[
    Path | None, typer.Option(help="Folder of the server's state. (default: the platform's own)", show_default=False)
]
Config = Annotated[Path | None, typer.Option(help="Settings file, TOML.", show_default=False, dir_okay=False)]
Database = Annotated[
    str | None,
    typer.Option(
        help="Postgres database of the server's state, postgresql://USER:PASSWORD@HOST:PORT/NAME. "
        "(default: files in the data folder)",
        envvar="INTERPLAY_DATABASE",
        show_default=False,
    ),
]

Model = Annotated[str | None, typer.Option(help="Installed model that answers. (default: the default model)")]
Upstream = Annotated[
    str | None, typer.Option(help="OpenAI-compatible server to put behind every model name that it lists.")
]


def settings(config: Path | None, *, model: str | None = None, **changes: object) -> Settings:
    """The settings file, if there is one, with what the command line says of the server and its model on top."""
    with explained(SettingsError):
        base = load(config) if config is not None else Settings()
        given = {name: value for name, value in changes.items() if value is not None}
        merged = msgspec.structs.replace(
            base,
            server=msgspec.structs.replace(base.server, **given),
            local=msgspec.structs.replace(base.local, model=model or base.local.model),
        )
        check(merged)
        return merged


def text(path: Path | None) -> str | None:
    """A path as the settings hold it."""
    return str(path) if path is not None else None
