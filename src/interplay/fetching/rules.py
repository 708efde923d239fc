"""Which hosts may be reached. A user's URI must not lead the server into its operator's own network.

Judged twice: the URI when it is given and when it is used, and every address right before it is connected to.

    address                        allowed
    public                         always
    private, loopback, shared      with `allow_private`
    link-local (cloud metadata), multicast, reserved        never
    any of a host in `allow_hosts` always
"""

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import SplitResult, urlsplit

Address = IPv4Address | IPv6Address
_Networks = tuple[IPv4Network | IPv6Network, ...]

_LONGEST_URI: Final = 2048
_LONGEST_HOST: Final = 253
_LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
"""A last label like this makes resolvers read the whole name as an address, in spellings that only they know."""
_PRIVATE: Final[_Networks] = tuple(
    map(ip_network, ("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
) + tuple(map(ip_network, ("::1/128", "fc00::/7")))
_METADATA_ADDRESSES: Final = (
    *("100.100.100.200/32", "fd00:ec2::254/128"),
    *("fd20:ce::254/128", "fd00:c1::a9fe:a9fe/128", "fd00:42::42/128"),
)
_METADATA: Final[_Networks] = tuple(map(ip_network, _METADATA_ADDRESSES))
"""Where clouds tell their machines secrets, in ranges that are private otherwise."""
_NOT_PUBLIC: Final[_Networks] = _PRIVATE + tuple(
    map(
        ip_network,
        (
            *("0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15"),
            *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
            "168.63.129.16/32",  # a cloud's metadata on a public address
            *("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
        ),
    )
)
_PUBLIC_V6: Final = IPv6Network("2000::/3")
_NAT64: Final = IPv6Network("64:ff9b::/96")


class Rules:
    """An operator's rules.

    `allow_private`: private and loopback addresses, and http. `allow_http`: http. `allow_hosts`: these hosts whatever
    their address, and http to them. `allowed_by` is what a refusal says of how an operator allows more.
    """

    def __init__(self, *, allow_private: bool, allow_http: bool, allow_hosts: Iterable[str], allowed_by: str) -> None:
        self._private = allow_private
        self._http = allow_http or allow_private
        self._hosts = frozenset(map(_plain, allow_hosts))
        self.not_public: Final = f"its address is not a public one, and the operator has not allowed it ({allowed_by})"
        self._not_https = (
            f"expected a URI that begins with https://, or with http:// where the operator allows that ({allowed_by})"
        )

    def refusal(self, uri: str) -> str | None:
        """Why a URI may not be used, without repeating it; None when it may."""
        try:
            parts = urlsplit(uri)
            if not (uri.isascii() and uri.isprintable() and " " not in uri and parts.hostname and parts.port != 0):
                return "it is not a URI with a host"
        except ValueError:
            return "it is not a URI with a host"
        if len(uri) > _LONGEST_URI:
            return f"it has {len(uri)} characters, expected at most {_LONGEST_URI}"
        return self._misfit(parts, parts.hostname)

    def allows(self, host: str, address: str) -> bool:
        """Whether this address, which the host's name stands for, may be connected to."""
        if _plain(host) in self._hosts:
            return True
        try:
            number = _unwrapped(ip_address(address))
        except ValueError:
            return False
        private = self._private and _within(number, _PRIVATE) and not _within(number, _METADATA)
        return private or _is_public(number)

    def _misfit(self, parts: SplitResult, host: str) -> str | None:
        plain = self._http or _plain(host) in self._hosts
        if parts.scheme not in (("https", "http") if plain else ("https",)):
            return self._not_https
        if parts.username is not None or parts.password is not None:
            return "it has a user or a password in it"
        if parts.fragment:
            return "it has a fragment"
        return self._misfit_host(host)

    def _misfit_host(self, host: str) -> str | None:
        if _is_address(host):
            return None if self.allows(host, host) else self.not_public
        if not _is_name(host):
            return "its host is neither a name, such as a.example, nor an address, such as 192.0.2.1"
        local = host == "localhost" or host.endswith(".localhost")
        if local and not (self._private or host in self._hosts):
            return self.not_public
        return None


def _plain(host: str) -> str:
    return host.lower().rstrip(".")


def _is_name(host: str) -> bool:
    labels = host.split(".")
    return len(host) <= _LONGEST_HOST and all(map(_LABEL.fullmatch, labels)) and not _NUMBER.fullmatch(labels[-1])


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_public(address: Address) -> bool:
    outside = isinstance(address, IPv6Address) and address not in _PUBLIC_V6
    return not outside and not _within(address, _NOT_PUBLIC)


def _within(address: Address, networks: _Networks) -> bool:
    return any(address.version == network.version and address in network for network in networks)


def _unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, if it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address
