"""Bodies while they come."""

import gzip
import tracemalloc

import pytest

from interplay.fetching.body import Body, UnfitBody
from tests.fetching.site import BOMB

TEXT = b"some text, " * 500
PACKED = gzip.compress(TEXT)


@pytest.mark.parametrize("size", [1, 7, len(PACKED)])
def test_gzip_may_come_in_any_pieces(size: int) -> None:
    """Of a byte each, or at once."""
    body = Body("gzip", None, len(TEXT))
    for start in range(0, len(PACKED), size):
        body.add(PACKED[start : start + size])
    assert body.whole() == TEXT


def test_a_bomb_takes_no_room() -> None:
    """Not much more of it is unpacked than there may be."""
    body = Body("gzip", len(BOMB), len(BOMB))
    tracemalloc.start()
    with pytest.raises(UnfitBody, match="more than"):
        body.add(BOMB)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 8 * len(BOMB) < 1_000_000


def test_nothing_comes_behind_the_end() -> None:
    """Many empty pieces of gzip would take time and never fill the room."""
    body = Body("gzip", None, 100)
    body.add(gzip.compress(b""))
    with pytest.raises(UnfitBody, match="goes on behind the end"):
        body.add(gzip.compress(b""))


def test_what_travels_counts_too() -> None:
    """Or what unpacks to nothing would never end: here a name in gzip's header that has no end."""
    body = Body("gzip", None, 100)
    body.add(b"\x1f\x8b\x08\x08" + bytes(6) + b"x" * 80)
    with pytest.raises(UnfitBody, match="more than 100 bytes"):
        body.add(b"x" * 80)
