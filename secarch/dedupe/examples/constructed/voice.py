"""Small grammar for questions and answers: numbers in words, lists, capitals, drawing a wording."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from secarch.dedupe.examples.constructed.template import wording

_SMALL = re.compile(r"(?<=[a-z)`\"][.!?] )([a-z])(?=[a-z']* )")
_NAMES = {
    *("Session", "Entra", "Identity-Aware", "Inspector", "Defender", "Sentinel", "Bastion"),
    *("Config", "Azure", "Amazon", "Google", "Microsoft", "Kubernetes", "Kyverno", "Falco"),
}
"""Words that keep their capital after a colon."""
_PRODUCTS = re.compile(
    r"(?:Access Analyzer|Cloud (?:DNS|KMS|NAT|Run)|Cost Explorer|Docker|Event Grid|Key Vault|"
    r"Lambda|Macie|Network Access Analyzer|Parameter Store|Pod Security|Recovery Services|"
    r"Resource Graph|Roles Anywhere|Secrets Manager|Security (?:Command|Hub)|Terraform|"
    r"User Access|Vault Lock)\b"
)
"""Names of products whose first word is a common one."""
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six")


def in_words(count: int) -> str:
    """A small number in words."""
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


def counted(count: int, noun: str) -> str:
    """Number and noun, such as "two findings"."""
    return f"{in_words(count)} {noun}" + ("" if count == 1 else "s")


def listed(parts: Sequence[str], join: str = "and") -> str:
    """Parts as "a, b and c"; with semicolons if a part has commas of its own."""
    if len(parts) == 2 and any(f" {join} " in part or "," in part for part in parts):
        return f"{parts[0]}, {join} {parts[1]}"
    if any(f" {join} " in part or "," in part for part in parts) and len(parts) > 1:
        return "; ".join(parts[:-1]) + f"; {join} {parts[-1]}"
    if len(parts) < 2:
        return "".join(parts)
    return ", ".join(parts[:-1]) + f" {join} {parts[-1]}"


def capital(text: str) -> str:
    """`text` with its first letter as a capital; code at the beginning stays."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """`text` as a sentence: capital first, full stop last."""
    text = capital(text.strip())
    return text if text.endswith((".", "!", "?", ":", "```", '"')) else f"{text}."


def tidy(text: str) -> str:
    """Capitals after full stops if a filled place left a small letter there; code stays as it is.

    Names in small letters, such as `payroll-export` or `iam:PassRole`, stay too.
    """
    parts = re.split(r"(^```.*?^```$)", text, flags=re.DOTALL | re.MULTILINE)
    return "".join(
        part if part.startswith("```") else _SMALL.sub(lambda match: match[1].upper(), part)
        for part in parts
    )


_END = re.compile(r"(?<=[a-z0-9)`\"][.!?]) (?=[A-Z`])")
_KEPT = re.compile(r"(?:Check|Test|To verify)\b|.*has this change in it already")
"""Sentences that each finding needs for itself."""
_LEAST_REPEATED = 40
"""Characters from which on a sentence that comes again is a repetition."""


def once(text: str) -> str:
    """`text` without sentences that stand in it already; code, tables and checks stay."""
    seen: set[str] = set()
    parts = re.split(r"(^```.*?^```$)", text, flags=re.DOTALL | re.MULTILINE)
    return "".join(
        part
        if part.startswith("```")
        else "\n".join(_fresh(line, seen) for line in part.split("\n"))
        for part in parts
    )


def _fresh(line: str, seen: set[str]) -> str:
    """A line without what is in `seen`, which grows by it; whole if nothing else is left."""
    if line.startswith("|"):
        return line
    told = []
    for one in _END.split(line):
        again = len(one) >= _LEAST_REPEATED and one.lower() in seen and not _KEPT.match(one)
        seen.add(one.lower())
        if not again:
            told.append(one)
    return " ".join(told) or line


class Voice:
    """Wordings for one text: none comes twice before all of its place were used."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self._left: dict[str, list[str]] = {}

    def say(self, place: str, **parts: str) -> str:
        """The next wording of a place, filled; `{Name}` is the capitalised form of `name`."""
        if not self._left.get(place):
            self._left[place] = self.rng.sample(wording()[place], len(wording()[place]))
        return put(self._left[place].pop(), **parts)


def put(text: str, **parts: str) -> str:
    """`text` with its places filled; `{Name}` is the capitalised form of `name`."""
    for name, value in parts.items():
        text = text.replace(": {" + name + "}", ": " + lowered(value))
        text = text.replace("{" + name + "}", value)
        text = text.replace("{" + name.capitalize() + "}", capital(value))
    return text


def lowered(text: str) -> str:
    """`text` as it continues after a colon: small first letter, unless it is a name or code."""
    word = text.split(" ", 1)[0]
    keep = not word[1:].islower() or word.rstrip(",:") in _NAMES or "\n" in text
    keep = keep or bool(_PRODUCTS.match(text))
    return text if len(word) > 1 and keep else text[:1].lower() + text[1:]
