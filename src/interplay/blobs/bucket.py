"""Bytes as objects of an S3-compatible bucket. To be imported only when one is configured: its client costs 7 MB.

The client itself takes the keys from the environment (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`,
`AWS_SESSION_TOKEN`); nothing here holds them. What a server says of an error goes into no message and no log: some
repeat parts of the request.
"""

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from interplay.errors import Failure
from interplay.settings.blobs import BucketSettings

_PART: Final = 8 << 20
"""Bytes that one request carries: few enough to be done in time, many enough to be fast."""
_AT_ONCE: Final = 2
_TRIES: Final = 3


class Bucket:
    """The `Place` port on S3."""

    def __init__(self, settings: BucketSettings, drafts: Path, seconds: float = 30.0) -> None:
        """`seconds` is how long one request, of 8 MiB at most, may take."""
        self.drafts = drafts
        self.shown = f"the bucket {settings.bucket}" + (f" at {settings.endpoint}" if settings.endpoint else "")
        patience = timedelta(seconds=seconds)
        self._store = S3Store(
            settings.bucket,
            prefix=settings.prefix or None,
            endpoint=settings.endpoint or f"https://s3.{settings.region}.amazonaws.com",
            region=settings.region,
            client_options={"timeout": patience, "connect_timeout": timedelta(seconds=5), "allow_http": True},
            retry_config={"max_retries": _TRIES - 1, "retry_timeout": patience},
        )

    async def write(self, name: str, draft: Path) -> None:
        """Upload the file, a large one in parts, which become an object all at once."""
        with _explained():
            try:
                await obstore.put_async(self._store, name, draft, chunk_size=_PART, max_concurrency=_AT_ONCE)
            except (FileNotFoundError, PermissionDeniedError):
                await self._see_bucket(name)
                raise

    async def has(self, name: str) -> bool:
        """Whether there is such an object."""
        with _explained():
            try:
                await obstore.head_async(self._store, name)
            except FileNotFoundError:
                return False
            return True

    async def read(self, name: str, start: int, end: int) -> AsyncIterator[bytes]:
        """A part of the object, in requests of their own: none lasts as long as a slow reader likes."""
        for first in range(start, end, _PART):
            with _explained():
                try:
                    part = await obstore.get_range_async(self._store, name, start=first, end=min(first + _PART, end))
                except FileNotFoundError:
                    return
                except BaseError as error:
                    if _status(error) == "416":  # it ends before
                        return
                    raise
            yield bytes(part)

    async def remove(self, names: Sequence[str]) -> None:
        """Delete the objects, one by one: not every server can do it otherwise."""
        for name in names:
            with _explained():
                await obstore.delete_async(self._store, name)

    async def _see_bucket(self, name: str) -> None:
        # Whoever writes to a bucket that is not there is told so by some servers; whoever reads, by all.
        try:
            await obstore.get_async(self._store, name)
        except FileNotFoundError as error:
            if "NoSuchBucket" in str(error):
                raise Failure("unavailable", "The server's blob store has no such bucket.") from None


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except (PermissionDeniedError, UnauthenticatedError):
        raise Failure(
            "unavailable",
            "The server's blob store refuses its keys, or what they are to do. The operator corrects them.",
        ) from None
    except (BaseError, FileNotFoundError) as error:
        status = _status(error)
        said = f"answers with status {status}" if status else "does not answer"
        raise Failure("unavailable", f"The server's blob store {said}. Try again in a moment.") from None


def _status(error: Exception) -> str | None:
    found = re.search(r"status code: (\d{3})", str(error))
    return found[1] if found else None
