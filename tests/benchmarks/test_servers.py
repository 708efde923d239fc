from pathlib import Path

from benchmarks.cost import CPU_IS_TOLD

from benchmarks import servers
from tests.postgres import Postgres


def test_two_servers_are_measured(tmp_path: Path, postgres_server: Postgres) -> None:
    """Every event reaches every reader, every cancel is answered, and each figure has a value."""
    tiny = servers.Scale(streams=2, events=20, rate=30, cancels=1, idle_seconds=0.1, rounds=1)
    rows = servers.measure(tmp_path, postgres_server.database(), tiny)
    assert [row.name for row in rows if row.value is None] == ([] if CPU_IS_TOLD else [row.name for row in rows[4:6]])
    assert {row.at_most for row in rows} == {None, 50, 1000, 2}
