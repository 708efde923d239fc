"""Pulling from a file that the user brought."""

import hashlib
import shutil
from pathlib import Path

import pytest

from interplay.weights.errors import WeightsError
from interplay.weights.pull import Brought, Pull
from interplay.weights.shelf import Shelf

from .conftest import left_behind
from .index import pin


@pytest.fixture
def source(tmp_path: Path, data: bytes) -> Path:
    """A model file on a stick."""
    path = tmp_path / "stick" / "Some Model.gguf"
    path.parent.mkdir()
    path.write_bytes(data)
    return path


async def test_pinned(pull: Pull, shelf: Shelf, source: Path, data: bytes) -> None:
    """A file brought for a pinned name takes its place, file name and licence."""
    model = await pull(Brought(source, pin(data, [])))
    assert model.path == shelf.folder / "tiny.Q4.gguf"
    assert model.path.read_bytes() == data
    assert model.record
    assert (model.name, model.record.verified, model.record.licence) == ("tiny", "pinned", "Apache-2.0")


async def test_not_the_pinned_model(pull: Pull, shelf: Shelf, source: Path, data: bytes) -> None:
    """A file that is not the pinned model is not kept."""
    with pytest.raises(WeightsError, match=r"tiny\.Q4\.gguf has the SHA-256 \w+ where \w+ was expected; nothing was"):
        await pull(Brought(source, pin(b"GGUF other", [])))
    with pytest.raises(WeightsError, match="0000 was expected; nothing was kept"):
        await pull(Brought(source, pin(data, []), sha256="0" * 64))
    assert not shelf.models()
    assert not left_behind(shelf)


async def test_any_model(pull: Pull, source: Path, data: bytes) -> None:
    """Any other model is named after its file, or as the user says."""
    with pytest.raises(WeightsError, match=r"'Some Model\.gguf' cannot be a model's name; give one with --name"):
        await pull(Brought(source))
    model = await pull(Brought(source, name="some"))
    assert model.record
    assert (model.name, model.record.verified, model.record.licence) == ("some", "computed", None)
    assert model.record.sha256 == hashlib.sha256(data).hexdigest()


async def test_given_hash(pull: Pull, shelf: Shelf, source: Path, data: bytes) -> None:
    """A hash that the user gives decides."""
    with pytest.raises(WeightsError, match="nothing was kept"):
        await pull(Brought(source, name="some", sha256="0" * 64))
    assert not shelf.models()
    await pull(Brought(source, name="some", sha256=hashlib.sha256(data).hexdigest()))


async def test_registering_in_place(pull: Pull, shelf: Shelf, source: Path, data: bytes) -> None:
    """A file that was put into the models folder by hand gets its record there."""
    shelf.folder.mkdir()
    path = Path(shutil.copy(source, shelf.folder / "own.gguf"))
    model = await pull(Brought(path))
    assert (model.path, model.path.read_bytes()) == (path, data)
    assert model.record


async def test_taken_name(pull: Pull, source: Path, shelf: Shelf, data: bytes) -> None:
    """Another model's place is not taken."""
    await pull(Brought(source, name="some"))
    other = source.with_name("some.gguf")
    other.write_bytes(b"GGUF other")
    with pytest.raises(WeightsError, match=r"some\.gguf is already there"):
        await pull(Brought(other))
    assert shelf.find("some").path.read_bytes() == data


@pytest.mark.parametrize("content", [b"", b"GG", b"PK\x03\x04"])
async def test_not_a_model(pull: Pull, shelf: Shelf, tmp_path: Path, content: bytes) -> None:
    """What is no GGUF file is refused."""
    path = tmp_path / "x.gguf"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match=r"x\.gguf is not a GGUF model file: it (begins with|has \d bytes)"):
        await pull(Brought(path))
    assert not shelf.models()


async def test_no_file(pull: Pull, tmp_path: Path) -> None:
    """A file that is not there, or a folder, is named."""
    with pytest.raises(WeightsError, match=r"There is no file .*gone\.gguf to take"):
        await pull(Brought(tmp_path / "gone.gguf"))
    with pytest.raises(WeightsError, match="There is no file"):
        await pull(Brought(tmp_path))


async def test_folder_that_cannot_be_made(tmp_path: Path, pull: Pull, source: Path) -> None:
    """A models folder that cannot be written is one sentence."""
    (tmp_path / "models").write_text("in the way")
    with pytest.raises(WeightsError, match=r"models.* cannot be read or written: "):
        await pull(Brought(source, name="some"))
