"""What every place of blobs does, as those see it who keep blobs."""

import asyncio
import hashlib
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from interplay.blobs.blobs import Blobs
from interplay.errors import Failure
from interplay.store.base import Store
from interplay.store.sqlite import SqliteStore
from tests.store.samples import ending, new

from .conftest import Inside

SMALL = b"a few bytes"
LARGE = os.urandom((20 << 20) + 7)
"""More than one request to a bucket carries."""


async def _pieces(content: bytes, size: int = 300_000) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


def _blobs_of(inside: Inside) -> list[str]:
    """What is kept beside the mark."""
    return [name for name in inside.names() if not name.startswith("mark-")]


@pytest.mark.parametrize("content", [b"", SMALL, LARGE], ids=len)
async def test_bytes_come_back(blobs: Blobs, content: bytes) -> None:
    """Whole, with their SHA-256 and size, whether they came at once or in pieces."""
    blob = await blobs.put("home", _pieces(content))
    assert (blob.digest, blob.size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert await blobs.get("home", blob.digest) == content
    assert await blobs.find("home", blob.digest) == blob
    assert await blobs.put("home", content) == blob


@pytest.mark.parametrize(("start", "end"), [(0, 1), (5, 5), (8 << 20, (16 << 20) + 1), (len(LARGE) - 1, len(LARGE))])
async def test_a_range_of_bytes(blobs: Blobs, start: int, end: int) -> None:
    """From `start` up to, without, `end`."""
    blob = await blobs.put("home", LARGE)
    assert b"".join([piece async for piece in blobs.read("home", blob.digest, start, end)]) == LARGE[start:end]


@pytest.mark.parametrize(("start", "end"), [(-1, 5), (5, 4), (0, len(SMALL) + 1), (len(SMALL) + 1, None)])
async def test_a_range_that_is_none(blobs: Blobs, start: int, end: int | None) -> None:
    """It is refused with the size."""
    blob = await blobs.put("home", SMALL)
    with pytest.raises(Failure, match=f"has {len(SMALL)} bytes") as caught:
        [piece async for piece in blobs.read("home", blob.digest, start, end)]
    assert caught.value.code == "invalid_request"


async def test_the_same_bytes_are_one_blob(blobs: Blobs, inside: Inside) -> None:
    """One after the other, and at once."""
    first = await blobs.put("home", SMALL)
    second = await blobs.put("home", _pieces(SMALL, 3))
    assert first == second
    assert _blobs_of(inside) == [first.name]
    at_once = await asyncio.gather(*[blobs.put("home", b"other bytes") for _ in range(5)])
    assert len(set(at_once)) == 1


async def test_projects_are_apart(blobs: Blobs) -> None:
    """Another project's blob is not found, and the same bytes there are a blob of its own."""
    blob = await blobs.put("home", SMALL)
    assert await blobs.find("other", blob.digest) is None
    with pytest.raises(Failure, match="There is no blob") as caught:
        await blobs.get("other", blob.digest)
    assert caught.value.code == "not_found"
    assert (await blobs.put("other", SMALL)).name != blob.name


async def test_nothing_is_left_of_what_never_came_to_its_end(blobs: Blobs, inside: Inside) -> None:
    """An upload that fails is no blob, and leaves no draft."""

    async def broken() -> AsyncIterator[bytes]:
        yield SMALL
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await blobs.put("home", broken())
    assert await blobs.find("home", hashlib.sha256(SMALL).hexdigest()) is None
    assert _blobs_of(inside) == []
    assert list(inside.place().drafts.iterdir()) == []


@pytest.mark.parametrize(
    ("damage", "how"),
    [
        (b"b" + SMALL[1:], "its bytes are others"),
        (SMALL[1:], "bytes were expected"),
        (b"", "bytes were expected"),
        (None, "bytes were expected"),
    ],
)
async def test_damage_is_a_failure(blobs: Blobs, inside: Inside, damage: bytes | None, how: str) -> None:
    """Changed, cut off or lost: whoever reads all of it hears so."""
    blob = await blobs.put("home", SMALL)
    inside.overwrite(blob.name, damage)
    with pytest.raises(Failure, match=how) as caught:
        await blobs.get("home", blob.digest)
    assert caught.value.code == "internal"


async def test_lost_bytes_come_back_with_the_next_upload(blobs: Blobs, inside: Inside) -> None:
    """Whoever sends them again has a blob that can be read."""
    blob = await blobs.put("home", SMALL)
    inside.overwrite(blob.name, None)
    assert await blobs.put("home", SMALL) == blob
    assert await blobs.get("home", blob.digest) == SMALL


async def test_a_blob_lives_as_long_as_its_holders(blobs: Blobs, store: Store, inside: Inside) -> None:
    """It is gone with the sweep after the last of them, deleted or expired; what nobody ever held goes too."""
    blob = await blobs.put("home", SMALL)
    await store.insert(new("a", blobs=(blob.digest,)))
    await store.insert(new("b", blobs=(blob.digest,), expires=1.0))
    await store.finish(ending("b"))
    await blobs.put("home", b"never held")
    assert await blobs.sweep() == 1
    assert await store.delete("home", "a")
    assert await blobs.sweep() == 0
    assert await blobs.get("home", blob.digest) == SMALL
    assert await store.expire(2.0) == 1
    assert await blobs.sweep() == 1
    assert await blobs.find("home", blob.digest) is None
    assert _blobs_of(inside) == []


async def test_what_was_uploaded_just_now_stays(store: Store, inside: Inside) -> None:
    """Until its row is written; and so does what is sent again while nobody holds it."""
    blobs = Blobs(store.blobs, inside.place(), store.secret)
    await blobs.open()
    blob = await blobs.put("home", SMALL)
    assert await blobs.sweep() == 0
    await store.insert(new("a", blobs=(blob.digest,)))
    await blobs.put("home", SMALL)
    await store.delete("home", "a")
    assert await blobs.sweep() == 0
    assert await blobs.get("home", blob.digest) == SMALL


async def test_a_late_removal_harms_nobody(blobs: Blobs, store: Store, inside: Inside) -> None:
    """Who condemned bytes and was paused before the removal removes those, not the same ones sent since."""
    old = await blobs.put("home", SMALL)
    condemned = await store.blobs.condemn(0)
    fresh = await blobs.put("home", SMALL)
    await store.insert(new("a", blobs=(fresh.digest,)))
    await inside.place().remove(condemned)
    await store.blobs.removed(condemned)
    assert condemned == [old.name]
    assert await blobs.get("home", fresh.digest) == SMALL


async def test_a_removal_that_was_cut_off_is_done_again(blobs: Blobs, store: Store, inside: Inside) -> None:
    """By whoever sweeps next, once it is due."""
    await blobs.put("home", SMALL)
    assert len(await store.blobs.condemn(0)) == 1
    assert await blobs.sweep() == 1
    assert _blobs_of(inside) == []


async def test_drafts_of_the_dead_are_removed(store: Store, inside: Inside) -> None:
    """Those that nobody has written to for an hour, not those under way."""
    blobs = Blobs(store.blobs, inside.place(), store.secret)
    await blobs.open()
    drafts = inside.place().drafts
    (drafts / "under way").touch()
    (drafts / "left").touch()
    an_hour_ago = time.time() - 3601
    os.utime(drafts / "left", (an_hour_ago, an_hour_ago))
    await blobs.sweep()
    assert [path.name for path in drafts.iterdir()] == ["under way"]


async def test_a_place_is_known_again(blobs: Blobs, store: Store, inside: Inside) -> None:
    """Another start finds it as it was, with one mark in it."""
    blob = await blobs.put("home", SMALL)
    before = inside.names()
    again = Blobs(store.blobs, inside.place(), store.secret)
    await again.open()
    assert await again.get("home", blob.digest) == SMALL
    assert inside.names() == before


async def test_another_place_is_refused(blobs: Blobs, inside: Inside, tmp_path: Path) -> None:
    """Two databases may share a place, but no server starts where its database's blobs are not."""
    other = SqliteStore(tmp_path / "other")
    await other.open()
    elsewhere = Blobs(other.blobs, inside.place(), other.secret)
    await elsewhere.open()
    [mark] = [name for name in inside.names() if name.startswith("mark-") and name != blobs._mark]
    inside.overwrite(mark, None)
    with pytest.raises(Failure, match=f"{mark} is missing there"):
        await Blobs(other.blobs, inside.place(), other.secret).open()
    await other.close()
