"""A server's memory under clients who leave, stop and fail."""

import asyncio
from pathlib import Path

import pytest
from benchmarks.cost import CPU_IS_TOLD, resident_mib
from benchmarks.processes import upstream
from benchmarks.server import Server, serving

from benchmarks import memory

SCALE = memory.Scale(each=4, long=12, tokens=1500)
MORE_MIB = 5.0
"""Less than the long answers of a single round have."""


@pytest.mark.skipif(not CPU_IS_TOLD, reason="this system does not tell the memory of another process")
def test_memory_does_not_grow(tmp_path: Path) -> None:
    """Once a server has met all kinds of clients, meeting them again takes no more memory."""
    with upstream(tmp_path) as (address, _), serving(tmp_path, address) as server:
        before, *_, after = [_after_a_round(server) for _ in range(3)]
        assert after < before + MORE_MIB


def _after_a_round(server: Server) -> float:
    asyncio.run(memory.let_loose(server, memory.kinds(SCALE)))
    return resident_mib(server.pid) or 0.0
