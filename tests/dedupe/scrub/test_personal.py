"""Identifiers that only look like personal data stay; those of people go."""

from __future__ import annotations

import ipaddress
import re

import pytest

from secarch.dedupe.scrub.scrub import scrub

STAY = [
    "MACs hmac-sha2-256-etm@openssh.com,umac-128-etm@openssh.com",
    "KexAlgorithms sntrup761x25519-sha512@openssh.com",
    "HostKeyAlgorithms sk-ssh-ed25519-cert-v01@openssh.com",
    "Ciphers aes256-gcm@vendor.net",
    "systemctl enable --now getty@tty1.service backup@nightly.timer",
    "listens on docker@main.socket",
    "kinit HTTP@SRV.BANK.COM",
    "icon@2x.png",
    "Message-ID: <20260102030405.ABCDEF1234567890@relay.mailhost.net>",
    "Message-ID: <2026.01020304.ABCDEF12345@relay.mailhost.net>",
    "ssh ec2-user@bastion.corp.net",
    "iam-root-account@cluster.eu-west-1.eksctl.io",
    "WWPN 50:06:01:60:3b:a0:11:22 is zoned",
    "EUI-64 02:1a:2b:ff:fe:3c:4d:5e",
    "Serial Number: 0a:1b:2c:3d:4e:5f:60:71:82:93",
    "SHA1 Fingerprint=AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD",
    "health checks come from 35.191.12.4",
    "resolves through 168.63.129.16",
    "restricted.googleapis.com is 199.36.153.4",
    "the virtual IP 20.60.70.80 of the service",
    "key usage is 2.5.29.15",
    "agent 4.18.2.11 or later",
    "Mozilla/5.0 Chrome/120.0.1.2",
    "sqlserver>=15.0.2.1",
    "arn:aws:iam::127311923021:root",
    "arn:aws:lambda:eu-west-1:553035198032:layer:nodejs12:4",
    "arn:aws:sns:us-east-1:716219292458:AmazonServiceNotices",
    "the account of the log delivery service, arn:aws:iam::826158293041:root",
    "Datadog's account is arn:aws:iam::826158293041:root",
    "card 6205 5000 0000 0000 004",
    "the test card 4539 5787 6362 1486",
    "IBAN DE44503104008274519306, of which the check digits are wrong",
    "IBAN DE63111111111111111111",
    "IBAN DE89 3704 0044 0532 0130 00",
    "call +61 491 570 156",
    "the test number +49 30 8391 4726",
    "+1 500 555 0006",
    "the order 536-22-8145 was shipped",
    "an SSN such as 000-22-8145 is never issued",
    "an SSN such as 912-22-8145 is never issued",
]
GO = {
    "from your account arn:aws:iam::826158293041:role/x": "account_id",
    "The detector logs it. arn:aws:iam::826158293041:role/x": "account_id",
    "mailto:maria.lopez@bank.io": "email",
    "Maria <maria.lopez@bank.io>": "email",
    "the host 34.90.12.7 answered": "public_address",
    "2a00:1450:4001:81b:1:2:3:200e": "public_address_v6",
    "her SSN is 536-22-8145": "social_security_number",
    "IBAN DE43 5031 0400 8274 5193 06": "iban",
    "from <maria.lopez.de.la.fuente@bank.io>": "email",
    "<2026.01020304.ABCDEF1234@bank.io": "email",
    "payment by 4512291475531": "card_number",
    "payment by 6271686778144952747": "card_number",
}
PUBLIC = ["3.8.9.7", "34.9.2.8", "34.90.12.7", "52.95.110.7", "52.95.110.77", "52.95.110.177"]
PUBLIC += ["152.95.110.77", "152.95.110.177", "152.195.110.177"]


@pytest.mark.parametrize("sample", STAY)
def test_identifiers_stay(sample: str) -> None:
    """Protocols, units, vendors and standards name these; a reader must type them as they are."""
    assert scrub(f"See {sample} for this.") == (f"See {sample} for this.", {})


@pytest.mark.parametrize("sample", GO)
def test_what_is_of_somebody_goes(sample: str) -> None:
    """Mail, accounts and addresses of people and their hosts."""
    assert scrub(f"See {sample} for this.")[1] == {GO[sample]: 1}


@pytest.mark.parametrize("address", PUBLIC)
@pytest.mark.parametrize("around", ["host {} answered", "{}:443", "'{}/32'", "`{}`"])
def test_public_addresses_become_documentation_addresses(address: str, around: str) -> None:
    """RFC 5737 or crossed out, at the same length: an outside host never becomes an inside one."""
    before = around.format(address)
    clean, counts = scrub(before)
    assert counts == {"public_address": 1}
    assert len(clean) == len(before)
    found = re.findall(r"\d+\.\d+\.\d+\.\d+", clean)
    blocks = [
        ipaddress.ip_network(n) for n in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
    ]
    assert all(any(ipaddress.ip_address(one) in block for block in blocks) for one in found)
    assert found or "x" in clean


def test_many_v6_addresses_become_documentation_addresses() -> None:
    """RFC 3849 at each length that has room for it."""
    for host in ("2a00:1450:4001:81b::200e", "2600:1f18:1a2b:3c4d:5e6f:7a8b:9c0d:1e2f"):
        clean, _ = scrub(host)
        assert ipaddress.ip_address(clean) in ipaddress.ip_network("2001:db8::/32")


@pytest.mark.parametrize(
    ("address", "expected"),
    [("jo@hotel1.biz", "x@example.com"), ("jo@hotel.biz", "xx@hotel.biz")],
)
def test_a_mail_address_keeps_its_length_and_loses_its_domain_if_there_is_room(
    address: str, expected: str
) -> None:
    """One character more than the documentation domain is room enough."""
    cleaned, _ = scrub(f"write to {address} today")[:2]
    assert expected in cleaned


def test_a_card_number_keeps_the_digit_that_tells_its_network() -> None:
    """The rest is zeros, so that nothing of the number is left and its length is."""
    assert scrub("payment by 4512291475531")[0] == "payment by 4000000000000"
