"""Prompts that are kept in files: which file is found, which is believed, and which goes."""

import os
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from interplay.models.local.saved import (
    ABANDONED_SECONDS,
    MOST_BYTES,
    MOST_FILES,
    SAMPLE_BYTES,
    SavedPrompts,
    identity,
    sound,
)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model's file."""
    path = tmp_path / "m.gguf"
    path.write_bytes(b"GGUF")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where its prompts are kept."""
    path = tmp_path / "prompts"
    path.mkdir()
    return path


@pytest.fixture
def saved(folder: Path, model: Path) -> SavedPrompts:
    """The prompts of that model in that folder."""
    return SavedPrompts(folder, model)


def written(saved: SavedPrompts, folder: Path, key: str) -> Path:
    """A file that the engine has written, published."""
    half = saved.half()
    (folder / half).write_bytes(b"state")
    (folder / half).chmod(0o644)
    saved.publish(key, half)
    return folder / str(saved.find(key))


def aged(path: Path, seconds: float) -> None:
    """Have a file look as if it were that old."""
    then = time.time() - seconds
    os.utime(path, (then, then))


def test_the_folder_is_the_users_own_and_is_tried(tmp_path: Path, model: Path) -> None:
    """It is made with all above it, for nobody else to look into; nothing stays of the trial."""
    folder = tmp_path / "a" / "prompts"
    saved = SavedPrompts(folder, model)
    for _ in range(2):
        saved.open()
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert not list(folder.iterdir())
    with pytest.raises(OSError, match=r"m\.gguf"):
        SavedPrompts(model / "prompts", model).open()


def test_a_folder_that_takes_no_files_is_refused(model: Path) -> None:
    """When it is opened, not when the first prompt is lost; Linux lets nobody write here, root included."""
    with pytest.raises(OSError, match="/proc/self/fdinfo"):
        SavedPrompts(Path("/proc/self/fdinfo"), model).open()


def test_a_saved_prompt_is_known_by_all_that_it_depends_on(saved: SavedPrompts, model: Path, folder: Path) -> None:
    """Other weights, another engine and another prompt have other keys; a key finds its own file only."""
    keys = [saved.key("build 1", [1, 2]), saved.key("build 2", [1, 2]), saved.key("build 1", [1, 3])]
    model.write_bytes(b"GGUF, others")
    keys.append(saved.key("build 1", [1, 2]))
    assert len(set(keys)) == len(keys)
    assert saved.key("build 1", [1, 2]) == keys[-1]
    file = written(saved, folder, keys[0])
    assert saved.find(keys[0]) == file.name
    assert [saved.find(key) for key in keys[1:]] == [None, None, None]


def changed(path: Path, place: int, data: bytes = b"x") -> None:
    """Write over a byte; the time of the last change stays."""
    before = path.stat()
    with path.open("r+b") as file:
        file.seek(place)
        file.write(data)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize(
    "change",
    [
        lambda path: changed(path, 0),
        lambda path: changed(path, SAMPLE_BYTES - 1),
        lambda path: changed(path, 2 * SAMPLE_BYTES),
        lambda path: changed(path, 3 * SAMPLE_BYTES - 1),
        lambda path: changed(path, 3 * SAMPLE_BYTES),
        lambda path: aged(path, 1000),
    ],
    ids=["first byte", "end of the beginning", "beginning of the end", "last byte", "one byte more", "time"],
)
def test_weights_are_told_apart_without_reading_all_of_them(tmp_path: Path, change: Callable[[Path], None]) -> None:
    """By size, time, beginning and end, whatever it is that differs."""
    path = tmp_path / "large.gguf"
    path.write_bytes(bytes(3 * SAMPLE_BYTES))
    before = identity(path)
    assert identity(path) == before
    change(path)
    assert identity(path) != before


def test_a_published_file_is_the_users_own(saved: SavedPrompts, folder: Path) -> None:
    """It holds a conversation, and the engine that wrote it may have other ideas of who may read it."""
    file = written(saved, folder, "k")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_bytes() == b"state"
    assert list(folder.iterdir()) == [file]


def resized(path: Path) -> None:
    """Make it larger than a prompt can be; it takes no room, and reading it would take seconds."""
    os.truncate(path, MOST_BYTES + 1)


def replaced_by_a_link(path: Path) -> None:
    """Have the name lead elsewhere, to the same bytes."""
    path.rename(path.parent.parent / "elsewhere")
    path.symlink_to(path.parent.parent / "elsewhere")


@pytest.mark.parametrize(
    "spoil",
    [lambda path: path.write_bytes(b"other"), lambda path: path.write_bytes(b""), resized, replaced_by_a_link],
    ids=["other bytes", "emptied", "too large", "a link"],
)
def test_what_is_no_whole_file_of_ours_is_removed(
    saved: SavedPrompts, folder: Path, spoil: Callable[[Path], None]
) -> None:
    """Its key finds nothing then, and what is written anew is found again. What a link leads to is left alone."""
    file = written(saved, folder, "k")
    spoil(file)
    assert saved.find("k") is None
    assert not list(folder.iterdir())
    assert written(saved, folder, "k") == file
    elsewhere = folder.parent / "elsewhere"
    assert not elsewhere.exists() or elsewhere.read_bytes() == b"state"


def test_a_half_written_file_is_never_found(saved: SavedPrompts, folder: Path) -> None:
    """Whatever it is called for, it has no key yet."""
    (folder / saved.half()).write_bytes(b"sta")
    assert saved.find("") is None
    assert saved.half() != saved.half()


def test_what_cannot_be_removed_is_no_failure(saved: SavedPrompts, folder: Path) -> None:
    """A folder under such a name, and a file that has gone meanwhile."""
    file = written(saved, folder, "k")
    file.unlink()
    file.mkdir()
    assert saved.find("k") is None
    saved.remove("k")
    assert file.is_dir()


def test_a_file_is_of_ours_up_to_its_size_and_by_its_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else's file under the right name, with the right digest, was not written by our engine."""
    path = tmp_path / "file"
    path.touch()
    os.truncate(path, MOST_BYTES)
    assert sound(path)
    os.truncate(path, MOST_BYTES + 1)
    assert not sound(path)
    os.truncate(path, 0)
    assert sound(path)
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    assert not sound(path)


def test_old_files_of_a_model_are_removed(tmp_path: Path, saved: SavedPrompts, folder: Path) -> None:
    """The newest few stay; those of other models do, too, whatever characters their names have."""
    others = [SavedPrompts(folder, tmp_path / name) for name in ("m*.gguf", "[m].gguf", "m.gguf.gguf")]
    kept = [written(other, folder, "k") for other in others]
    files = []
    for number in range(MOST_FILES + 2):
        files.append(written(saved, folder, f"k{number}"))
        aged(files[-1], 1000 - number)
    assert [saved.find(f"k{number}") for number in (1, 2)] == [None, files[2].name]
    assert sorted(folder.iterdir()) == sorted([*kept, *files[2:]])


def test_a_file_that_is_used_stays(saved: SavedPrompts, folder: Path) -> None:
    """It counts as new from then on, and another one goes."""
    files = [written(saved, folder, f"k{number}") for number in range(MOST_FILES)]
    for number, file in enumerate(files):
        aged(file, 1000 - number)
    assert saved.find("k0")
    files.append(written(saved, folder, "new"))
    assert saved.find("k1") is None
    assert sorted(folder.iterdir()) == sorted([files[0], *files[2:]])


def test_a_half_file_that_nobody_goes_on_with_is_removed(saved: SavedPrompts, folder: Path) -> None:
    """After an hour, by whoever publishes next; one that is being written stays."""
    old, fresh = folder / saved.half(), folder / saved.half()
    for path, seconds in ((old, ABANDONED_SECONDS + 60), (fresh, ABANDONED_SECONDS - 60)):
        path.touch()
        aged(path, seconds)
    written(saved, folder, "k")
    assert (old.exists(), fresh.exists()) == (False, True)


def test_the_folder_is_private(tmp_path: Path) -> None:
    """One that others can read is closed to them; what they can write to is not used, and left as it is."""
    folder = tmp_path / "prompts"
    saved = SavedPrompts(folder, tmp_path / "m.gguf")
    saved.open()
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o755)
    saved.open()
    assert folder.stat().st_mode & 0o777 == 0o700
    for mode in (0o770, 0o777, 0o1777):
        folder.chmod(mode)
        with pytest.raises(OSError, match="others may write"):
            saved.open()
        assert folder.stat().st_mode & 0o7777 == mode
