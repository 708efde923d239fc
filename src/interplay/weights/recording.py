"""What is remembered of a model that has come: by its pin where there is one, else by what is known."""

import msgspec

from interplay.weights.draft import Draft
from interplay.weights.manifest import AddressOrigin, Origin, Packages, Pin, manifest
from interplay.weights.shelf import Record, Verified


def said(origin: Origin) -> str:
    """An origin in words."""
    match origin:
        case AddressOrigin():
            return origin.address
        case Packages():
            names = [f"{member.package} {member.version}" for member in origin.members]
            return f"the package {names[0]}" if len(names) == 1 else f"the packages {names[0]} to {names[-1]}"


def pinned_record(pin: Pin, origin: str) -> Record:
    """The record of a model of the manifest."""
    return Record(
        name=pin.name,
        bytes=pin.bytes,
        sha256=pin.sha256,
        verified="pinned",
        licence=pin.licence,
        attribution=pin.attribution,
        origin=origin,
    )


def record(draft: Draft, verified: Verified, origin: str, name: str | None, pin: Pin | None = None) -> Record:
    """The record of a model that came from anywhere."""
    if pin := pin or manifest().by_hash(draft.digest):
        return msgspec.structs.replace(pinned_record(pin, origin), name=name or pin.name)
    return Record(
        name=name or draft.file.removesuffix(".gguf"),
        bytes=draft.length,
        sha256=draft.digest,
        verified=verified,
        origin=origin,
    )
