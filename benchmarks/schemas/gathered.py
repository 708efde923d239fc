"""Schemas that other projects wrote, read out of their published archives; none of their text is kept here.

`sources.json` says which archives, how each is got, and where in it schemas stand. Nothing is unpacked or run. A schema
is offered as it is, with two exceptions: a part of a document takes the definitions along that it reaches, and the
leaderboard's names of types, which are Python's, become JSON Schema's (`benchmarks.functions.bfcl`).
"""

import json
import tarfile
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Final
from zipfile import ZipFile

import msgspec

from benchmarks.functions import bfcl

SOURCES: Final = Path(__file__).with_name("sources.json")


class Source(msgspec.Struct, frozen=True):
    """Where schemas come from."""

    name: str
    archive: str
    """What its file is called."""
    version: str
    licence: str
    get: str
    """How it is got."""
    has: str
    files: list[str]
    """Which members of the archive."""
    at: list[list[str]]
    """Ways to schemas in a document; `*` stands for every name or number."""
    but: list[str] = msgspec.field(default_factory=list, name="except")
    lines: bool = False
    """Whether each line is a document."""
    python_types: bool = False
    """Whether types are called what Python calls them."""


class Gathered(msgspec.Struct, frozen=True):
    """A schema and where it is from."""

    source: str
    name: str
    schema: Any


def gathered(archives: list[Path]) -> list[Gathered]:
    """All different schemas of some archives, in their order."""
    found: dict[bytes, Gathered] = {}
    for archive in archives:
        for one in of_archive(archive):
            found.setdefault(msgspec.json.encode(one.schema, order="sorted"), one)
    return list(found.values())


def of_archive(archive: Path) -> Iterator[Gathered]:
    """The schemas of one archive."""
    source = source_of(archive)
    for member, content in members(archive):
        if any(fnmatch(member, file) for file in source.files) and not any(fnmatch(member, no) for no in source.but):
            for document in content.splitlines() if source.lines else [content]:
                yield from of_document(source, member, json.loads(document))


def source_of(archive: Path) -> Source:
    """What there is to know about an archive."""
    for source in msgspec.json.decode(SOURCES.read_bytes(), type=list[Source]):
        if fnmatch(archive.name, source.archive):
            return source
    raise SystemExit(f"{SOURCES.name} does not know {archive.name}.")


def members(archive: Path) -> Iterator[tuple[str, bytes]]:
    """The names and contents of an archive's files."""
    if archive.suffix == ".whl":
        with ZipFile(archive) as wheel:
            yield from ((name, wheel.read(name)) for name in sorted(wheel.namelist()))
        return
    with tarfile.open(archive) as package:
        for member in package:
            if (file := package.extractfile(member)) is not None:
                yield member.name, file.read()


def of_document(source: Source, member: str, document: Any) -> Iterator[Gathered]:
    """The schemas of one document."""
    for way in source.at:
        for path, schema in along(document, way):
            named = (Path(member).stem, str(document["id"]) if source.lines else "", *path)
            whole = schema if schema is document else bundled(schema, document)
            yield Gathered(
                source.name, "/".join(filter(None, named)), bfcl.schema(whole) if source.python_types else whole
            )


def along(value: Any, way: list[str]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """What a way leads to, and the names passed."""
    if not way:
        yield (), value
        return
    for name, inner in steps(value, way[0]):
        yield from (((name, *path), found) for path, found in along(inner, way[1:]))


def steps(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    """One step of a way."""
    match value:
        case dict():
            yield from value.items() if name == "*" else ((name, value[name]) for _ in range(name in value))
        case list() if name == "*":
            yield from ((str(index), item) for index, item in enumerate(value))
        case _:  # the way leads nowhere in this document
            return


def bundled(schema: Any, document: dict[str, Any]) -> Any:
    """A part of a document, with the definitions that it reaches at their old places."""
    made = {**({"$schema": document["$schema"]} if "$schema" in document else {}), **schema}
    waiting = [schema]
    while waiting:
        for pointer in references(waiting.pop()):
            *way, last = pointer.removeprefix("#/").split("/")
            origin, place = document, made
            for name in way:
                origin, place = origin.get(name, {}), place.setdefault(name, {})
            if last in origin and last not in place:
                place[last] = origin[last]
                waiting.append(origin[last])
    return made


def references(value: Any) -> Iterator[str]:
    """The references in a schema to other places in its document."""
    match value:
        case dict():
            if isinstance(to := value.get("$ref"), str) and to.startswith("#/"):
                yield to
            for inner in value.values():
                yield from references(inner)
        case list():
            for inner in value:
                yield from references(inner)
        case _:
            return
