"""The patterns by which byte-level tokenizers cut texts, for those whose words are independent."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_TAIL = r"|\s*[\r\n]+|\s+(?!\S)|\s+"
_SHORT = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
_UPPER, _LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
_ONE = r"[^\r\n\p{L}\p{N}]?"
_GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
_MARKS = r" ?[^\s\p{L}\p{N}]+[\r\n]*"
_SLASHES = r" ?[^\s\p{L}\p{N}]+[\r\n/]*"
PATTERNS = frozenset(
    {
        _GPT2,
        f"{_SHORT}|{_ONE}\\p{{L}}+|\\p{{N}}{{1,3}}|{_MARKS}{_TAIL}",  # Llama 3, OLMo 2, Phi-4
        f"{_SHORT}|{_ONE}\\p{{L}}+|\\p{{N}}|{_MARKS}{_TAIL}",  # Qwen 2 and 3
        (
            f"{_ONE}{_UPPER}*{_LOWER}+{_SHORT}?|{_ONE}{_UPPER}+{_LOWER}*{_SHORT}?|"
            f"\\p{{N}}{{1,3}}|{_SLASHES}{_TAIL}"  # gpt-oss
        ),
        f"{_ONE}{_UPPER}*{_LOWER}+|{_ONE}{_UPPER}+{_LOWER}*|\\p{{N}}|{_SLASHES}{_TAIL}",  # Mistral
    }
)
"""Patterns by which texts are cut; each ends a piece before a space between two other characters,
and covers every character.
"""
_ASCII = {
    "L": "A-Za-z",
    "N": "0-9",
    "Lu": "A-Z",
    "Ll": "a-z",
    "Lt": "",
    "Lm": "",
    "Lo": "",
    "M": "",
}
"""What a Unicode category holds of ASCII."""
_CATEGORY = re.compile(r"\\p\{(\w+)\}")


def ascii_pattern(pattern: str) -> re.Pattern[str]:
    r"""A pattern as Python's `re` has it, for texts of ASCII alone.

    >>> ascii_pattern(r"[^\s\p{L}]+|\p{Lu}").pattern
    '[^\\sA-Za-z]+|[A-Z]'
    """
    parts, inside = [], False
    for part in re.split(r"(\\p\{\w+\}|\\.|[\[\]])", pattern):
        inside = part == "[" or (inside and part != "]")
        found = _CATEGORY.fullmatch(part)
        letters = _ASCII[found[1]] if found else ""
        parts.append(part if not found else letters if inside else f"[{letters}]")
    return re.compile("".join(parts))


def cuts(tokenizer: Tokenizer) -> list[re.Pattern[str]] | None:
    """The patterns by which a tokenizer cuts ASCII, one after the other; None if its words cannot
    be told to be independent.
    """
    from tokenizers.models import BPE

    model, before = tokenizer.model, tokenizer.pre_tokenizer
    normal = _spec(tokenizer.normalizer)
    if (
        not isinstance(model, BPE)
        or before is None
        or model.dropout
        or model.continuing_subword_prefix
        or model.end_of_word_suffix
        or normal.get("type", "NFC") != "NFC"
        or not _apart(tokenizer, normalised=bool(normal))
        or any(step.get("trim_offsets") for step in _steps(_spec(tokenizer.post_processor)))
    ):
        return None
    return _patterns(_steps(_spec(before)))


def _spec(part: Any) -> dict[str, Any]:
    """What a part of a tokenizer says of itself; {} if there is no such part."""
    found: dict[str, Any] = json.loads(part.__getstate__()) if part else {}
    return found


def _steps(spec: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] | None = spec.get("pretokenizers") or spec.get("processors")
    return found or [spec]


def _apart(tokenizer: Tokenizer, *, normalised: bool) -> bool:
    """Whether added tokens are what `Words` finds: in a text as it is, all of them in one pass."""
    added = tokenizer.get_added_tokens_decoder().values()
    later = {token.normalized for token in added}  # looked for in what the others leave
    if len(later) > 1 or (normalised and True in later):
        return False
    return not any(t.lstrip or t.rstrip or t.single_word or " " in t.content for t in added)


def _patterns(steps: Sequence[dict[str, Any]]) -> list[re.Pattern[str]] | None:
    """The patterns of a pre-tokenizer's steps; None if one of them is not known."""
    last = steps[-1] if steps else {}
    if last.get("type") != "ByteLevel" or last.get("add_prefix_space"):
        return None
    found = [_pattern(step) for step in steps[:-1]]
    if last.get("use_regex", True):
        found.append(_GPT2)
    known = [pattern for pattern in found if pattern]
    if len(known) != len(found) or not PATTERNS & set(known):
        return None
    return [ascii_pattern(pattern) for pattern in known]


def _pattern(step: dict[str, Any]) -> str:
    """The pattern of one step, '' if it is not known."""
    if step.get("type") == "Digits":
        return r"\p{N}|[^\p{N}]+" if step.get("individual_digits") else r"\p{N}+|[^\p{N}]+"
    regex = (step.get("pattern") or {}).get("Regex", "")
    whole = step.get("behavior") == "Isolated" and not step.get("invert")
    return regex if step.get("type") == "Split" and whole and regex in PATTERNS else ""
