"""Personal data and identities: mail, accounts, numbers.

What standards reserve for documentation stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from secarch.dedupe.scrub.detector import Detector, digits

_DATA: dict[str, Any] = yaml.safe_load(
    Path(__file__).with_name("identifiers.yaml").read_text(encoding="utf-8")
)
_PROTOCOL_HOSTS = tuple(_DATA["mail"]["protocol_hosts"])
_MACHINE_HOSTS = tuple(_DATA["mail"]["machine_hosts"])
_ENDINGS = frozenset(_DATA["mail"]["endings"])
_ALGORITHM = re.compile(
    r"(?:^|[-_.])(?:aes\d*|chacha20|poly1305|[hu]mac|sha\d+|md5|curve\d+|x?ed?25519|sntrup\w*|"
    r"mlkem\w*|kyber\w*|ecdh|ecdsa|ecmqv|rsa|dss|sk|cert|zlib|kex|etm|gcm|cbc|ctr|ocb|serpent|"
    r"twofish|camellia|hostkeys|hostbound|auth-agent|keepalive|statvfs|fsync|rename|hardlink|"
    r"lsetstat|limits|streamlocal|tun|ext-info|strict|ping|pong|x25519|ed448)(?:$|[-_.\d])"
)
"""Parts of names in `name@domain` form, which RFC 4251 (section 6) gives private algorithms."""
_SERVICES = frozenset({"http", "host", "ldap", "cifs", "nfs", "krbtgt", "dns", "mssqlsvc", "imap"})
"""Kerberos services, whose realm is in capitals by convention (RFC 4120, section 6.1)."""
_RESERVED = re.compile(
    r"(^|[.-])(example\d*|contoso|fabrikam|adatum|northwind\w*|acme|domain|company|organization|"
    r"yourdomain|mydomain|your-?company|mycompany|your-?org)\b"
)
_ROLE = re.compile(
    r"git|info|security.*|abuse|support.*|noreply|no-reply|admin.*|contact|root|hello|help|"
    r"postmaster|hostmaster|webmaster|press|legal|sales|billing|privacy|team|user\w*|someone|me|"
    r"you|name|email|anonymous|nobody|guest|"
    r"ec2-user|ubuntu|centos|debian|fedora|core|azureuser|opc|bitnami|vagrant|pi|ansible|jenkins|"
    r"postgres|mysql|oracle|www-data|daemon|deploy|kubernetes-admin|psirt|cert|csirt|soc|"
    r"cncf-.*|.*-(?:users|dev|announce|discuss|security|maintainers|team|alerts|bugs)"
)


def _mail_is_harmless(secret: str, match: re.Match[str]) -> bool:
    """RFC 2606 and RFC 6761 names, service accounts, addresses of roles rather than people, and
    what only looks like mail: algorithms of SSH, systemd units, files, Kerberos principals.
    """
    local, _, host = secret.lower().partition("@")
    protocol = host.endswith(_PROTOCOL_HOSTS) or _ALGORITHM.search(local)
    ending = host.rsplit(".", 1)[-1] in _ENDINGS
    realm = secret.rpartition("@")[2].isupper() and (not secret.isupper() or local in _SERVICES)
    machine = host.endswith(_MACHINE_HOSTS)
    message_id = match.string[match.start() - 1 : match.start()] == "<" and len(local) > 24
    return bool(
        _RESERVED.search(host)
        or ending
        or machine
        or protocol
        or realm
        or message_id
        or _ROLE.fullmatch(local)
        or re.fullmatch(r"x+", local)
    )


def _mail(secret: str) -> str:
    room = len(secret) - len("@example.com")
    return (
        "x" * room + "@example.com"
        if room > 0
        else "x" * secret.index("@") + secret[secret.index("@") :]
    )


_ACCOUNTS = frozenset(number for row in _DATA["accounts"] for number in row["ids"])
_VENDORS = (
    r"service|load balanc|vendor|provider|publisher|third[- ]party|aws|amazon|microsoft|google|"
    r"datadog|splunk|snowflake|databricks|wiz|crowdstrike|new relic|sumo logic|lacework|prisma|"
    r"palo alto|mongodb|confluent|hashicorp|cloudflare|fastly|red hat|canonical|dynatrace|elastic|"
    r"log delivery|logs? delivery|extension|marketplace|rapid7|tenable|orca|aqua|sysdig|okta"
)
_VENDORS_ACCOUNT = re.compile(
    rf"(?:accounts?|principals?|ids?)\b(?:[^.\n]|\.(?=\S)){{0,60}}?\b(?:of|for|owned by|that|"
    rf"belong(?:s|ing) to|used by|run by|managed by|published by)\b[^.\n]{{0,40}}?\b(?:{_VENDORS})|"
    rf"\b(?:{_VENDORS})(?:'s?)?[\w -]{{0,30}}\b(?:accounts?|principals?|topics?|layers?)\b|"
    r"(?:elb|log|billing|vendor|trusted)[-_ ]?(?:delivery)?[-_ ]?account",
    re.IGNORECASE,
)
"""Words that make an account one that a reader must trust: "the account of the ... service"."""
_OWN = re.compile(r"\b(?:your|my|our|own|customer|member|management)\b", re.IGNORECASE)
_VENDORS_RESOURCE = re.compile(r":(?:layer:|(?:Amazon|aws-|AWS|Datadog|Splunk|NewRelic)[\w-]*)")


def _account_is_harmless(secret: str, match: re.Match[str]) -> bool:
    """Accounts that AWS reserves for documentation (111122223333 is the shape), runs of digits, and
    accounts of vendors, which a reader must type as they are.
    """
    shaped = re.fullmatch(r"(\d)\1{3}(\d)\2{3}(\d)\3{3}", secret)
    if shaped or secret in _ACCOUNTS or len(set(secret)) <= 2 or _runs(secret):
        return True
    text = match.string
    if _VENDORS_RESOURCE.match(text, match.end()):
        return True
    start = max(text.rfind("\n\n", 0, match.start()), match.start() - 240, 0)
    found = None
    for found in _VENDORS_ACCOUNT.finditer(text[start : match.start()]):  # noqa: B007 - the last
        pass
    return found is not None and not _OWN.search(found[0])


def _account(secret: str) -> str:
    return "".join(digit * 4 for digit in digits(secret, 3))


# ---------------------------------------------------------------- numbers of people

_FICTION = re.compile(re.sub(r"\s+", "", _DATA["fiction"]))
"""Telephone numbers set aside for fiction and tests, without the plus sign."""
_CARDS = frozenset(_DATA["cards"])
"""The card networks' published test numbers."""
_IBANS = frozenset(_DATA["ibans"])
"""Examples in the IBAN registry (ISO 13616) and in what quotes it."""
_TEST = re.compile(
    r"\b(?:test|example|sample|dummy|fictitious|fictional|magic|fake)", re.IGNORECASE
)


def _is_test(match: re.Match[str]) -> bool:
    """True if the words around call the number a test or an example."""
    return bool(_TEST.search(match.string[max(0, match.start() - 60) : match.end() + 30]))


def _bare(secret: str) -> str:
    return re.sub(r"[^0-9A-Za-z]", "", secret)


def _runs(number: str) -> bool:
    """True for a placeholder: few different digits, or mostly in counting order."""
    steps = sum((int(b) - int(a)) % 10 in (1, 9) for a, b in pairwise(number))
    return len(set(number)) <= 3 or steps >= 0.7 * (len(number) - 1)


def _phone_is_harmless(secret: str, match: re.Match[str]) -> bool:
    number = _bare(secret)
    fiction = _FICTION.match(number) or _is_test(match)
    return not 9 <= len(number) <= 15 or _runs(number[2:]) or bool(fiction)


def _zeroed(kept: int) -> Callable[[str], str]:
    """The first `kept` characters, then zeros for digits and X for letters."""
    return lambda secret: (
        secret[:kept] + re.sub(r"[A-Za-z]", "X", re.sub(r"\d", "0", secret[kept:]))
    )


def _luhn(number: str) -> bool:
    """Checksum of ISO/IEC 7812-1, annex B."""
    doubled = [int(digit) * (1 + n % 2) for n, digit in enumerate(reversed(number))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _card_is_harmless(secret: str, match: re.Match[str]) -> bool:
    number = _bare(secret)
    known = number in _CARDS or "000000" in number or _is_test(match)
    return not 13 <= len(number) <= 19 or known or _runs(number[1:]) or not _luhn(number)


def _iban_is_harmless(secret: str, _match: re.Match[str]) -> bool:
    """Not where the check digits are wrong (ISO 13616: the rearranged number is 1 modulo 97)."""
    number = _bare(secret).upper()
    rearranged = "".join(str(int(c, 36)) for c in number[4:] + number[:4])
    return (
        number in _IBANS or int(rearranged) % 97 != 1 or _runs(re.sub(r"\D", "", number[4:]) or "0")
    )


def _social_is_harmless(secret: str, match: re.Match[str]) -> bool:
    """Only if it is called so; numbers that are never issued (SSA: area 000, 666, 9xx) are
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
            r"(?:(?<![\w.+%/:-])|(?<=mailto:))(?P<secret>[A-Za-z0-9][\w.+%-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,"
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
)
