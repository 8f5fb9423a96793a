"""Where a crawler may connect to: public addresses on web ports, and what the settings allow
beside.

The check sits in the socket factory of the connector, on the very address that connect() gets, so a
name that resolves differently the second time, a literal address and each redirect all meet it.
"""

from __future__ import annotations

import functools
import ipaddress
import socket
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from secarch.harvest.sources.urls import DEFAULT_PORTS

PORTS = frozenset(DEFAULT_PORTS.values())
_NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
_SPECIAL = tuple(
    ipaddress.ip_network(block)
    for block in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/96",
        "::ffff:0:0:0/96",
        "100::/64",
        "2001:db8::/32",
        "2001:2::/48",
        "2001:10::/28",
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    )
)
"""IANA's special-purpose registries by name: what `ipaddress` knows of them differs between
releases of Python.
"""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class AddressRefusedError(OSError):
    """The address that a name led to is none that may be contacted."""


def embedded(address: Address) -> Address:
    """The IPv4 address inside a mapped (RFC 4291), 6to4 (RFC 3056), NAT64 (RFC 6052) or Teredo one
    (RFC 4380).
    """
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if any(address in block for block in _NAT64):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address


def is_public(address: Address) -> bool:
    """True for a globally reachable unicast address (IANA special-purpose registries)."""
    inner = embedded(address)
    special = (
        inner.is_multicast
        or inner.is_reserved
        or inner.is_unspecified
        or inner.is_loopback
        or inner.is_link_local
    )
    listed = any(inner in block for block in _SPECIAL if block.version == inner.version)
    return inner.is_global and not special and not listed


class Guard:
    """The address rule made from `harvest.allow_networks`."""

    def __init__(self, allow_networks: Sequence[str]) -> None:
        self._allowed: tuple[Network, ...] = tuple(
            ipaddress.ip_network(block) for block in allow_networks
        )
        self._refusal_of_host = functools.lru_cache(maxsize=4_096)(self._of_host)

    def allowed(self, address: Address) -> bool:
        """True where the settings name a network that holds `address`."""
        inner = embedded(address)
        return any(inner in block for block in self._allowed if block.version == inner.version)

    def refusal(self, host: str, port: int) -> str:
        """Why `host` (a literal address) may not be contacted on `port`, or ''."""
        address = ipaddress.ip_address(host.partition("%")[0])
        if self.allowed(address):
            return ""
        if not is_public(address):
            return "private_address"
        return "" if port in PORTS else "port"

    def refusal_of_url(self, url: str) -> str:
        """What can be said without resolving: scheme, credentials, and the address if it is
        literal.
        """
        parts = urlsplit(url)
        if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
            return "scheme"
        if "@" in parts.netloc:
            return "credentials_in_address"
        return self._refusal_of_host(parts.hostname, parts.port or DEFAULT_PORTS[parts.scheme])

    def _of_host(self, host: str, port: int) -> str:
        try:
            return self.refusal(host, port)
        except ValueError:
            return "" if port in PORTS or self._allowed else "port"

    def is_private_host(self, url: str) -> bool:
        """True where a URL can only lead into the allowed networks: a literal address there, or
        localhost.
        """
        host = urlsplit(url).hostname or ""
        if host == "localhost" or host.endswith(".localhost"):
            return bool(self._allowed)
        try:
            return self.allowed(ipaddress.ip_address(host))
        except ValueError:
            return False

    def socket_factory(self) -> Callable[..., socket.socket]:
        """For aiohttp's TCPConnector: makes a socket for an address, or raises
        AddressRefusedError.
        """

        def make(info: tuple[int, int, int, str, tuple[str, int]]) -> socket.socket:
            family, kind, protocol, _, address = info
            reason = self.refusal(address[0], address[1])
            if reason:
                raise AddressRefusedError(reason)
            return socket.socket(family, kind, protocol)

        return make
