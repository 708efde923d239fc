"""Addresses, and what hosts say."""

import pytest

from interplay.weights.address import Address
from interplay.weights.errors import WeightsError
from interplay.weights.progress import size
from interplay.weights.stated import Stated, answering, beside, redirecting

SHA = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("hf://o/r/f.gguf", "https://huggingface.co/o/r/resolve/main/f.gguf"),
        ("hf://o/r@v1/sub/f.gguf", "https://huggingface.co/o/r/resolve/v1/sub/f.gguf"),
        ("https://huggingface.co/o/r/blob/main/f.gguf", "https://huggingface.co/o/r/resolve/main/f.gguf"),
        ("https://example.com/o/r/blob/main/f.gguf", "https://example.com/o/r/blob/main/f.gguf"),
        ("http://example.com/f.gguf?download=true", "http://example.com/f.gguf?download=true"),
    ],
)
def test_parse(text: str, url: str) -> None:
    """The hub's short form, its pages, and plain URLs."""
    assert str(Address.parse(text, {}).url) == url


def test_endpoint() -> None:
    """HF_ENDPOINT may have a path of its own."""
    address = Address.parse("hf://o/r/f.gguf", {"HF_ENDPOINT": "http://mirror:8080/hub/"})
    assert str(address.url) == "http://mirror:8080/hub/o/r/resolve/main/f.gguf"


@pytest.mark.parametrize("text", ["file:///etc/passwd", "ftp://h/f.gguf", "https://", "http://[/x", "s3://b/f.gguf"])
def test_other_schemes(text: str) -> None:
    """Only http, https and hf are addresses."""
    with pytest.raises(WeightsError, match="is not an address to pull from"):
        Address.parse(text, {})


@pytest.mark.parametrize("text", ["hf://o", "hf://o/r", "hf://o/r/", "hf:///r/f.gguf"])
def test_incomplete_hub_address(text: str) -> None:
    """A hub address names a file."""
    with pytest.raises(WeightsError, match="does not name a file of the hub"):
        Address.parse(text, {})


def test_secrets_are_not_shown() -> None:
    """Passwords and signatures stay out of what is printed and kept."""
    address = Address.parse("https://me:pass@example.com/f.gguf?sig=1#x", {})
    assert address.shown == "https://example.com/f.gguf"


def test_token_is_for_the_hub_alone() -> None:
    """The hub's token goes to the hub's own scheme, host and port."""
    address = Address.parse("hf://o/r/f.gguf", {"HF_TOKEN": "t"})
    assert address.headers(address.url) == {"Authorization": "Bearer t"}
    for other in ("http://huggingface.co/x", "https://huggingface.co:444/x", "https://cdn.huggingface.co/x"):
        assert address.headers(Address.parse(other, {}).url) == {}


def test_etag_is_a_hash_on_the_hub_only() -> None:
    """Elsewhere an ETag of 64 digits may be anything."""
    headers = {"ETag": f'"{SHA}"', "Content-Length": "5"}
    assert answering(200, headers, hub=True) == Stated(SHA, 5, f'"{SHA}"')
    assert answering(200, headers, hub=False) == Stated(None, 5, f'"{SHA}"')


def test_small_hub_files_have_no_hash() -> None:
    """The hub's small files are linked by a Git hash, which is no SHA-256."""
    assert redirecting({"X-Linked-Etag": '"' + "a" * 40 + '"', "X-Linked-Size": "12"}) == Stated(None, 12, None)


def test_partial_answers() -> None:
    """The whole size is in Content-Range; a digest of the part is not one of the whole; weak ETags do not vouch."""
    headers = {
        "Content-Range": "bytes 5-9/10",
        "Content-Length": "5",
        "Content-Digest": "sha-256=:" + "A" * 43 + "=:",
        "ETag": 'W/"1"',
        "Last-Modified": "Mon, 23 Nov 2026 00:00:00 GMT",
    }
    assert answering(206, headers, hub=False) == Stated(None, 10, "Mon, 23 Nov 2026 00:00:00 GMT")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (SHA, SHA),
        (f"{SHA.upper()} *dir/a.gguf\n", SHA),
        (f"{'b' * 64}  b.gguf\n{SHA}  a.gguf\n", SHA),
        (f"{'b' * 64}  b.gguf\n{'c' * 64}  c.gguf\n", None),
        ("<html>not found</html>", None),
        ("", None),
    ],
)
def test_hash_files(text: str, found: str | None) -> None:
    """A hash alone, or sha256sum's lines; of several the one for this file."""
    assert beside(text, "a.gguf") == found


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 bytes"), (999, "999 bytes"), (98362432, "98.4 MB"), (1117320768, "1.12 GB")]
)
def test_size(count: int, text: str) -> None:
    """Sizes as people read them."""
    assert size(count) == text
