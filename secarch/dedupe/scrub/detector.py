"""What a detector of secrets is, and the ways to replace one at its own length and shape."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

_EXAMPLE = re.compile(
    r"example|sample|dummy|redacted|your[-_]|changeme|placeholder|x{6,}|\*{4,}|\.{3}|…|0{8,}|"
    r"123456",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Detector:
    """One type of secret: how it looks, when it is an example, and what replaces it (same
    length).
    """

    name: str
    hints: tuple[str, ...]
    """Plain strings of which one must be in the text; spares the expression elsewhere."""
    pattern: re.Pattern[str]
    """Group `secret` is what is replaced."""
    harmless: Callable[[str, re.Match[str]], bool]
    replace: Callable[[str], str]
    likely: re.Pattern[str] | None = None
    """Found wherever `pattern` is, at a fraction of its cost, since it begins with a plain string
    or one set.
    """


def digits(secret: str, n: int) -> str:
    """`n` decimal digits that depend on the secret alone."""
    number = int.from_bytes(
        hashlib.blake2b(secret.encode("utf-8", "replace"), digest_size=16).digest()
    )
    return str(number % 10**n).zfill(n)


def says_example(secret: str, _match: re.Match[str]) -> bool:
    """True for a value that calls itself an example, or is made of few characters."""
    few = len(set(secret)) <= max(3, len(secret) // 8)
    return few or bool(_EXAMPLE.search(secret))


def after(prefix: int) -> Callable[[str], str]:
    """Keep the type's prefix, then EXAMPLE and digits."""

    def replace(secret: str) -> str:
        rest = len(secret) - prefix
        return secret[:prefix] + ("EXAMPLE" + digits(secret, max(1, rest - 7)))[:rest]

    return replace


def crossed(secret: str) -> str:
    """Letters and digits as X; punctuation and lines as they are."""
    return re.sub(r"[A-Za-z0-9+/]", "X", secret)
