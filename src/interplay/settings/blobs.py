"""`[blobs]`: where media are kept."""

import os
import re
from typing import Final

import msgspec

from interplay.settings.values import HOST, SettingsError


class BucketSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An S3-compatible bucket. Its keys are in the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY."""

    bucket: str
    """The bucket's name; it must be there."""
    endpoint: str | None = None
    """The server's address; Amazon's own for the region when absent."""
    region: str = "us-east-1"
    """The region that requests are signed for."""
    prefix: str = ""
    """What the names of all objects begin with, so that a bucket can be shared with something else."""


class BlobsSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where media are kept."""

    directory: str | None = None
    """A folder; `blobs` in the data folder when there is neither this, nor a bucket, nor a database."""
    s3: BucketSettings | None = None
    """Or a bucket."""


def check_blobs(blobs: BlobsSettings, source: str) -> None:
    """Raises SettingsError for a place that cannot be used."""
    if blobs.s3 is None:
        return
    if blobs.directory is not None:
        raise SettingsError(f"[blobs] of {source} has both a directory and s3: media are kept in one place.")
    for name, (pattern, expected) in _BUCKET.items():
        value = getattr(blobs.s3, name)
        if value is not None and not re.fullmatch(pattern, value):
            shown = re.sub("//.*@", "//...@", value)
            raise SettingsError(f"[blobs.s3] of {source} has {name} {shown!r}: expected {expected}.")
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        if not os.environ.get(variable):
            raise SettingsError(f"[blobs.s3] of {source} takes its keys from the environment: {variable} is not set.")


_BUCKET: Final = {
    "bucket": (r"[\w.-]{3,63}", "the name of a bucket"),
    "endpoint": (rf"https?://{HOST}/?", "an address as https://HOST:PORT, without keys"),
    "region": (r"[\w-]+", "the name of a region"),
    "prefix": (r"(?:[\w-][\w.-]*(?:/[\w-][\w.-]*)*)?", "words with / between them"),
}
