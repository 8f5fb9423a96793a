"""Personal data and identities: addresses, accounts, numbers.

What standards reserve for documentation stays.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from itertools import pairwise

from secarch.dedupe.scrub.detector import Detector, digits


def _mail_is_harmless(secret: str, _match: re.Match[str]) -> bool:
    """RFC 2606 and RFC 6761 names, service accounts, and addresses of roles rather than people."""
    local, _, host = secret.lower().partition("@")
    reserved = re.search(
        r"(^|[.-])(example|contoso|fabrikam|adatum|acme|domain|company|yourdomain|mydomain)\b", host
    )
    reserved_top = host.rsplit(".", 1)[-1] in {
        "example",
        "test",
        "invalid",
        "localhost",
        "local",
        "internal",
    }
    machine = host.endswith(
        ("gserviceaccount.com", "amazonaws.com", "noreply.github.com", "onmicrosoft.com")
    )
    role = re.fullmatch(
        r"git|info|security.*|abuse|support.*|noreply|no-reply|admin.*|contact|root|hello|help|"
        r"postmaster|press|legal"
        r"|privacy|team|user\w*|someone|me|you|name|email|cncf-.*|.*-(?:users|dev|announce|discuss|"
        r"security|maintainers)",
        local,
    )
    return bool(reserved or reserved_top or machine or role or re.fullmatch(r"x+", local))


def _mail(secret: str) -> str:
    room = len(secret) - len("@example.com")
    return (
        "x" * room + "@example.com"
        if room > 0
        else "x" * secret.index("@") + secret[secret.index("@") :]
    )


_WELL_KNOWN = {"8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9", "168.63.129.16"}
_DOCUMENTATION = tuple(
    map(ipaddress.ip_network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"))
)


def _address_is_harmless(secret: str, match: re.Match[str]) -> bool:
    """RFC 1918, 5737, 6598, loopback, link-local, multicast; networks rather than hosts; version
    numbers.
    """
    try:
        address = ipaddress.ip_address(secret)
    except ValueError:
        return True
    before, after = (
        match.string[max(0, match.start() - 12) : match.start()].lower(),
        match.string[match.end() :][:3],
    )
    network = after.startswith("/") and not after.startswith("/32")
    version = bool(re.search(r"(version|release|v|§|section)[\s:=]*$", before))
    documented = any(address in block for block in _DOCUMENTATION)
    return (
        not address.is_global
        or address.is_multicast
        or documented
        or network
        or version
        or secret in _WELL_KNOWN
    )


def _address(secret: str) -> str:
    """An address of RFC 5737, or where none has that length of RFC 1918, for the same secret always
    the same.
    """
    n = 1 + int(digits(secret, 6)) % 9
    by_length = {
        8: f"10.0.0.{n}",
        9: f"192.0.2.{n}",
        10: f"192.0.2.{n}0",
        11: f"203.0.113.{n}",
        12: f"203.0.113.{n}0",
        13: f"203.0.113.1{n}0"[:13],
        14: f"172.31.100.1{n}0",
        15: f"192.168.100.1{n}0",
    }
    return by_length.get(len(secret), secret)


_PLAIN_ACCOUNTS = {
    "123456789012",
    "210987654321",
    "012345678901",
    "098765432109",
    "987654321098",
    "123456789123",
}


def _account_is_harmless(secret: str, _match: re.Match[str]) -> bool:
    """The three accounts that AWS reserves for documentation (111122223333 is the shape), and runs
    of digits.
    """
    shaped = re.fullmatch(r"(\d)\1{3}(\d)\2{3}(\d)\3{3}", secret)
    return bool(shaped) or secret in _PLAIN_ACCOUNTS or len(set(secret)) <= 2


def _account(secret: str) -> str:
    return "".join(digit * 4 for digit in digits(secret, 3))


# ---------------------------------------------------------------- IPv6


def _six_is_harmless(secret: str, match: re.Match[str]) -> bool:
    """RFC 3849 documentation, loopback, link-local, unique local, multicast; networks; what is no
    address at all.
    """
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


_RESOLVERS = {"2001:4860:4860::8888", "2001:4860:4860::8844", "2606:4700:4700::1111", "2620:fe::fe"}
_SIX = ipaddress.IPv6Network("2001:db8::/32")


def _six(secret: str) -> str:
    """An address of RFC 3849 of that length, for the same secret always the same; crossed out where
    there is none.
    """
    rest = len(secret) - len("2001:db8::")
    body = digits(secret, max(1, rest)).replace("0", "a")
    body = "".join(":" if n % 5 == 4 else digit for n, digit in enumerate(body))[: max(0, rest)]
    candidate = f"2001:db8::{body}"
    try:
        ipaddress.IPv6Address(candidate)
    except ValueError:
        return re.sub(r"[0-9A-Fa-f]", "x", secret)
    return candidate if len(candidate) == len(secret) else re.sub(r"[0-9A-Fa-f]", "x", secret)


# ---------------------------------------------------------------- numbers of people

_FICTION = re.compile(r"555[ .-]?01\d\d|7700[ .-]?900\d{3}")
"""Telephone numbers set aside for fiction: 555-0100 to 555-0199 (NANPA), 07700 900000 to 900999
(Ofcom).
"""
_CARDS = frozenset(
    {
        "4111111111111111",
        "4242424242424242",
        "4012888888881881",
        "4000056655665556",
        "5555555555554444",
        "5105105105105100",
        "2223003122003222",
        "378282246310005",
        "371449635398431",
        "6011111111111117",
        "6011000990139424",
        "30569309025904",
        "38520000023237",
        "3530111333300000",
        "3566002020360505",
    }
)
"""The card networks' published test numbers."""
_IBANS = frozenset(
    {
        "GB29NWBK60161331926819",
        "DE89370400440532013000",
        "FR1420041010050500013M02606",
        "GB82WEST12345698765432",
    }
)
"""Examples in the IBAN registry (ISO 13616) and in what quotes it."""


def _bare(secret: str) -> str:
    return re.sub(r"[^0-9A-Za-z]", "", secret)


def _runs(number: str) -> bool:
    """True for a placeholder: few different digits, or mostly in counting order."""
    steps = sum((int(b) - int(a)) % 10 in (1, 9) for a, b in pairwise(number))
    return len(set(number)) <= 3 or steps >= 0.7 * (len(number) - 1)


def _phone_is_harmless(secret: str, _match: re.Match[str]) -> bool:
    number = _bare(secret)
    return not 9 <= len(number) <= 15 or _runs(number[2:]) or bool(_FICTION.search(secret))


def _zeroed(kept: int) -> Callable[[str], str]:
    """The first `kept` characters, then zeros for digits and X for letters."""
    return lambda secret: (
        secret[:kept] + re.sub(r"[A-Za-z]", "X", re.sub(r"\d", "0", secret[kept:]))
    )


def _luhn(number: str) -> bool:
    """Checksum of ISO/IEC 7812-1, annex B."""
    doubled = [int(digit) * (1 + n % 2) for n, digit in enumerate(reversed(number))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _card_is_harmless(secret: str, _match: re.Match[str]) -> bool:
    number = _bare(secret)
    return not 13 <= len(number) <= 19 or number in _CARDS or _runs(number[1:]) or not _luhn(number)


def _iban_is_harmless(secret: str, _match: re.Match[str]) -> bool:
    """Not where the check digits are wrong (ISO 13616: the rearranged number is 1 modulo 97)."""
    number = _bare(secret).upper()
    rearranged = "".join(str(int(c, 36)) for c in number[4:] + number[:4])
    return (
        number in _IBANS or int(rearranged) % 97 != 1 or _runs(re.sub(r"\D", "", number[4:]) or "0")
    )


def _social_is_harmless(secret: str, match: re.Match[str]) -> bool:
    """Only where it is called so; numbers that are never issued (SSA: area 000, 666, 9xx) are
    examples.
    """
    around = match.string[max(0, match.start() - 60) : match.end() + 20].lower()
    named = "ssn" in around or "social security" in around
    unissued = (
        secret[:3] in {"000", "666"}
        or secret[0] == "9"
        or secret in {"078-05-1120", "219-09-9999", "123-45-6789"}
    )
    return not named or unissued


DETECTORS: tuple[Detector, ...] = (
    Detector(
        "public_address_v6",
        ("::", ":0"),
        re.compile(
            r"(?<![\w:.])(?P<secret>(?:[0-9A-Fa-f]{1,4}:){2,7}(?::?[0-9A-Fa-f]{1,4}){1,6})(?![\w:])"
        ),
        _six_is_harmless,
        _six,
        re.compile(r":[0-9A-Fa-f]{1,4}:[0-9A-Fa-f:]"),
    ),
    Detector(
        "phone_number",
        ("+",),
        re.compile(
            r"(?<![\w+./=-])(?P<secret>\+[1-9]\d{0,2}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d{2,4}(?:[ "
            r".-]?\d{2,4}){2,4})"
            r"(?![\w.-]?\d)"
        ),
        _phone_is_harmless,
        _zeroed(2),
        re.compile(r"\+[1-9]"),
    ),
    Detector(
        "card_number",
        ("card", "Card", "CARD", "payment", "Payment"),
        re.compile(
            r"(?<![\w./:-])(?P<secret>[2-6]\d{3}(?:[ -]\d{4}){2}[ -]\d{1,7}|3[47]\d{2}[ -]\d{6}[ "
            r"-]\d{5}|"
            r"[2-6]\d{12,18})(?![\w./:-])"
        ),
        _card_is_harmless,
        _zeroed(1),
    ),
    Detector(
        "iban",
        ("IBAN", "iban", "Iban"),
        re.compile(r"\b(?P<secret>[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?)\b"),
        _iban_is_harmless,
        _zeroed(4),
    ),
    Detector(
        "social_security_number",
        ("SSN", "ssn", "ocial security", "ocial Security"),
        re.compile(r"(?<![\w-])(?P<secret>\d{3}-\d{2}-\d{4})(?![\w-])"),
        _social_is_harmless,
        lambda secret: "000" + re.sub(r"\d", "0", secret[3:]),
    ),
    Detector(
        "email",
        ("@",),
        re.compile(
            r"(?<![\w.+%/:-])(?P<secret>[A-Za-z0-9][\w.+%-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,"
            r"4}[A-Za-z]{2,12})\b"
        ),
        _mail_is_harmless,
        _mail,
        re.compile(r"@[A-Za-z0-9-]{1,63}\.[A-Za-z0-9-]"),
    ),
    Detector(
        "account_id",
        ("arn:",),
        re.compile(r"\barn:aws[\w-]*:[\w-]*:[\w-]*:(?P<secret>\d{12})\b"),
        _account_is_harmless,
        _account,
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
