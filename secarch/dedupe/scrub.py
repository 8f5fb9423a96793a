"""Credentials and personal data go; the examples that documentation is made of stay.

A scrubber without an allow-list destroys the lessons: in 7,796 public pages every one of 128 AWS key ids was a
documented EXAMPLE id. So each detector knows what is reserved for documentation, and the rest is replaced by a
placeholder of the same length and shape: offsets stay true, equal secrets stay equal, and scrubbing twice changes
nothing.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

_EXAMPLE = re.compile(
    r"example|sample|dummy|redacted|your[-_]|changeme|placeholder|x{6,}|\*{4,}|\.{3}|…|0{8,}|123456", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Detector:
    """One type of secret: how it looks, when it is an example, and what replaces it (same length)."""

    name: str
    hints: tuple[str, ...]
    """Plain strings of which one must be in the text; spares the expression elsewhere."""
    pattern: re.Pattern[str]
    """Group `secret` is what is replaced."""
    harmless: Callable[[str, re.Match[str]], bool]
    replace: Callable[[str], str]


def scrub(text: str) -> tuple[str, Counter[str]]:
    """`text` with secrets replaced, of the same length, and how many of each type were."""
    counts: Counter[str] = Counter()
    for detector in DETECTORS:
        if any(hint in text for hint in detector.hints):
            text = _apply(detector, text, counts)
    return text, counts


def _apply(detector: Detector, text: str, counts: Counter[str]) -> str:
    def one(match: re.Match[str]) -> str:
        secret = match["secret"]
        if detector.harmless(secret, match):
            return match[0]
        replaced = detector.replace(secret)
        if replaced == secret:
            return match[0]
        counts[detector.name] += 1
        at = match.start("secret") - match.start()
        return match[0][:at] + replaced + match[0][at + len(secret) :]

    return detector.pattern.sub(one, text)


def _digits(secret: str, n: int) -> str:
    """`n` decimal digits that depend on the secret alone."""
    number = int.from_bytes(hashlib.blake2b(secret.encode("utf-8", "replace"), digest_size=16).digest())
    return str(number % 10**n).zfill(n)


def _says_example(secret: str, _match: re.Match[str]) -> bool:
    few = len(set(secret)) <= max(3, len(secret) // 8)
    return few or bool(_EXAMPLE.search(secret))


def _after(prefix: int) -> Callable[[str], str]:
    """Keep the type's prefix, then EXAMPLE and digits."""

    def replace(secret: str) -> str:
        rest = len(secret) - prefix
        return secret[:prefix] + ("EXAMPLE" + _digits(secret, max(1, rest - 7)))[:rest]

    return replace


def _crossed(secret: str) -> str:
    """Letters and digits as X; punctuation and lines as they are."""
    return re.sub(r"[A-Za-z0-9+/]", "X", secret)


# ---------------------------------------------------------------- addresses and accounts


def _mail_is_harmless(secret: str, _match: re.Match[str]) -> bool:
    """RFC 2606 and RFC 6761 names, service accounts, and addresses of roles rather than people."""
    local, _, host = secret.lower().partition("@")
    reserved = re.search(r"(^|[.-])(example|contoso|fabrikam|adatum|acme|domain|company|yourdomain|mydomain)\b", host)
    reserved_top = host.rsplit(".", 1)[-1] in {"example", "test", "invalid", "localhost", "local", "internal"}
    machine = host.endswith(("gserviceaccount.com", "amazonaws.com", "noreply.github.com", "onmicrosoft.com"))
    role = re.fullmatch(
        r"git|info|security.*|abuse|support.*|noreply|no-reply|admin.*|contact|root|hello|help|postmaster|press|legal"
        r"|privacy|team|user\w*|someone|me|you|name|email|cncf-.*|.*-(?:users|dev|announce|discuss|"
        r"security|maintainers)",
        local,
    )
    return bool(reserved or reserved_top or machine or role or re.fullmatch(r"x+", local))


def _mail(secret: str) -> str:
    room = len(secret) - len("@example.com")
    return "x" * room + "@example.com" if room > 0 else "x" * secret.index("@") + secret[secret.index("@") :]


_WELL_KNOWN = {"8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9", "168.63.129.16"}
_DOCUMENTATION = tuple(map(ipaddress.ip_network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")))


def _address_is_harmless(secret: str, match: re.Match[str]) -> bool:
    """RFC 1918, 5737, 6598, loopback, link-local, multicast; networks rather than hosts; version numbers."""
    try:
        address = ipaddress.ip_address(secret)
    except ValueError:
        return True
    before, after = match.string[max(0, match.start() - 12) : match.start()].lower(), match.string[match.end() :][:3]
    network = after.startswith("/") and not after.startswith("/32")
    version = bool(re.search(r"(version|release|v|§|section)[\s:=]*$", before))
    documented = any(address in block for block in _DOCUMENTATION)
    return not address.is_global or address.is_multicast or documented or network or version or secret in _WELL_KNOWN


def _address(secret: str) -> str:
    """An address of RFC 5737, or where none has that length of RFC 1918, for the same secret always the same."""
    n = 1 + int(_digits(secret, 6)) % 9
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


_PLAIN_ACCOUNTS = {"123456789012", "210987654321", "012345678901", "098765432109", "987654321098", "123456789123"}


def _account_is_harmless(secret: str, _match: re.Match[str]) -> bool:
    """The three accounts that AWS reserves for documentation (111122223333 is the shape), and runs of digits."""
    shaped = re.fullmatch(r"(\d)\1{3}(\d)\2{3}(\d)\3{3}", secret)
    return bool(shaped) or secret in _PLAIN_ACCOUNTS or len(set(secret)) <= 2


def _account(secret: str) -> str:
    return "".join(digit * 4 for digit in _digits(secret, 3))


# ---------------------------------------------------------------- the detectors


def _never(_secret: str, _match: re.Match[str]) -> bool:
    return False


def _token(name: str, prefix: str, body: str) -> Detector:
    pattern = re.compile(rf"(?<![\w-])(?P<secret>{re.escape(prefix)}{body})(?![\w-])")
    return Detector(name, (prefix,), pattern, _says_example, _after(len(prefix)))


DETECTORS: tuple[Detector, ...] = (
    Detector(
        "private_key",
        ("PRIVATE KEY-----",),
        # No two hyphens inside, so that a row of opening lines without an end costs no time.
        re.compile(
            r"-----BEGIN (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY-----"
            r"(?P<secret>(?:[A-Za-z0-9+/=\s\\:,]|-(?!-)){80,20000})-----END "
        ),
        _never,
        _crossed,
    ),
    Detector(
        "aws_access_key",
        ("AKIA", "ASIA"),
        re.compile(r"\b(?P<secret>(?:AKIA|ASIA)[A-Z0-9]{16})\b"),
        _says_example,
        _after(4),
    ),
    Detector(
        "aws_secret_key",
        ("ecret",),
        re.compile(r"(?i:secret_?access_?key|aws_?secret)[\"'\s:=]{1,8}(?P<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+])"),
        _says_example,
        _after(0),
    ),
    _token("github_token", "ghp_", r"[A-Za-z0-9]{36}"),
    _token("github_token", "gho_", r"[A-Za-z0-9]{36}"),
    _token("github_token", "github_pat_", r"\w{50,90}"),
    _token("gitlab_token", "glpat-", r"[\w-]{20}"),
    _token("slack_token", "xoxb-", r"[0-9A-Za-z-]{20,80}"),
    _token("slack_token", "xoxp-", r"[0-9A-Za-z-]{20,80}"),
    _token("google_api_key", "AIza", r"[\w-]{35}"),
    _token("stripe_key", "sk_live_", r"[A-Za-z0-9]{16,99}"),
    _token("huggingface_token", "hf_", r"[A-Za-z0-9]{34}"),
    _token("npm_token", "npm_", r"[A-Za-z0-9]{36}"),
    Detector(
        "azure_storage_key",
        ("AccountKey=",),
        re.compile(r"AccountKey=(?P<secret>[A-Za-z0-9+/]{86}==)"),
        _says_example,
        _after(0),
    ),
    Detector(
        "jwt", ("eyJ",), re.compile(r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.(?P<secret>[\w-]{20,})"), _says_example, _crossed
    ),
    Detector(
        "password_in_url",
        ("://",),
        re.compile(r"\b[a-z][a-z0-9+.-]{1,15}://[^\s:/@\"'<>`]{1,64}:(?P<secret>[^\s:/@\"'<>`${}\[\]()]{6,64})@"),
        lambda secret, _match: (
            _says_example(secret, _match) or bool(re.search(r"(?i)pass|secret|pwd|token|user", secret))
        ),
        _crossed,
    ),
    Detector(
        "email",
        ("@",),
        re.compile(
            r"(?<![\w.+%/:-])(?P<secret>[A-Za-z0-9][\w.+%-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,4}[A-Za-z]{2,12})\b"
        ),
        _mail_is_harmless,
        _mail,
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
    ),
)
