"""Pulling from an address."""

import base64
import hashlib
import shutil
from pathlib import Path

import pytest

from interplay.weights.address import Address
from interplay.weights.errors import NoSpaceError, WeightsError
from interplay.weights.pull import Addressed, Pull
from interplay.weights.shelf import Shelf

from .conftest import Watched, left_behind
from .host import Host, cut, failing, redirect, stubborn, whole


def wanted(url: str, name: str | None = None, sha256: str | None = None, **environ: str) -> Addressed:
    """What a user asks for by an address."""
    return Addressed(Address.parse(url, environ), name, sha256)


def digest(data: bytes) -> str:
    """The SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def at_hub(host: Host, data: bytes, stated: str) -> None:
    """Serve a file as the hub does: a redirect that states hash and size, to another host."""
    headers = {"X-Linked-Etag": f'"{stated}"', "X-Linked-Size": str(len(data))}
    elsewhere = host.url.replace("127.0.0.1", "localhost") + "/blobs/1?signature=secret"
    host.at("/me/repo/resolve/main/big.gguf", redirect(elsewhere, headers))
    host.at("/blobs/1", whole(data, {"ETag": '"cdn"'}))


async def test_hashless_host(host: Host, pull: Pull, watched: Watched, data: bytes) -> None:
    """A host that states no hash: the file is kept, and the hash that it has is told."""
    model = await pull(wanted(host.at("/small.gguf", whole(data))))
    assert model.path.read_bytes() == data
    assert (model.name, model.record and model.record.verified) == ("small", "computed")
    assert watched.notes == [f"127.0.0.1 states no hash; the SHA-256 of what came is {digest(data)}."]
    assert watched.begun == [(len(data), 0)]
    assert watched.reaches[-1] == len(data)


@pytest.mark.parametrize(
    ("header", "form"),
    [("Repr-Digest", "sha-256=:{}:"), ("Content-Digest", "sha-512=:eA==:, sha-256=:{}:"), ("Digest", "SHA-256={}")],
)
async def test_stated_digest(host: Host, pull: Pull, data: bytes, header: str, form: str) -> None:
    """A digest header is what the file must hash to."""
    right = form.format(base64.b64encode(hashlib.sha256(data).digest()).decode())
    wrong = form.format(base64.b64encode(hashlib.sha256(b"other").digest()).decode())
    model = await pull(wanted(host.at("/right.gguf", whole(data, {header: right}))))
    assert model.record
    assert model.record.verified == "stated"
    with pytest.raises(WeightsError, match=rf"SHA-256 {digest(data)} where {digest(b'other')} was expected"):
        await pull(wanted(host.at("/wrong.gguf", whole(data, {header: wrong}))))


async def test_hash_file_beside(host: Host, pull: Pull, shelf: Shelf, data: bytes) -> None:
    """A FILE.sha256 beside the file is the host's word too."""
    host.at("/a.gguf.sha256", whole(f"{digest(data)}  a.gguf\n".encode()))
    host.at("/b.gguf.sha256", whole(f"{digest(b'other')}  b.gguf\n".encode()))
    model = await pull(wanted(host.at("/a.gguf", whole(data))))
    assert model.record
    assert model.record.verified == "stated"
    with pytest.raises(WeightsError, match="nothing was kept"):
        await pull(wanted(host.at("/b.gguf", whole(data))))
    assert [model.name for model in shelf.models()] == ["a"]
    assert not left_behind(shelf)


async def test_given_hash(host: Host, pull: Pull, shelf: Shelf, data: bytes) -> None:
    """A hash that the user gives decides."""
    url = host.at("/small.gguf", whole(data))
    with pytest.raises(WeightsError, match="nothing was kept"):
        await pull(wanted(url, sha256=digest(b"other")))
    assert not shelf.models()
    model = await pull(wanted(url, sha256=digest(data)))
    assert model.record
    assert model.record.verified == "given"


async def test_contradiction(host: Host, pull: Pull, data: bytes) -> None:
    """A host that states another hash than the user gave is refused before the download."""
    host.at("/blobs/1", whole(data))
    url = host.at("/x.gguf", redirect("/blobs/1", {"X-Linked-Etag": f'"{digest(data)}"'}))
    with pytest.raises(WeightsError, match=f"states the SHA-256 {digest(data)} for x.gguf, and {digest(b'o')} was"):
        await pull(wanted(url, sha256=digest(b"o")))


async def test_hub(host: Host, pull: Pull, data: bytes) -> None:
    """hf:// resolves at HF_ENDPOINT, is checked against the linked ETag, and only the hub sees the token."""
    at_hub(host, data, digest(data))
    model = await pull(wanted("hf://me/repo/big.gguf", HF_ENDPOINT=host.url, HF_TOKEN="hf_x"))
    assert model.record
    assert (model.record.verified, model.record.sha256) == ("stated", digest(data))
    assert [request.headers.get("Authorization") for request in host.requests] == ["Bearer hf_x", None]
    assert "secret" not in str(model.record)


async def test_hub_with_wrong_bytes(host: Host, pull: Pull, shelf: Shelf, data: bytes) -> None:
    """A file that is not what the hub states is not kept."""
    at_hub(host, data, digest(b"other"))
    with pytest.raises(WeightsError, match=f"{digest(b'other')} was expected; nothing was kept"):
        await pull(wanted("hf://me/repo/big.gguf", HF_ENDPOINT=host.url))
    assert not shelf.models()
    assert not left_behind(shelf)


async def test_gated_hub_file(host: Host, pull: Pull) -> None:
    """A file that needs a login says which variable to set."""
    host.at("/me/repo/resolve/v2/sub/big.gguf", failing(401))
    with pytest.raises(WeightsError, match=r"HTTP 401.*HF_TOKEN"):
        await pull(wanted("hf://me/repo@v2/sub/big.gguf", HF_ENDPOINT=host.url))


async def test_cut_connection_goes_on_by_itself(host: Host, pull: Pull, data: bytes) -> None:
    """After a cut, the same pull asks for the rest."""
    url = host.at("/small.gguf", whole(data, {"ETag": '"1"'}))
    host.once("/small.gguf", cut(data, 1_000_000, {"ETag": '"1"'}))
    model = await pull(wanted(url))
    assert model.path.read_bytes() == data
    first, second = host.asked("/small.gguf")
    assert "Range" not in first.headers
    assert second.headers["Range"].startswith("bytes=")
    assert second.headers["If-Range"] == '"1"'


async def test_cut_connection_goes_on_in_a_second_pull(host: Host, shelf: Shelf, watched: Watched, data: bytes) -> None:
    """What a failed pull got is where the next one begins."""
    url = host.at("/small.gguf", whole(data, {"ETag": '"1"'}))
    host.once("/small.gguf", cut(data, 1_000_000, {"ETag": '"1"'}))
    pull = Pull(shelf, watched, environ={}, pauses=())
    with pytest.raises(WeightsError, match="cannot be reached: the connection was cut"):
        await pull(wanted(url))
    assert left_behind(shelf) == {"small.gguf.part", "small.gguf.json"}
    model = await pull(wanted(url))
    assert model.path.read_bytes() == data
    assert 0 < watched.begun[-1][1] <= 1_000_000
    assert not left_behind(shelf)


async def test_changed_file_starts_over(host: Host, shelf: Shelf, watched: Watched, data: bytes) -> None:
    """A file that changed between two pulls is never glued together from both."""
    host.once("/small.gguf", cut(b"GGUF" + bytes(1_500_000), 1_000_000, {"ETag": '"old"'}))
    url = host.at("/small.gguf", whole(data, {"ETag": '"new"'}))
    pull = Pull(shelf, watched, environ={}, pauses=())
    with pytest.raises(WeightsError):
        await pull(wanted(url))
    model = await pull(wanted(url))
    assert model.path.read_bytes() == data


async def test_host_without_ranges(host: Host, pull: Pull, data: bytes) -> None:
    """A host that sends the whole file again is listened to from the beginning."""
    url = host.at("/small.gguf", stubborn(data, {"ETag": '"1"'}))
    host.once("/small.gguf", cut(data, 1_000_000, {"ETag": '"1"'}))
    assert (await pull(wanted(url))).path.read_bytes() == data


async def test_spoiled_beginning(host: Host, shelf: Shelf, watched: Watched, data: bytes) -> None:
    """When the beginning from an earlier pull does not fit the hash, the pull starts over once."""
    host.once("/small.gguf", cut(b"GGUF" + bytes(1_500_000), 1_000_000))
    url = host.at("/small.gguf", whole(data))
    pull = Pull(shelf, watched, environ={}, pauses=())
    with pytest.raises(WeightsError):
        await pull(wanted(url, sha256=digest(data)))
    model = await pull(wanted(url, sha256=digest(data)))
    assert model.path.read_bytes() == data
    assert watched.notes == ["What was here of small.gguf does not fit; starting over."]


async def test_whole_draft_needs_no_more_bytes(host: Host, shelf: Shelf, pull: Pull, data: bytes) -> None:
    """A pull that was stopped just before its end finds that nothing is missing."""
    url = host.at("/small.gguf", whole(data, {"ETag": '"1"'}))
    first = await pull(wanted(url))
    drafts = shelf.folder / ".pulls"
    shutil.move(first.path, drafts / "small.gguf.part")
    (drafts / "small.gguf.json").write_text(f'{{"source": "{url}", "validator": "\\"1\\""}}')
    assert (await pull(wanted(url))).path.read_bytes() == data
    assert host.asked("/small.gguf")[-1].headers["Range"] == f"bytes={len(data)}-"


async def test_missing_file(host: Host, pull: Pull, shelf: Shelf) -> None:
    """A 404 names the address."""
    with pytest.raises(WeightsError, match=f"There is no file at {host.url}/gone.gguf \\(HTTP 404\\)"):
        await pull(wanted(f"{host.url}/gone.gguf"))
    assert not left_behind(shelf)


async def test_not_a_model(host: Host, pull: Pull, shelf: Shelf) -> None:
    """A login page is not a model."""
    url = host.at("/page.gguf", whole(b"<!DOCTYPE html><p>Please log in"))
    with pytest.raises(WeightsError, match=r"page\.gguf is not a GGUF model file: it begins with b'<!DOCTYPE html>"):
        await pull(wanted(url))
    assert not left_behind(shelf)


async def test_unreachable_host(pull: Pull) -> None:
    """A host that does not answer is named, at once."""
    with pytest.raises(WeightsError, match=r"127\.0\.0\.1 cannot be reached"):
        await pull(wanted("http://127.0.0.1:1/x.gguf"))


async def test_endless_redirects(host: Host, pull: Pull) -> None:
    """Redirects in a circle end."""
    with pytest.raises(WeightsError, match="redirects more than 10 times"):
        await pull(wanted(host.at("/x.gguf", redirect("/x.gguf"))))


async def test_unsafe_redirect(host: Host, pull: Pull) -> None:
    """A redirect out of HTTP is refused."""
    with pytest.raises(WeightsError, match="not a safe place"):
        await pull(wanted(host.at("/x.gguf", redirect("file:///etc/hostname"))))


async def test_no_space(host: Host, pull: Pull, data: bytes) -> None:
    """A file that the disk cannot hold is refused before it is fetched."""
    host.at("/blobs/1", whole(data))
    sizes = {"X-Linked-Size": str(10**18), "X-Linked-Etag": digest(data)}
    with pytest.raises(NoSpaceError, match=r"x.gguf needs 1000000000.00 GB of disk space in .*, where .* are free"):
        await pull(wanted(host.at("/x.gguf", redirect("/blobs/1", sizes))))


async def test_names(host: Host, pull: Pull, tmp_path: Path, data: bytes) -> None:
    """A name of the user's choice names the file; a second file of that name is refused."""
    url = host.at("/download?id=5", whole(data))
    host.at("/download", whole(data))
    model = await pull(wanted(url, name="mine"))
    assert (model.name, model.path) == ("mine", tmp_path / "models" / "mine.gguf")
    with pytest.raises(WeightsError, match=r"mine\.gguf is already there"):
        await pull(wanted(host.at("/other", whole(data)), name="mine"))
    with pytest.raises(WeightsError, match="cannot be a model's name"):
        await pull(wanted(url, name="../mine"))


async def test_again(host: Host, pull: Pull, watched: Watched, data: bytes) -> None:
    """Pulling what is here already fetches nothing."""
    url = host.at("/small.gguf", whole(data))
    await pull(wanted(url))
    asked = len(host.requests)
    await pull(wanted(url))
    assert len(host.requests) == asked
    assert "small is already here" in watched.notes[-1]
