"""Which receivers may be reached, by which settings."""

import pytest

from interplay.errors import Failure
from interplay.settings.webhooks import WebhooksSettings
from interplay.webhooks.reach import Reach

STRICT = Reach(WebhooksSettings())
PRIVATE = Reach(WebhooksSettings(allow_private=True))

_PUBLIC = ("8.8.8.8", "1.1.1.1", "192.1.2.3", "2606:4700:4700::1111", "2a00:1450:4001::1", "64:ff9b::808:808")
_INSIDE = (
    *("127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1"),
    *("::1", "fc00::1", "fd12::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1"),
)
_NEVER = (
    *("0.0.0.0", "169.254.169.254", "169.254.1.1", "100.100.100.200", "168.63.129.16", "192.0.0.192"),  # noqa: S104
    *("198.18.0.1", "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "192.88.99.1"),
    *("::", "fe80::1", "fe80::1%eth0", "ff02::1", "fd00:ec2::254", "2002:7f00:1::", "2001::1", "2001:db8::1"),
    *("::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "127.1", "2130706433", "0x7f.1", "", "example.com"),
)


@pytest.mark.parametrize("address", _PUBLIC)
def test_public_addresses_are_allowed(address: str) -> None:
    """Whatever the settings."""
    assert STRICT.allows("a.example", address)
    assert PRIVATE.allows("a.example", address)


@pytest.mark.parametrize("address", _INSIDE)
def test_the_operators_own_network_is_refused(address: str) -> None:
    """Unless it is allowed; also in the clothes of IPv6."""
    assert not STRICT.allows("a.example", address)
    assert PRIVATE.allows("a.example", address)


@pytest.mark.parametrize("address", _NEVER)
def test_addresses_that_no_receiver_has_are_refused(address: str) -> None:
    """Metadata of clouds, link-local, multicast, reserved ones, and what is no address at all."""
    assert not STRICT.allows("a.example", address)
    assert not PRIVATE.allows("a.example", address)


def test_a_host_that_the_operator_names_is_reached_wherever_it_is() -> None:
    """That host, in any spelling, and no other; by http too."""
    reach = Reach(WebhooksSettings(allow_hosts=("Inside.Example",)))
    assert reach.allows("inside.example.", "169.254.169.254")
    assert not reach.allows("other.example", "10.0.0.1")
    assert reach.refusal("http://INSIDE.example/x") is None
    assert reach.refusal("http://other.example/x") is not None


@pytest.mark.parametrize("reach", [PRIVATE, Reach(WebhooksSettings(allow_hosts=("localhost", "127.0.0.1")))])
def test_one_setting_is_enough_for_this_machine(reach: Reach) -> None:
    """By name or address, and by http."""
    assert reach.refusal("http://localhost:8000/hook") is None
    assert reach.refusal("http://127.0.0.1:8000/hook") is None


@pytest.mark.parametrize(
    "uri", ["https://a_b.x-1.example", "https://a.example", "https://a.example:8443/x?y=1", "https://[2606:4700::1]/"]
)
def test_ordinary_uris_are_taken(uri: str) -> None:
    """With a port, a path, a query, or a public address."""
    STRICT.check(uri, "uri")


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("", "host"),
        ("https://", "host"),
        ("https:///x", "host"),
        ("a.example", "host"),
        ("https://a.example:0/", "host"),
        ("https://a.example:99999/", "host"),
        ("https://[::1/", "host"),
        ("https://a.example/\n", "host"),
        ("https://a.example/ x", "host"),
        ("https://ä.example/", "host"),
        ("http://a.example/", "https://"),
        ("ftp://a.example/", "https://"),
        ("file://a.example/etc", "https://"),
        ("https://me:word@a.example/", "password"),
        ("https://me@a.example/", "password"),
        ("https://a.example/#x", "fragment"),
        ("https://127.0.0.1/", "not a public one"),
        ("https://169.254.169.254/latest", "not a public one"),
        ("https://[::1]/", "not a public one"),
        ("https://[::ffff:127.0.0.1]/", "not a public one"),
        *(
            (f"https://{host}/", "neither a name")
            for host in ("a..b", ".com", "a.example.", "x" * 64, "*", "-a.b", "a" + ".b" * 127)
        ),
        *(
            (f"https://{host}/", "neither a name")
            for host in ("127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "a.0x")
        ),
        ("https://localhost/", "`allow_hosts`"),
        ("https://a.LOCALHOST/", "`allow_private`"),
        ("https://127.0.0.1/", "`allow_hosts`, or, for private addresses and http, `allow_private`"),
        ("http://127.0.0.1/", "`allow_hosts`, or, for private addresses and http, `allow_private`"),
        ("https://a.example/" + "x" * 2048, "2066 characters"),
    ],
)
def test_other_uris_are_refused_with_the_reason(uri: str, words: str) -> None:
    """A 400 that names the field and says what was expected."""
    with pytest.raises(Failure) as refusal:
        STRICT.check(uri, "webhook_config.uris[1]")
    assert refusal.value.status == 400
    assert refusal.value.message.startswith("'webhook_config.uris[1]' ")
    assert words in refusal.value.message


def test_http_is_taken_where_it_is_allowed() -> None:
    """By one setting alone, or where private receivers are allowed anyway."""
    assert Reach(WebhooksSettings(allow_http=True)).refusal("http://a.example/") is None
    assert Reach(WebhooksSettings(allow_http=True)).refusal("http://10.0.0.1/") is not None
    assert PRIVATE.refusal("http://10.0.0.1/") is None
