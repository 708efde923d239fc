"""The log of a live run: who reads along, and when."""

import asyncio

from interplay import wire
from interplay.runs.log import Entry, Log


def said(log: Log, *texts: str) -> None:
    """Append deltas that arrive together."""
    for text in texts:
        log.append(wire.StepDelta(index=0, delta=wire.TextDelta(text=text)))
    log.tell()


def numbers(entries: list[Entry] | None) -> list[int] | None:
    """Their sequences."""
    return None if entries is None else [entry.sequence for entry in entries]


async def test_a_sink_is_handed_what_comes_before_the_teller_goes_on() -> None:
    """What arrives together comes together, in the time of who tells; the reader is not woken, and gets it no more."""
    log, taken = Log("v1_a"), list[list[int] | None]()
    reader = log.read(0)
    waiting = asyncio.ensure_future(reader.next(lambda entries: taken.append(numbers(entries))))
    await asyncio.sleep(0)
    said(log, "a", "b")
    assert taken == [[1, 2]]
    said(log, "c")
    assert taken == [[1, 2], [3]]
    await asyncio.sleep(0)
    assert not waiting.done()
    log.close()
    assert await waiting is None


async def test_two_readers_have_a_place_each() -> None:
    """One is told at once, the other reads when it comes to it; nobody gets anything twice."""
    log, taken = Log("v1_a"), list[list[int] | None]()
    told, slow = log.read(0), log.read(1)
    waiting = asyncio.ensure_future(told.next(lambda entries: taken.append(numbers(entries))))
    await asyncio.sleep(0)
    said(log, "a", "b")
    said(log, "c")
    assert taken == [[1, 2], [3]]
    assert numbers(await slow.next()) == [2, 3]
    log.close()
    assert (await waiting, await slow.next()) == (None, None)


async def test_a_sink_that_cannot_go_on_wakes_its_reader() -> None:
    """What it has taken is taken; all behind that is the reader's own again."""
    log, taken = Log("v1_a"), list[list[int] | None]()
    reader = log.read(0)

    def sink(entries: list[Entry]) -> None:
        taken.append(numbers(entries))
        reader.wake()

    waiting = asyncio.ensure_future(reader.next(sink))
    await asyncio.sleep(0)
    said(log, "a")
    said(log, "b", "c")
    assert taken == [[1]]
    assert numbers(await waiting) == [2, 3]


async def test_a_long_log_is_handed_out_in_parts() -> None:
    """Also to a sink, which gets all of it."""
    log, taken = Log("v1_a"), list[int]()
    reader = log.read(0)
    waiting = asyncio.ensure_future(reader.next(lambda entries: taken.extend(numbers(entries) or ())))
    await asyncio.sleep(0)
    said(log, *map(str, range(1000)))
    assert taken == list(range(1, 1001))
    log.close()
    assert await waiting is None


async def test_what_is_to_be_kept_first_is_shown_when_it_is() -> None:
    """A durable log tells nobody what could still be lost; its end is its last event, and then that it is over."""
    log, taken = Log("v1_a", durable=True), list[list[int] | None]()
    reader = log.read(0)
    waiting = asyncio.ensure_future(reader.next(lambda entries: taken.append(numbers(entries))))
    await asyncio.sleep(0)
    said(log, "a", "b")
    assert taken == []
    log.show(1)
    assert taken == [[1]]
    log.show(2)
    log.close()
    assert taken == [[1], [2]]
    assert await waiting is None
