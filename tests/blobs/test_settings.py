"""`[blobs]` of the settings file: what is refused, and which place the rest means."""

from pathlib import Path

import pytest

from interplay.blobs.bucket import Bucket
from interplay.blobs.folder import Folder
from interplay.parts.blobs import place_of
from interplay.settings import Settings, SettingsError, load


def _loaded(folder: Path, text: str) -> Settings:
    file = folder / "interplay.toml"
    file.write_text(text)
    return load(file)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[blobs]\ns3 = {bucket = "media"}\ndirectory = "/srv/blobs"', "has both a directory and s3"),
        ("[blobs.s3]", "missing required field `bucket`"),
        ('[blobs.s3]\nbucket = "a/b"', r"has bucket 'a/b': expected the name of a bucket\."),
        ('[blobs.s3]\nbucket = "media"\nendpoint = "minio:9000"', "has endpoint 'minio:9000': expected an address as "),
        ('[blobs.s3]\nbucket = "media"\nprefix = "/a"', "has prefix '/a': expected words with / between them"),
        ('[blobs.s3]\nbucket = "media"\nprefix = "a/../b"', "has prefix 'a/../b'"),
        ('[blobs.s3]\nbucket = "media"\nregion = "eu west"', "has region 'eu west'"),
        ('[blobs.s3]\nbucket = "media"\nsecret_access_key = "x"', "Unknown setting 'blobs.s3.secret_access_key'"),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """With the file, the setting, its value and what was expected."""
    with pytest.raises(SettingsError, match=said) as caught:
        _loaded(tmp_path, text)
    assert "interplay.toml" in str(caught.value)


def test_an_address_with_keys_in_it_is_refused(tmp_path: Path) -> None:
    """And they are not repeated."""
    with pytest.raises(SettingsError, match="without keys") as caught:
        _loaded(tmp_path, '[blobs.s3]\nbucket = "media"\nendpoint = "https://me:hunter2@minio:9000"')
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("variable", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
def test_keys_are_in_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    """The start says which variable is missing."""
    monkeypatch.delenv(variable)
    with pytest.raises(SettingsError, match=f"{variable} is not set"):
        _loaded(tmp_path, '[blobs.s3]\nbucket = "media"')


def test_the_place_that_is_meant(tmp_path: Path) -> None:
    """A folder in the data folder; with a database only what is named, since its servers may be many."""
    data = f'[server]\ndata = "{tmp_path}"\n'
    database = f'{data}database = "postgresql://me@db/name"\n'
    named = '[blobs]\ndirectory = "/srv/blobs"\n'
    for settings, shown in (
        ("", f"the folder {tmp_path}/blobs"),
        (named, "the folder /srv/blobs"),
    ):
        place = place_of(_loaded(tmp_path, data + settings))
        assert isinstance(place, Folder)
        assert place.shown == shown
    assert place_of(_loaded(tmp_path, database)) is None
    assert isinstance(place_of(_loaded(tmp_path, database + named)), Folder)
    bucket = place_of(_loaded(tmp_path, database + '[blobs.s3]\nbucket = "media"\nendpoint = "http://minio:9000/"'))
    assert isinstance(bucket, Bucket)
    assert bucket.shown == "the bucket media at http://minio:9000/"
    assert bucket.drafts == tmp_path / "uploads"
