"""The tables of a data directory: made, compared, migrated, refused."""

import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import apsw
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from interplay.errors import Failure
from interplay.store import migrate, revisions, tables
from interplay.store.sqlite import SqliteStore, files, newest, schema
from interplay.store.sqlite.migrate import engine_over, newest_script, upgrade_sqlite

from .samples import ended

_TABLES = "SELECT type, name, sql FROM {}.sqlite_master WHERE sql > '' AND name <> 'alembic_version' ORDER BY name"


def _paths(directory: Path) -> tuple[Path, Path]:
    return directory / files.MAIN, directory / files.EVENTS


def _change(directory: Path, *statements: str) -> None:
    with closing(files.connect(directory)) as connection:
        for statement in statements:
            connection.execute(statement)


def _migrate(directory: Path) -> None:
    files.create(directory)
    upgrade_sqlite(*_paths(directory))


def test_migrations_lead_to_the_tables(tmp_path: Path) -> None:
    """Alembic finds nothing to do between the migrated files and the metadata."""
    _migrate(tmp_path)
    engine = engine_over(*_paths(tmp_path))
    with engine.connect() as connection:
        options = {"include_schemas": True, "compare_type": True, "include_name": _ours}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, tables.metadata) == []
    engine.dispose()


def _ours(name: str | None, kind: str, _: object) -> bool:
    return not (kind == "schema" and name not in {None, "events"})


def test_migrations_and_metadata_write_the_same_statements(tmp_path: Path) -> None:
    """Down to what alembic does not compare: conditions of indexes, checks, tables without row ids."""
    (tmp_path / "migrated").mkdir()
    (tmp_path / "created").mkdir()
    _migrate(tmp_path / "migrated")
    files.create(tmp_path / "created")
    engine = engine_over(*_paths(tmp_path / "created"))
    tables.metadata.create_all(engine)
    engine.dispose()
    assert _statements(tmp_path / "migrated") == _statements(tmp_path / "created")


def test_new_files_have_what_the_migrations_lead_to(tmp_path: Path) -> None:
    """The script is written anew with every revision: python -m interplay.store.sqlite.migrate."""
    assert newest.SCRIPT.read_text() == newest_script()
    (tmp_path / "migrated").mkdir()
    _migrate(tmp_path / "migrated")
    schema.prepare(tmp_path / "new")
    assert _statements(tmp_path / "new") == _statements(tmp_path / "migrated")


def _statements(directory: Path) -> list[tuple[str, str, str]]:
    with closing(files.connect(directory)) as connection:
        rows = [row for name in ("main", "events") for row in connection.execute(_TABLES.format(name)).fetchall()]
    return [(str(kind), str(name), " ".join(str(sql).split())) for kind, name, sql in rows]


def test_the_revisions_are_one_lineage() -> None:
    """`revisions.REVISIONS` is what alembic would find by reading the folder."""
    found = [each.revision for each in ScriptDirectory.from_config(migrate.config()).walk_revisions()]
    assert tuple(reversed(found)) == revisions.REVISIONS


@pytest.mark.parametrize("starts", [1, 2])
def test_a_start_with_new_tables_spares_alembic(tmp_path: Path, starts: int) -> None:
    """Neither the first start nor the second imports alembic or SQLAlchemy."""
    if starts > 1:
        schema.prepare(tmp_path)
    code = (
        "import sys, pathlib; from interplay.store.sqlite import schema; "
        "schema.prepare(pathlib.Path(sys.argv[1])); print({'alembic', 'sqlalchemy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


async def test_an_older_database_is_brought_up_to_date(tmp_path: Path) -> None:
    """From every earlier revision, with what is in it."""
    for revision in revisions.REVISIONS[:-1]:
        folder = tmp_path / revision
        folder.mkdir()
        files.create(folder)
        engine = engine_over(*_paths(folder))
        with engine.begin() as connection:
            migrate.upgrade(connection, revision)
        engine.dispose()
        _change(folder, "INSERT INTO secrets VALUES ('kept', x'01')")
        store = SqliteStore(folder)
        await store.open()
        assert await store.secret("kept", b"other") == b"\1"
        await ended(store, "a")
        await store.close()


async def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    """One sentence names both revisions, and the files stay as they were."""
    schema.prepare(tmp_path)
    _change(tmp_path, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Failure, match=f"revision 9999, and this release .* up to {revisions.REVISIONS[-1]}"):
        await SqliteStore(tmp_path).open()
    with closing(files.connect(tmp_path)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").get == "9999"


async def test_files_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    """A lost events.db is said, not silently replaced by an empty one."""
    schema.prepare(tmp_path)
    (tmp_path / files.EVENTS).unlink()
    with pytest.raises(Failure, match="Restore both"):
        await SqliteStore(tmp_path).open()


@pytest.mark.parametrize("bring_up", [schema.prepare, _migrate])
def test_a_change_that_fails_changes_neither_file(tmp_path: Path, bring_up: Callable[[Path], None]) -> None:
    """Tables of both files come in one transaction."""
    files.create(tmp_path)
    _change(tmp_path, "CREATE TABLE events.events (mine TEXT)")
    with pytest.raises(Failure, match="already exists"):
        bring_up(tmp_path)
    assert [name for _, name, _ in _statements(tmp_path)] == ["events"]


def test_tables_are_not_changed_under_a_running_server(tmp_path: Path) -> None:
    """A migration that is due waits until whoever has the files open has stopped."""
    schema.prepare(tmp_path)
    other = files.writer(tmp_path, files.MAIN, "FULL")
    other.execute("UPDATE alembic_version SET version_num = '0000'")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(revisions, "REVISIONS", ("0000", *revisions.REVISIONS))
        with pytest.raises(Failure, match="another Interplay process has them open"):
            schema.prepare(tmp_path)
    other.close()
    assert isinstance(other, apsw.Connection)
