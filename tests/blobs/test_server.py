"""A server with its blobs: opened, looked after, and told of."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.postgres import Postgres
from tests.s3 import KEYS, S3
from tests.server import SCRIPTED, RunningServer


def _ready(server: RunningServer) -> dict[str, bool]:
    with server.client() as http:
        parts: dict[str, bool] = http.get("/readyz").json()["parts"]
    return parts


def _settings(s3: S3, bucket: str | None = None) -> str:
    made = s3.bucket()
    table = f'[blobs.s3]\nbucket = "{bucket or made.bucket}"\nendpoint = "{s3.endpoint}"\nprefix = "{made.prefix}"\n'
    return SCRIPTED + table


def test_a_folder_is_there_from_the_start(tmp_path: Path) -> None:
    """In the data folder, for this user only; `/readyz` has a part of that name."""
    with RunningServer(tmp_path) as server:
        assert _ready(server)["blobs"] is True
        assert (server.data / "blobs").stat().st_mode & 0o777 == 0o700


def test_several_servers_share_a_bucket(tmp_path: Path, s3_server: S3, postgres_server: Postgres) -> None:
    """Over one database; none of them logs a key."""
    settings, address = _settings(s3_server), postgres_server.database()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    with (
        RunningServer(tmp_path / "one", settings, "--database", address) as one,
        RunningServer(tmp_path / "two", settings, "--database", address) as two,
    ):
        assert _ready(one)["blobs"] is _ready(two)["blobs"] is True
        assert KEYS["AWS_SECRET_ACCESS_KEY"] not in one.log() + two.log()


def test_a_server_with_its_own_bucket_is_no_part_of_a_group(
    tmp_path: Path, s3_server: S3, postgres_server: Postgres
) -> None:
    """What the others keep it would not find, so it does not start."""
    address = postgres_server.database()
    with RunningServer(tmp_path, _settings(s3_server), "--database", address):
        said = _refused(tmp_path, _settings(s3_server), "--database", address)
    assert "The database's blobs are not in the bucket" in said


def test_a_database_alone_has_no_place_for_blobs(tmp_path: Path, postgres_server: Postgres) -> None:
    """One has to be named first: a folder of this machine would not be the other servers'."""
    with RunningServer(tmp_path, SCRIPTED, "--database", postgres_server.database()) as server:
        assert "blobs" not in _ready(server)
        assert not (server.data / "blobs").exists()


def test_a_bucket_that_cannot_be_used_stops_the_start(tmp_path: Path, s3_server: S3) -> None:
    """With one sentence that names it."""
    assert f"no such bucket. It is the bucket nowhere at {s3_server.endpoint}." in _refused(
        tmp_path, _settings(s3_server, "nowhere")
    )


def test_keys_that_are_not_there_stop_the_start(tmp_path: Path, s3_server: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the variable's name."""
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert "AWS_SECRET_ACCESS_KEY is not set" in _refused(tmp_path, _settings(s3_server))


def _refused(folder: Path, settings: str, *arguments: str) -> str:
    """What a start says that ends at once."""
    (folder / "refused.toml").write_text(settings)
    command = [sys.executable, "-m", "interplay", "serve", "--port", "0", "--data", str(folder / "refused")]
    done = subprocess.run(
        [*command, "--config", str(folder / "refused.toml"), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "COLUMNS": "1000"},
    )
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    return done.stderr
