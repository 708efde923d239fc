"""`interplay models`: list, pull and path. Not here: how pulling works (`interplay.weights`)."""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from interplay.cli.pulling import watching
from interplay.weights.address import Address, looks_like_address
from interplay.weights.errors import WeightsError
from interplay.weights.manifest import manifest
from interplay.weights.places import models_folder
from interplay.weights.progress import size
from interplay.weights.pull import Addressed, Brought, Pinned, Pull, Wanted
from interplay.weights.shelf import Model, Shelf
from interplay.weights.stated import as_hash

app = typer.Typer(help="The model files on this machine.", no_args_is_help=True)

_INTERRUPTED = 130


@app.command("list")
def list_models() -> None:
    """List the models that are here, and those that can be pulled by name."""
    with _one_sentence_errors():
        shelf = Shelf(models_folder())
        name = Column("name", no_wrap=True)
        table = Table(name, "here", "size", "licence", "good for", box=None, pad_edge=False, header_style="bold")
        for row in _rows(shelf):
            table.add_row(*row)
        console = Console()
        console.print(table)
        console.print(f"\nModels are kept in {shelf.folder}", soft_wrap=True, highlight=False)


@app.command()
def pull(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME|URL|hf://OWNER/REPO/FILE.gguf]",
            help="A name of `interplay models list`, or an address. The default model if left out.",
            show_default=False,
        ),
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", help="Take the model from this file instead of the network."),
    ] = None,
    sha256: Annotated[
        str | None,
        typer.Option(metavar="HEX", help="Keep the file only if it has this SHA-256."),
    ] = None,
    rename: Annotated[
        str | None,
        typer.Option("--name", metavar="NAME", help="Call the model this; else it is called after its file."),
    ] = None,
) -> None:
    """Bring a model here: the default one, a pinned one, one from an address, or a file."""
    with _one_sentence_errors():
        wanted = _wanted(name, source, _checked_hash(sha256), rename)
        model = asyncio.run(_pulled(wanted))
        typer.echo(f"{model.name}: {size(model.bytes)}, {_verified(model)}, {model.path}", err=True)


@app.command()
def path(
    name: Annotated[
        str | None,
        typer.Argument(help="The model's name; the default model if left out.", show_default=False),
    ] = None,
) -> None:
    """Print the path of a model's file, and nothing else."""
    with _one_sentence_errors():
        typer.echo(_chosen(Shelf(models_folder()), name).path)


async def _pulled(wanted: Wanted) -> Model:
    with watching(Console(stderr=True), _title(wanted)) as progress:
        return await Pull(Shelf(models_folder()), progress)(wanted)


def _wanted(name: str | None, source: Path | None, sha256: str | None, rename: str | None) -> Wanted:
    if name and looks_like_address(name):
        if source:
            raise typer.BadParameter("give either an address or --from FILE, not both", param_hint="--from")
        return Addressed(Address.parse(name, os.environ), rename, sha256)
    if source:
        return Brought(source, manifest().find(name) if name else None, rename, sha256)
    if rename or sha256:
        raise typer.BadParameter(
            "a pinned model has its own name and hash; --name and --sha256 go with an address or --from FILE",
            param_hint="--name" if rename else "--sha256",
        )
    return Pinned(manifest().find(name or manifest().default))


def _checked_hash(text: str | None) -> str | None:
    if text is None or (checked := as_hash(text.strip())):
        return checked if text else None
    raise typer.BadParameter(f"{text!r} is not a SHA-256: 64 hexadecimal digits", param_hint="--sha256")


def _title(wanted: Wanted) -> str:
    match wanted:
        case Pinned():
            return wanted.pin.name
        case Addressed():
            return wanted.name or wanted.address.file
        case Brought():
            return wanted.name or wanted.source.name


def _chosen(shelf: Shelf, name: str | None) -> Model:
    if name:
        return shelf.find(name)
    if model := shelf.default():
        return model
    raise WeightsError(f"There is no model in {shelf.folder} yet; `interplay models pull` brings the default one.")


def _rows(shelf: Shelf) -> Iterator[tuple[str, str, str, str, str]]:
    models = shelf.models()
    hashes = {model.record.sha256 for model in models if model.record}
    for model in models:
        licence = (model.record and model.record.licence) or "unknown"
        yield model.name, "yes", size(model.bytes), licence, _purpose(model)
    for pin in manifest().models:
        if pin.sha256 not in hashes:
            yield pin.name, "no", size(pin.bytes), pin.licence, pin.purpose


def _purpose(model: Model) -> str:
    if model.record is None:
        return "Your own file."
    if pin := manifest().by_hash(model.record.sha256):
        return pin.purpose
    return f"Your own choice, from {model.record.origin}."


def _verified(model: Model) -> str:
    match model.record and model.record.verified:
        case "pinned":
            return "SHA-256 as pinned"
        case "stated":
            return "SHA-256 as its host states"
        case "given":
            return "SHA-256 as you gave it"
        case _:
            return "SHA-256 not compared with anything"


@contextmanager
def _one_sentence_errors() -> Iterator[None]:
    try:
        yield
    except WeightsError as error:
        typer.echo(str(error), err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        typer.echo("Stopped. What has come is kept; the same command goes on from there.", err=True)
        sys.exit(_INTERRUPTED)
