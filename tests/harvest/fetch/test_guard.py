"""Which addresses may be contacted."""

from __future__ import annotations

import asyncio
import ipaddress
import socket

import pytest

from secarch.harvest.fetch.guard import AddressRefusedError, Guard, embedded
from secarch.harvest.fetch.http import Client
from tests.harvest.conftest import Reply, Site, config_for

PUBLIC = ["93.184.216.34", "2606:2800:220:1::1"]
REFUSED = [
    "127.0.0.1",
    "10.0.0.1",
    "172.16.0.9",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "240.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "::1",
    "::",
    "fe80::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "2002:7f00:1::",
    "64:ff9b::a9fe:a9fe",
    "2001:0:4136:e378:8000:63bf:80ff:fffe",
    "fec0::1",
    "::7f00:1",
    "::a9fe:a9fe",
    "192.0.0.8",
    "192.88.99.1",
    "203.0.113.7",
    "2001:db8::1",
    "100::1",
    "64:ff9b:1::a00:1",
    "::ffff:0:7f00:1",
    "fe80::1%eth0",
    "4000::1",
    "e000::1",
    "5f00::1",
    "3fff::1",
    "198.51.100.1",
]


@pytest.mark.parametrize("address", REFUSED)
def test_addresses_that_are_not_public_are_refused(address: str) -> None:
    """Loopback, private, link-local, metadata, shared, multicast, reserved, and any of them within
    IPv6.
    """
    assert Guard(()).refusal(address, 443) == "private_address"


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_asked_on_web_ports_only(address: str) -> None:
    """Port 80 and 443, and no other."""
    assert [Guard(()).refusal(address, port) for port in (80, 443, 22, 8080)] == [
        "",
        "",
        "port",
        "port",
    ]


def test_an_allowed_network_opens_itself_and_nothing_else() -> None:
    """harvest.allow_networks lets its addresses through on any port, mapped into IPv6 or not."""
    guard = Guard(("127.0.0.0/8",))
    assert guard.refusal("127.0.0.1", 8800) == guard.refusal("::ffff:127.0.0.1", 8800) == ""
    assert guard.refusal("10.0.0.1", 80) == "private_address"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://169.254.169.254/latest/", "private_address"),
        ("http://[::ffff:127.0.0.1]/", "private_address"),
        ("file:///etc/passwd", "scheme"),
        ("https://u:p@example.org/", "credentials_in_address"),
        ("https://example.org:8443/", "port"),
        ("https://example.org/", ""),
    ],
)
def test_addresses_are_refused_before_anything_is_resolved(url: str, reason: str) -> None:
    """Scheme, credentials, ports and literal addresses need no connection to be refused."""
    assert Guard(()).refusal_of_url(url) == reason


def test_the_socket_factory_sees_the_address_of_the_connection() -> None:
    """No socket is made for a private address, whatever name led to it."""
    make = Guard(()).socket_factory()
    with pytest.raises(AddressRefusedError, match="private_address"):
        make((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", 80)))
    make((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 443))).close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"])
def test_a_client_without_leave_never_reaches_loopback(site: Site, host: str) -> None:
    """The request fails with the guard's reason and the site sees nothing, by address or by
    name.
    """
    site.answers["/"] = Reply("secret")
    port = site.base.rpartition(":")[2]

    async def ask() -> str:
        async with Client(config_for(allow_networks=("192.0.2.0/24",))) as client:
            return (await client.get(f"http://{host}:{port}/")).reason

    assert asyncio.run(ask()) == "private_address"
    assert site.log == []


@pytest.mark.parametrize(
    ("url", "private"),
    [
        ("http://127.0.0.1:9/", True),
        ("http://localhost/", True),
        ("http://a.localhost/", True),
        ("http://128.0.0.1/", False),
        ("http://docs.example.org/", False),
    ],
)
def test_a_private_host_is_one_that_can_only_be_in_an_allowed_network(
    url: str, *, private: bool
) -> None:
    """A name may lead anywhere, so only addresses and localhost are."""
    assert Guard(["127.0.0.0/8"]).is_private_host(url) is private
    assert not Guard([]).is_private_host(url)


@pytest.mark.parametrize(
    ("address", "inner"),
    [
        ("64:ff9b::a00:1", "10.0.0.1"),
        ("64:ff9b::ffff:ffff", "255.255.255.255"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2002:c000:201::", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::1"),
    ],
)
def test_the_address_inside_an_address(address: str, inner: str) -> None:
    """What a translator or a tunnel would contact."""
    assert str(embedded(ipaddress.ip_address(address))) == inner
