"""Addresses of models: `hf://OWNER/REPO/FILE.gguf`, or http and https. Not here: asking them (`remote`)."""

import re
from collections.abc import Mapping
from typing import Final, Self

import msgspec
from yarl import URL

from interplay.weights.errors import WeightsError

_HUB: Final = "https://huggingface.co"
_SCHEMES: Final = {"http", "https"}
_HUB_PATH: Final = re.compile(r"^(?P<repo>[^/@]+/[^/@]+)(@(?P<revision>[^/]+))?/(?P<path>.+)$")


class Address(msgspec.Struct, frozen=True):
    """Where a file is, and which host may see the user's token."""

    url: URL
    hub: URL
    """The hub's own address: the host that hf:// stands for."""
    token: str | None = None
    """The user's token for the hub."""

    @classmethod
    def parse(cls, text: str, environ: Mapping[str, str]) -> Self:
        """The address that a user typed. HF_ENDPOINT and HF_TOKEN mean what they mean everywhere."""
        hub = _url(environ.get("HF_ENDPOINT") or _HUB)
        url = _hub_file(text, hub) if text.startswith("hf://") else _downloadable(_url(text), hub)
        return cls(url, hub, environ.get("HF_TOKEN") or None)

    @property
    def file(self) -> str:
        """The last part of the address's path."""
        return self.url.name

    @property
    def shown(self) -> str:
        """The address as it may be printed and kept: without passwords and signatures."""
        return shown(self.url)

    def is_hub(self, url: URL) -> bool:
        """Whether the URL is the hub's own."""
        return url.origin() == self.hub.origin()

    def headers(self, url: URL) -> dict[str, str]:
        """The headers by which the user is known to this URL; none for hosts other than the hub."""
        return {"Authorization": f"Bearer {self.token}"} if self.token and self.is_hub(url) else {}


def looks_like_address(text: str) -> bool:
    """Whether the user means an address rather than a name."""
    return "://" in text


def shown(url: URL) -> str:
    """The URL without passwords and signatures."""
    bare = url.with_query(None).with_fragment(None)
    return str(bare.with_user(None) if bare.host else bare)


def _url(text: str) -> URL:
    try:
        url = URL(text)
    except ValueError:
        url = URL()
    if url.scheme in _SCHEMES and url.host:
        return url
    raise WeightsError(f"{text!r} is not an address to pull from: hf://OWNER/REPO/FILE.gguf or http(s)://... is.")


def _hub_file(text: str, hub: URL) -> URL:
    if not (match := _HUB_PATH.match(text.removeprefix("hf://"))):
        raise WeightsError(f"{text!r} does not name a file of the hub: hf://OWNER/REPO/FILE.gguf does.")
    return hub / match["repo"] / "resolve" / (match["revision"] or "main") / match["path"]


def _downloadable(url: URL, hub: URL) -> URL:
    # The hub's page about a file is at /blob/, the file itself at /resolve/; people copy either.
    if url.origin() != hub.origin() or url.parts[3:4] != ("blob",):
        return url
    return url.with_path("/".join(["", *url.parts[1:3], "resolve", *url.parts[4:]]))
