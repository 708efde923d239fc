from pathlib import Path

import msgspec
import pytest

from benchmarks import stores
from tests.postgres import Postgres


async def test_both_stores_are_measured(
    tmp_path: Path, postgres_server: Postgres, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every figure of either store has a value, and the table shows them beside each other."""
    tiny = stores.Scale(rows=40, batches=2, turns=10, rounds=1)
    measured = await stores.measure(tmp_path, postgres_server.database(), tiny)
    assert list(measured) == ["SQLite", "Postgres"]
    assert all(value > 0 for figures in measured.values() for value in msgspec.structs.astuple(figures))
    stores.show(measured)
    assert "inserts/s" in capsys.readouterr().out
