"""Fetching from real servers on real ports: what is read, and what is never connected to, whatever leads there."""

from collections.abc import Iterator

import pytest

from interplay.fetching.client import Client
from interplay.fetching.fetch import Fetched, Limits, NotFetched, fetch
from interplay.fetching.names import Names
from interplay.fetching.rules import Rules
from tests.circles import Watched
from tests.fetching.site import BOMB, PAGE, Site

INSIDE = Rules(allow_private=True, allow_http=True, allow_hosts=(), allowed_by="`[pages]` `allow_private`")
"""An operator who lets users read pages of his own network."""
OUTSIDE = Rules(allow_private=False, allow_http=True, allow_hosts=("site.example",), allowed_by="`[pages]`")
"""One who allows http, and nothing of his own network but the site of these tests."""
LIMITS = Limits(bytes=100_000, seconds=5)
NOT_PUBLIC = "its address is not a public one, and the operator has not allowed it (`[pages]`)"


@pytest.fixture
def site() -> Iterator[Site]:
    """A site for one test."""
    with Site() as running:
        yield running


@pytest.fixture
def names() -> Iterator[Names]:
    """The machine's own names."""
    made = Names()
    yield made
    made.close()


@pytest.fixture
def inside(names: Names) -> Client:
    """Who may read pages of this machine."""
    return Client(INSIDE, names.addresses)


@pytest.fixture
def outside(names: Names) -> Client:
    """Who may read those of `site.example`, which is this machine, and of the public."""

    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"] if host == "site.example" else await names.addresses(host, port)

    return Client(OUTSIDE, resolve)


async def test_a_page_is_read(site: Site, inside: Client) -> None:
    """With its type, by a client that says who it is; a fragment is nothing that a server is told."""
    fetched = await fetch(inside, f"{site.url}/page#section", LIMITS, {"accept": "text/html"})
    assert fetched == Fetched(uri=f"{site.url}/page", content_type="text/html", body=PAGE)
    [(path, headers)] = site.asked
    assert (path, headers["accept"], headers["accept-encoding"]) == ("/page", "text/html", "gzip")
    assert headers["user-agent"].startswith("Interplay/")


async def test_a_compressed_page_is_read(site: Site, inside: Client) -> None:
    """As what it was before."""
    fetched = await fetch(inside, f"{site.url}/packed", LIMITS)
    assert isinstance(fetched, Fetched)
    assert fetched.body == PAGE


@pytest.mark.parametrize("target", ["/page", "page", "{url}/page", "{url}/page#here", "//127.0.0.1:{port}/page"])
async def test_redirects_are_followed(site: Site, inside: Client, target: str) -> None:
    """However they name their target; no cookie goes along."""
    uri = f"{site.url}/to?{target.format(url=site.url, port=site.port)}"
    fetched = await fetch(inside, uri, LIMITS)
    assert fetched == Fetched(uri=f"{site.url}/page", content_type="text/html", body=PAGE)
    assert "cookie" not in site.asked[-1][1]


async def test_letters_in_a_redirect_are_encoded(site: Site, inside: Client) -> None:
    """Servers send them as they are, or encoded already."""
    fetched = await fetch(inside, f"{site.url}/to?/caf%C3%A9", LIMITS)
    assert isinstance(fetched, Fetched)
    assert site.paths()[-1] == "/caf%C3%A9"


@pytest.mark.parametrize(
    ("path", "limits", "words"),
    [
        ("/status/404", LIMITS, "it answered 404"),
        ("/status/503", LIMITS, "it answered 503"),
        ("/nowhere", LIMITS, "it answered 302"),
        ("/status/304", LIMITS, "it answered 304"),
        ("/round", LIMITS, "it redirects more than 5 times"),
        ("/to?/page", Limits(bytes=100_000, seconds=5, redirects=0), "it redirects more than 0 times"),
        ("/to?/status/500", LIMITS, "after a redirect, it answered 500"),
        ("/slow", Limits(bytes=100_000, seconds=0.3), "it was not there within 0.3 seconds"),
        ("/to?/slow", Limits(bytes=100_000, seconds=0.3), "it was not there within 0.3 seconds"),
        ("/endless", LIMITS, "its body has more than 100000 bytes"),
        ("/long", LIMITS, "its body has more than 100000 bytes"),
        ("/page", Limits(bytes=len(PAGE) - 1, seconds=5), f"its body has more than {len(PAGE) - 1} bytes"),
        ("/packed", Limits(bytes=len(PAGE) - 1, seconds=5), f"its body has more than {len(PAGE) - 1} bytes"),
        ("/bomb", LIMITS, "its body has more than 100000 bytes"),
        ("/broken", LIMITS, "the connection to it failed (ClientPayloadError)"),
        ("/cut", LIMITS, "its body ends in the middle"),
        ("/garbage", LIMITS, "its body is not valid gzip"),
        ("/twice", LIMITS, "its body goes on behind the end of its gzip data"),
        ("/other", LIMITS, 'its body is encoded as "br", expected gzip or nothing'),
        ("/provisional", LIMITS, "it sent 16384 bytes and no status but provisional ones (1xx)"),
    ],
)
async def test_what_cannot_be_read_has_a_reason(
    site: Site, inside: Client, path: str, limits: Limits, words: str
) -> None:
    """None of it takes more time or bytes than there are."""
    assert len(BOMB) < LIMITS.bytes  # so it is what it decodes to that is too much
    found = await fetch(inside, site.url + path, limits)
    assert isinstance(found, NotFetched)
    assert (found.reason, found.forbidden) == (words, False)
    assert (found.status is None) == ("answered" not in words)


async def test_a_page_of_just_the_size_is_read(site: Site, inside: Client) -> None:
    """The limit is the last that is allowed, packed or not."""
    for path in ("/page", "/packed"):
        assert isinstance(await fetch(inside, site.url + path, Limits(bytes=len(PAGE), seconds=5)), Fetched)


async def test_a_port_that_nobody_has_is_a_reason(inside: Client) -> None:
    """Which does not repeat the URI, and holds nothing afterwards."""
    for _ in range(2):
        with Watched() as watched:
            found = await fetch(inside, "http://127.0.0.1:1/secret", LIMITS)
    assert isinstance(found, NotFetched)
    assert found.reason == "it cannot be connected to: Connection refused"
    assert "secret" not in found.reason
    assert not watched.found


_NOT_ALLOWED = (
    *("127.0.0.1", "127.0.0.2", "localhost", "a.localhost", "10.0.0.1", "172.16.0.1", "192.168.0.1"),
    *("169.254.169.254", "100.100.100.200", "168.63.129.16", "0.0.0.0"),  # noqa: S104 - asked, not listened on
    *("[::1]", "[::ffff:127.0.0.1]", "[::ffff:169.254.169.254]", "[64:ff9b::7f00:1]", "[fe80::1]", "[fd00:ec2::254]"),
)
_NO_HOSTS = ("2130706433", "0x7f000001", "017700000001", "0177.0.0.1", "127.1", "0", "127.0.0.1.")


@pytest.mark.parametrize("host", [*_NOT_ALLOWED, *_NO_HOSTS])
@pytest.mark.parametrize("way", ["", "/to?", "/to?http://site.example:{port}/to?"])
async def test_the_operators_network_is_not_reached(site: Site, outside: Client, way: str, host: str) -> None:
    """In no spelling of an address: named at once, behind a redirect, or behind several."""
    way = way and f"http://site.example:{site.port}{way.format(port=site.port)}"
    with Site("127.0.0.2", site.port) as other:
        found = await fetch(outside, f"{way}http://{host}:{site.port}/page", LIMITS)
    assert isinstance(found, NotFetched)
    assert found.forbidden
    assert ("after a redirect, " in found.reason) == bool(way)
    assert host in _NO_HOSTS or found.reason.endswith(NOT_PUBLIC)
    assert "/page" not in [*site.paths(), *other.paths()]


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://site.example/", "gopher://127.0.0.1/", "data:,x"])
async def test_a_redirect_leads_to_http_only(site: Site, outside: Client, target: str) -> None:
    """Nothing else that has a URI is read."""
    found = await fetch(outside, f"http://site.example:{site.port}/to?{target}", LIMITS)
    assert isinstance(found, NotFetched)
    assert found.forbidden
    assert len(site.asked) == 1


@pytest.mark.parametrize("target", ["http://[::1", "http://site.example:99999/", "https://", "http://me:pw@a.example/"])
async def test_a_redirect_that_is_no_good_is_a_reason(site: Site, outside: Client, target: str) -> None:
    """And not an error of ours."""
    found = await fetch(outside, f"http://site.example:{site.port}/to?{target}", LIMITS)
    assert isinstance(found, NotFetched)
    assert found.reason.startswith("after a redirect, it ")


@pytest.mark.parametrize("uri", ["", "http://[::1", "page", "http://a b/", "http:///x", "http://ä.example/"])
async def test_what_is_no_uri_is_a_reason(outside: Client, uri: str) -> None:
    """As it is behind a redirect."""
    found = await fetch(outside, uri, LIMITS)
    assert isinstance(found, NotFetched)
    assert found.reason.startswith(("it is not a URI with a host", "expected a URI that begins with https://"))


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["::1"], ["::ffff:127.0.0.1"], ["10.0.0.1", "127.0.0.1"], ["169.254.169.254"], ["fe80::1%lo"], []],
)
async def test_a_name_that_stands_for_a_private_address_is_refused(site: Site, addresses: list[str]) -> None:
    """What counts is the address."""

    async def resolve(_host: str, _port: int) -> list[str]:
        return addresses

    found = await fetch(Client(OUTSIDE, resolve), f"http://public.example:{site.port}/page", LIMITS)
    assert found == NotFetched(reason=NOT_PUBLIC, forbidden=True)
    assert site.asked == []


class _OnlyOne(Rules):
    """Rules by which 127.0.0.1 is public and every other address is not."""

    def __init__(self) -> None:
        super().__init__(allow_private=False, allow_http=True, allow_hosts=(), allowed_by="`[pages]`")

    def allows(self, host: str, address: str) -> bool:
        """Whether it is that one."""
        return bool(host) and address == "127.0.0.1"


async def test_of_several_addresses_the_private_one_is_left_out(site: Site) -> None:
    """Wherever it stands in the answer: the name is reached at its public address only."""

    async def both(_host: str, _port: int) -> list[str]:
        return ["127.0.0.2", "127.0.0.1"]

    with Site("127.0.0.2", site.port) as other:
        fetched = await fetch(Client(_OnlyOne(), both), f"http://both.example:{site.port}/page", LIMITS)
    assert isinstance(fetched, Fetched)
    assert (len(site.asked), other.asked) == (1, [])


async def test_a_name_that_changes_between_two_hops_leads_nowhere_else(site: Site) -> None:
    """DNS rebinding: each hop asks for the name once, and connects to what was judged."""
    answers = [["127.0.0.1"], ["127.0.0.2"]]

    async def rebinding(_host: str, _port: int) -> list[str]:
        return answers.pop(0)

    with Site("127.0.0.2", site.port) as other:
        found = await fetch(Client(_OnlyOne(), rebinding), f"http://rebinding.example:{site.port}/to?/page", LIMITS)
    assert found == NotFetched(reason=f"after a redirect, {NOT_PUBLIC}", forbidden=True)
    assert (site.paths(), other.asked, answers) == (["/to?/page"], [], [])
