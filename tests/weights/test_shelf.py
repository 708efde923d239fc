"""What is on the shelf, and where the shelf is."""

from pathlib import Path

import pytest

from interplay.weights.errors import WeightsError
from interplay.weights.manifest import manifest
from interplay.weights.places import models_folder
from interplay.weights.shelf import Record, Shelf

SHA = "a" * 64


def on(shelf: Shelf, file: str, name: str | None = None) -> Path:
    """Put a file on the shelf, with a record if it has a name."""
    shelf.folder.mkdir(parents=True, exist_ok=True)
    path = shelf.folder / file
    path.write_bytes(b"GGUF....")
    if name:
        shelf.record(path, Record(name=name, bytes=8, sha256=SHA, verified="pinned"))
    return path


def test_empty(shelf: Shelf) -> None:
    """A folder that does not exist holds nothing."""
    assert shelf.models() == []
    assert shelf.default() is None
    with pytest.raises(WeightsError, match=r"'x' is not in .*models there: none\); see `interplay models list`"):
        shelf.find("x")


def test_names(shelf: Shelf) -> None:
    """A model is found by its name and by its file's name; one without a record is called after its file."""
    recorded, own = on(shelf, "a.Q4.gguf", "a"), on(shelf, "own.gguf")
    assert shelf.find("a").path == shelf.find("a.Q4.gguf").path == recorded
    assert shelf.find("own").path == own
    assert [(model.name, model.record is None) for model in shelf.models()] == [("a", False), ("own", True)]
    with pytest.raises(WeightsError, match=r"models there: a, own"):
        shelf.find("b")


def test_missing_pinned_model(shelf: Shelf) -> None:
    """A model of the manifest that is not here says how to get it."""
    with pytest.raises(WeightsError, match=r"`interplay models pull smollm2-135m-instruct`"):
        shelf.find("smollm2-135m-instruct")


def test_changed_file(shelf: Shelf) -> None:
    """A file that is no longer what was verified has no record."""
    path = on(shelf, "a.gguf", "a")
    path.write_bytes(b"GGUF and more")
    assert shelf.find("a").record is None


def test_what_is_no_model(shelf: Shelf) -> None:
    """Projectors and the further files of a cut model are not models of their own."""
    on(shelf, "mmproj-f16.gguf")
    on(shelf, "big-00002-of-00002.gguf")
    first = on(shelf, "big-00001-of-00002.gguf")
    assert [model.path for model in shelf.models()] == [first]


def test_default(shelf: Shelf) -> None:
    """The manifest's default is the default; without it, the first by name."""
    other, pinned = on(shelf, "a.gguf"), manifest().find(manifest().default)
    model = shelf.default()
    assert model
    assert model.path == other
    path = on(shelf, pinned.file, pinned.name)
    model = shelf.default()
    assert model
    assert model.path == path


def test_models_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder is the user's choice, or where the platform keeps a user's data."""
    monkeypatch.setenv("HOME", "/home/me")
    assert models_folder({"INTERPLAY_MODELS": "~/models"}, "linux") == Path("/home/me/models")
    assert models_folder({"XDG_DATA_HOME": "/data"}, "linux") == Path("/data/interplay/models")
    assert models_folder({"XDG_DATA_HOME": "data"}, "linux") == Path("/home/me/.local/share/interplay/models")
    assert models_folder({}, "linux") == Path("/home/me/.local/share/interplay/models")
    assert models_folder({}, "darwin") == Path("/home/me/Library/Application Support/interplay/models")
