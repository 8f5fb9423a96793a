"""What a detector of secrets is, and the ways to replace one at its own length and shape."""

from __future__ import annotations

import base64
import binascii
import hashlib
import math
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

_EXAMPLE = re.compile(
    r"example|sample|dummy|redacted|your[-_]|changeme|placeholder|x{6,}|\*{4,}|\.{3}|…|0{8,}|"
    r"123456",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, eq=False)
class Detector:
    """One type of secret: how it looks, when it is an example, and what replaces it (same
    length).
    """

    name: str
    hints: tuple[str, ...]
    """Plain strings of which one must be in the text; spares the expression elsewhere."""
    pattern: re.Pattern[str]
    """A group whose name begins with `secret` is what is replaced."""
    harmless: Callable[[str, re.Match[str]], bool]
    replace: Callable[[str], str]
    likely: re.Pattern[str] | None = None
    """Found wherever `pattern` is, at a fraction of its cost, since it begins with a plain string
    or one set.
    """
    line: tuple[str, ...] = ()
    """Strings of which, in any case, one is in the line of each secret, where no secret and nothing
    around it that `pattern` looks at goes beyond a line; other lines are spared the expression.
    """

    def is_likely(self, text: str) -> bool:
        """Whether a text may hold such a secret."""
        return any(hint in text for hint in self.hints) and (
            self.likely is None or self.likely.search(text) is not None
        )


def digits(secret: str, n: int) -> str:
    """`n` decimal digits that depend on the secret alone."""
    number = int.from_bytes(
        hashlib.blake2b(secret.encode("utf-8", "replace"), digest_size=16).digest()
    )
    return str(number % 10**n).zfill(n)


def says_example(secret: str, _match: re.Match[str]) -> bool:
    """True for a value that calls itself an example, is made of few characters, or counts up."""
    few = len(set(secret)) <= max(3, len(secret) // 8)
    return few or bool(_EXAMPLE.search(secret)) or counts_up(secret)


def counts_up(secret: str) -> bool:
    """True if most characters follow their neighbour in code order, as in `abcdef0123456789`."""
    steps = sum(ord(b) - ord(a) == 1 for a, b in pairwise(secret))
    return len(secret) > 5 and steps >= 0.5 * (len(secret) - 1)


def entropy(secret: str) -> float:
    """Bits a character (Shannon 1948) of the characters' frequencies; 0 for an empty string."""
    counts = Counter(secret).values()
    return -sum(n / len(secret) * math.log2(n / len(secret)) for n in counts)


def after(prefix: int) -> Callable[[str], str]:
    """Keep the type's prefix, then EXAMPLE and digits."""

    def replace(secret: str) -> str:
        rest = len(secret) - prefix
        return secret[:prefix] + ("EXAMPLE" + digits(secret, max(1, rest - 7)))[:rest]

    return replace


def crossed(secret: str) -> str:
    """Letters and digits as X; punctuation and lines as they are."""
    return re.sub(r"[A-Za-z0-9+/]", "X", secret)


# ---------------------------------------------------------------- values given to names

_LEET = str.maketrans("@0$135!", "aosiesi")
_WORDS = re.compile(
    r"passw|passphrase|secret|changeme|change[-_]?it|your|replace|insert|placeholder|redacted|"
    r"admin|default|token|api[-_]?key|private|public|credential|letmein|welcome|qwerty|hunter2|"
    r"correct[-_]?horse|dummy|fake|sample|demo|example|username|something|string|value|<|>|"
    r"(?:^|[-_.])(?:my|foo|bar|baz|test|user|pass|temp|key|root|here|dev|prod)(?:$|[-_.\d])"
)
_REFERENCE = re.compile(
    r"(?:var|data|local|module|each|self|env|process|os|config|settings|secrets?|vault|ref|file|"
    r"random_\w+|aws_\w+|azurerm_\w+|google_\w+|params?|input|outputs?|arn|https?|projects|op|"
    r"resolve|sha\d+|keyvault|ssm|Microsoft|valueFrom|System|node)[.:/\[(]|[@!%#\\]",
    re.IGNORECASE,
)


def is_plain_value(secret: str) -> bool:
    """True for what documentation gives as a value: words, a path, a reference, a placeholder.

    A password or key that somebody uses mixes letters with digits in no word of its own.
    """
    if any(mark in secret for mark in "…*") or not re.search(r"\d", secret):
        return True
    if not re.search(r"[A-Za-z]", secret) or _REFERENCE.match(secret):
        return True
    lower = secret.lower()
    if _WORDS.search(lower) or _WORDS.search(lower.translate(_LEET)) or _decodes_to_words(secret):
        return True
    parts = re.split(r"[-_./:+=~]", secret)
    return len(parts) > 1 and all(_is_word(part) for part in parts)


def _is_word(part: str) -> bool:
    """Letters of one case, at most a capital first, with up to four digits at one end."""
    return bool(re.fullmatch(r"(?:v?\d{0,4}(?:[A-Z]?[a-z]+|[A-Z]+)?\d{0,4})", part))


def _decodes_to_words(secret: str) -> bool:
    """True for base64 of a placeholder, such as that of `user:password`."""
    try:
        decoded = base64.b64decode(secret + "=" * (-len(secret) % 4), validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return False
    plain = decoded.strip()
    return plain.isprintable() and bool(
        _WORDS.search(plain.lower()) or counts_up(plain) or plain.isalpha()
    )
