"""What a row of the tables of bad values is, and how one is written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from secarch.suite.schema import Severity

Fault = Literal[
    "public", "encryption", "tls", "logging", "metadata", "container", "access", "verification"
]
OLD_TLS = (
    "1.0 1.1 tls1_0 tls1_1 tls_1_0 tls_1_1 tls1.0 tls1.1 tlsv1 tlsv1.0 tlsv1.1 tlsv1_2016 "
    "tlsv1.1_2016 sslv3 tlsenforcementdisabled tls10 tls11 disabled"
)


@dataclass(frozen=True, slots=True)
class Attribute:
    """Names of an argument, and the values of it that are faults."""

    fault: Fault
    path: re.Pattern[str]
    """Of the end of a dotted path in snake case."""
    bad: frozenset[str]
    """In lower case."""
    prefixes: tuple[str, ...] = ()
    """Beginnings of values that are faults."""
    kinds: re.Pattern[str] | None = None
    """Of the resource's kind, where the name alone is not enough."""
    unless: tuple[str, ...] = ()
    """Arguments of the resource with which it is not a fault."""
    severity: Severity | None = None
    """Where this value weighs another than the rule says."""


def row(
    fault: Fault,
    path: str,
    bad: str,
    *,
    kinds: str = "",
    unless: str = "",
    severity: Severity | None = None,
) -> Attribute:
    """An `Attribute`, its values and exceptions given as words; `x*` is every value that begins
    with x.
    """
    return Attribute(
        fault,
        re.compile(rf"(?:^|\.)(?:{path})$"),
        frozenset(word for word in bad.split() if not word.endswith("*")),
        tuple(word[:-1] for word in bad.split() if word.endswith("*")),
        re.compile(kinds) if kinds else None,
        tuple(unless.split()),
        severity,
    )
