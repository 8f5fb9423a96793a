"""Measure the code of a document: in this domain a commented configuration is content."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from secarch.text.markdown import Block

_WORD = re.compile(r"\w+")
_COMMENT = re.compile(
    r"(?:^|(?<=\s))(?:#(?!!)|//|--(?=\s)|;(?=\s))[ \t]*(?P<line>[^\n]*)|"
    r"/\*(?P<block>.{0,2000}?)\*/|"
    r"<!--(?P<markup>.{0,2000}?)-->|\"[Dd]escription\"\s*:\s*\"(?P<json>[^\"\n]*)\"|"
    r"(?i:\bdescription)\s*[:=]\s*(?P<field>[^\n]*)",
    re.MULTILINE | re.DOTALL,
)
"""Comments of HCL, YAML, JSON, shells, SQL, Rego, Bicep and markup, and fields that describe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """Counts of all code blocks of one document."""

    words: int
    comment_words: int
    """Words of comments and of `description` fields."""


def measure_code(text: str, found: Sequence[Block]) -> Code:
    """Count the words and the comments' words of the code blocks of `text`."""
    blocks = [text[b.start : b.end] for b in found if b.kind == "code"]
    if not blocks:
        return Code(words=0, comment_words=0)
    code = "\n".join(block.split("\n", 1)[-1].rsplit("\n", 1)[0] for block in blocks)
    comments = (next(filter(None, match.groups()), "") for match in _COMMENT.finditer(code))
    return Code(
        words=len(_WORD.findall(code)),
        comment_words=sum(len(_WORD.findall(comment)) for comment in comments),
    )
