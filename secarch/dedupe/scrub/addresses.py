"""IP addresses of somebody: public ones that no standard or vendor prints for readers to use."""

from __future__ import annotations

import ipaddress
import re
from itertools import pairwise

from secarch.dedupe.scrub.detector import Detector, digits

_DOCUMENTATION = tuple(
    map(ipaddress.ip_network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"))
)
_FIXED = tuple(
    map(
        ipaddress.ip_network,
        (
            # Google Cloud: health checks, DNS forwarding, Identity-Aware Proxy, private and
            # restricted API endpoints, time; each the same in every project.
            "35.191.0.0/16",
            "130.211.0.0/22",
            "35.199.192.0/19",
            "35.235.240.0/20",
            "199.36.153.0/24",
            "199.36.154.0/23",
            "34.126.0.0/18",
            "209.85.152.0/22",
            "209.85.204.0/22",
            "216.239.32.0/21",
            # Azure: platform address, activation servers.
            "168.63.129.16/32",
            "23.102.135.246/32",
            "20.118.99.224/32",
            "40.83.235.53/32",
            # AWS: Route 53 health checkers' and EC2 Instance Connect's first published ranges.
            "15.177.0.0/18",
            "18.206.107.24/29",
            # Public resolvers.
            "8.8.8.8/32",
            "8.8.4.4/32",
            "1.1.1.0/29",
            "1.0.0.0/29",
            "9.9.9.8/29",
            "149.112.112.0/24",
            "208.67.220.0/22",
            "4.2.2.0/29",
            "64.6.64.6/32",
            "64.6.65.6/32",
            "94.140.14.0/23",
            "185.228.168.0/23",
            "76.76.2.0/24",
            "77.88.8.0/24",
            "114.114.114.0/23",
            "223.5.5.5/32",
            "223.6.6.6/32",
            "67.207.67.0/24",
            # Root name servers (IANA).
            "198.41.0.4/32",
            "170.247.170.2/32",
            "192.33.4.12/32",
            "199.7.91.13/32",
            "192.203.230.10/32",
            "192.5.5.241/32",
            "192.112.36.4/32",
            "198.97.190.53/32",
            "192.36.148.17/32",
            "192.58.128.30/32",
            "193.0.14.129/32",
            "199.7.83.42/32",
            "202.12.27.33/32",
            # Object identifiers that are four numbers: X.520 attributes and X.509 extensions.
            "2.5.4.0/24",
            "2.5.6.0/24",
            "2.5.29.0/24",
        ),
    )
)
"""What vendors publish as fixed, so that a rule that a reader writes must name it."""
_PUBLISHED = re.compile(
    r"(?:well[- ]known|virtual|fixed|anycast|static|health[- ]?(?:check|probe)s?|resolvers?|"
    r"metadata|link[- ]local|documented|reserved)\b[^.\n]{0,40}$|\bOIDs?\b[^.\n]{0,40}$",
    re.IGNORECASE,
)
_VERSION = re.compile(
    r"(?:version|release|build|firmware|driver|agent|client|sdk|through|before|prior to|\bv|ver\.|"
    r"§|section|until|since|upgrade to|update to)s?[\s:=(\"'`]{0,3}(?:is |are |to )?$|"
    r"(?<![/:])\b[A-Za-z][\w+-]*/$|[<>=~^]=?\s?$",
    re.IGNORECASE,
)
_OR_LATER = re.compile(
    r"[`\"']?,? (?:and|or) (?:later|earlier|newer|older|above|below|higher)", re.IGNORECASE
)


def _address_is_harmless(secret: str, match: re.Match[str]) -> bool:
    """RFC 1918, 5737, 6598, loopback, link-local, multicast; networks rather than hosts; what
    vendors publish as fixed; version numbers, object identifiers and 1.2.3.4.
    """
    try:
        address = ipaddress.ip_address(secret)
    except ValueError:
        return True
    if not address.is_global or address.is_multicast or _within(address, _DOCUMENTATION):
        return True
    steps = {b - a for a, b in pairwise(map(int, secret.split(".")))}
    if len(steps) == 1:
        return True
    before = match.string[max(0, match.start() - 80) : match.start()]
    after = match.string[match.end() :][:20]
    network = after.startswith("/") and not after.startswith("/32")
    version = _VERSION.search(before) or _OR_LATER.match(after)
    published = _within(address, _FIXED) or _PUBLISHED.search(before)
    return bool(network or version or published)


def _within(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
    blocks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...],
) -> bool:
    return any(address in block for block in blocks)


def _address(secret: str) -> str:
    """An address of RFC 5737 of the same length, the same for the same secret; never a private one.

    One of 15 characters ends in a space, since the longest of RFC 5737 has 14; one of less than 9
    is crossed out, since the shortest has 9.
    """
    n = int(digits(secret, 6))
    by_length = {
        9: f"192.0.2.{1 + n % 9}",
        10: f"192.0.2.{10 + n % 90}",
        11: f"192.0.2.{100 + n % 155}",
        12: f"203.0.113.{10 + n % 90}",
        13: f"203.0.113.{100 + n % 155}",
        14: f"198.51.100.{100 + n % 155}",
        15: f"198.51.100.{100 + n % 155} ",
    }
    return by_length.get(len(secret)) or _crossed(secret)


def _crossed(secret: str) -> str:
    return re.sub(r"[0-9A-Fa-f]", "x", secret)


_RESOLVERS = {
    "2001:4860:4860::8888",
    "2001:4860:4860::8844",
    "2606:4700:4700::1111",
    "2606:4700:4700::1001",
    "2620:fe::fe",
    "2620:fe::9",
    "2620:119:35::35",
    "2620:119:53::53",
}
_SIX = ipaddress.IPv6Network("2001:db8::/32")
_OCTETS = re.compile(r"(?:[0-9A-Fa-f]{2}:){5,}[0-9A-Fa-f]{2}")
"""Octets one by one: EUI-64, World Wide Port Names (T11 FC-FS), serials and digests of
certificates.
"""


def _six_is_harmless(secret: str, match: re.Match[str]) -> bool:
    """RFC 3849 and RFC 9637 documentation, loopback, link-local, unique local, multicast; networks;
    octets in a row; what is not an address at all.
    """
    if _OCTETS.fullmatch(secret):
        return True
    try:
        address = ipaddress.IPv6Address(secret)
    except ValueError:
        return True
    after = match.string[match.end() :][:4]
    network = after.startswith("/") and not after.startswith("/128")
    return (
        not address.is_global
        or address.is_multicast
        or address in _SIX
        or network
        or str(address) in _RESOLVERS
    )


def _six(secret: str) -> str:
    """An address of RFC 3849 of that length (spaces behind a short one), for the same secret always
    the same; crossed out if there is none: the shortest has 11 characters.
    """
    room = len(secret)
    if room < 11:
        return _crossed(secret)
    if room < 21:
        return f"2001:db8::{digits(secret, min(4, room - 10)).replace('0', 'a')}".ljust(room)
    body = digits(secret, room - 15).replace("0", "a")
    sizes = [len(body) // 6 + (n < len(body) % 6) for n in range(6)]
    groups = [body[sum(sizes[:n]) :][:size] for n, size in enumerate(sizes)]
    return ":".join(("2001:0db8", *groups))


DETECTORS: tuple[Detector, ...] = (
    Detector(
        "public_address_v6",
        ("::", ":"),
        re.compile(
            r"(?<![\w:.])(?P<secret>(?:[0-9A-Fa-f]{1,4}:){2,7}(?::?[0-9A-Fa-f]{1,4}){1,6})(?![\w:])"
        ),
        _six_is_harmless,
        _six,
        re.compile(r":[0-9A-Fa-f]{1,4}:[0-9A-Fa-f:]"),
    ),
    Detector(
        "public_address",
        (".",),
        # Fifteen characters in front of a port or a prefix: no room for a shorter one and a space.
        re.compile(r"(?<![\w.-])(?P<secret>(?:\d{3}\.){3}\d{3})(?=[/:])(?![\w.-]*\d)"),
        _address_is_harmless,
        _crossed,
        re.compile(r"\d\.\d{3}\.\d{3}\.\d"),
    ),
    Detector(
        "public_address",
        (".",),
        re.compile(r"(?<![\w.-])(?P<secret>(?:\d{1,3}\.){3}\d{1,3})(?![\w.-]*\d)"),
        _address_is_harmless,
        _address,
        re.compile(r"\d\.\d{1,3}\.\d{1,3}\.\d"),
    ),
)
