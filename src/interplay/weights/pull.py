"""Bringing a model to the shelf: by its pinned name, by an address, or from a file that the user has.

Whatever comes is hashed as it comes and compared before it gets its name; until then it is a draft.
"""

import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import msgspec

from interplay.weights import local, naming, packages, recording, remote
from interplay.weights.address import Address
from interplay.weights.draft import Draft, Identity
from interplay.weights.errors import NoSpaceError, WeightsError
from interplay.weights.manifest import AddressOrigin, Origin, Packages, Pin
from interplay.weights.progress import Progress, size
from interplay.weights.shelf import Model, Shelf, Verified

Fill = Callable[[], Awaitable[str | None]]
"""Brings a draft to its end and says which hash it must have, if anybody knows."""


class Pinned(msgspec.Struct, frozen=True):
    """A model of the manifest, from its origins."""

    pin: Pin


class Addressed(msgspec.Struct, frozen=True):
    """Any model, from an address."""

    address: Address
    name: str | None = None
    sha256: str | None = None


class Brought(msgspec.Struct, frozen=True):
    """A file that the user has: of the manifest if `pin` is given, else any."""

    source: Path
    pin: Pin | None = None
    name: str | None = None
    sha256: str | None = None


Wanted = Pinned | Addressed | Brought


class Pull:
    """Pulls to one shelf, watched by one progress."""

    def __init__(
        self,
        shelf: Shelf,
        progress: Progress,
        environ: Mapping[str, str] = os.environ,
        pauses: Sequence[float] = remote.PAUSES,
    ) -> None:
        self._shelf = shelf
        self._progress = progress
        self._environ = environ
        self._pauses = pauses

    async def __call__(self, wanted: Wanted) -> Model:
        """Bring a model, or find that it is here already."""
        try:
            match wanted:
                case Pinned():
                    return await self._pinned(wanted.pin)
                case Addressed():
                    return await self._addressed(wanted)
                case Brought():
                    return await self._brought(wanted)
        except OSError as refused:
            where = refused.filename or self._shelf.folder
            raise WeightsError(f"{where} cannot be read or written: {refused.strerror or refused}.") from refused

    async def _pinned(self, pin: Pin) -> Model:
        if here := self._here(pin):
            return here
        naming.refuse_taken(self._shelf, pin.file)
        with Draft(self._shelf.folder, pin.file) as draft:
            reasons = []
            for origin in pin.origins:
                try:
                    await self._complete(draft, partial(self._fill, draft, pin, origin))
                    return self._shelf.put(draft, recording.pinned_record(pin, recording.said(origin)))
                except NoSpaceError:
                    raise
                except WeightsError as reason:
                    reasons.append(str(reason).rstrip("."))
            raise WeightsError(_all_failed(pin, draft, reasons))

    async def _fill(self, draft: Draft, pin: Pin, origin: Origin) -> str:
        match origin:
            case AddressOrigin():
                address = Address.parse(origin.address, self._environ)
                await remote.fill(draft, address, self._progress, pin.sha256, self._pauses)
            case Packages():
                if draft.identity.sha256 != pin.sha256 or draft.length > pin.bytes:
                    draft.restart()
                draft.become(Identity(pin.sha256))
                await packages.fill(draft, origin.members, self._progress)
        return pin.sha256

    async def _addressed(self, wanted: Addressed) -> Model:
        address = wanted.address
        file = naming.file_name(wanted.name or address.file)
        if here := self._pulled_before(file, wanted):
            return here
        naming.refuse_taken(self._shelf, file)
        with Draft(self._shelf.folder, file) as draft:
            fill = partial(remote.fill, draft, address, self._progress, wanted.sha256, self._pauses)
            known = await self._complete(draft, fill)
            verified: Verified = "given" if wanted.sha256 else "stated" if known else "computed"
            if not known:
                self._progress.note(f"{address.url.host} states no hash; the SHA-256 of what came is {draft.digest}.")
            return self._shelf.put(draft, recording.record(draft, verified, address.shown, wanted.name))

    async def _brought(self, wanted: Brought) -> Model:
        source = local.existing(wanted.source)
        if wanted.pin and (here := self._here(wanted.pin)):
            return here
        file = wanted.pin.file if wanted.pin else naming.file_name(wanted.name or source.name)
        naming.refuse_taken(self._shelf, file, unless=source)
        with Draft(self._shelf.folder, file) as draft:
            await local.fill(draft, source, self._progress)
            _require(draft, wanted.pin.sha256 if wanted.pin else None)
            _require(draft, wanted.sha256)
            verified: Verified = "given" if wanted.sha256 else "computed"
            return self._shelf.put(draft, recording.record(draft, verified, str(source), wanted.name, wanted.pin))

    def _here(self, pin: Pin) -> Model | None:
        for model in self._shelf.models():
            if model.record and model.record.sha256 == pin.sha256:
                self._progress.note(f"{pin.name} is already here: {model.path}")
                return model
        return None

    def _pulled_before(self, file: str, wanted: Addressed) -> Model | None:
        model = self._shelf.get(file)
        if model is None or model.record is None or model.record.origin != wanted.address.shown:
            return None
        if wanted.sha256 and wanted.sha256 != model.record.sha256:
            return None
        self._progress.note(f"{model.name} is already here: {model.path} (delete it to pull it anew)")
        return model

    async def _complete(self, draft: Draft, fill: Fill) -> str | None:
        resumed = bool(draft.length)
        known = await fill()
        if resumed and known not in {None, draft.digest}:
            self._progress.note(f"What was here of {draft.file} does not fit; starting over.")
            draft.restart()
            known = await fill()
        _require(draft, known)
        return known


def _require(draft: Draft, expected: str | None) -> None:
    if expected in {None, draft.digest}:
        return
    got = draft.digest
    draft.restart()
    raise WeightsError(f"{draft.file} has the SHA-256 {got} where {expected} was expected; nothing was kept.")


def _all_failed(pin: Pin, draft: Draft, reasons: Sequence[str]) -> str:
    kept = f" What has come is kept, and the same command goes on from {size(draft.length)}." if draft.length else ""
    return (
        f"{pin.name} could not be pulled: {'; '.join(reasons)}.{kept} "
        f"For a machine without network, bring the file: `interplay models pull {pin.name} --from FILE`."
    )
