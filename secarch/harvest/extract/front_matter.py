"""Front matter: the block of settings that site generators put before a Markdown page's text."""

from __future__ import annotations

import re

_BLOCK = re.compile(
    r"\A\ufeff?(---|\+\+\+)[ \t]*\r?\n(.{0,20000}?)\r?\n\1[ \t]*(?:\r?\n|\Z)", re.DOTALL
)
_TITLE = re.compile(r"^title\s*[:=]\s*(.+?)\s*$", re.MULTILINE | re.IGNORECASE)


def split(text: str) -> tuple[str, str]:
    """The title that YAML or TOML front matter states ('' if there is none), and the text
    without that block.
    """
    block = _BLOCK.match(text)
    if not block:
        return "", text
    title = _TITLE.search(block[2])
    return (title[1].strip().strip("\"'").strip() if title else ""), text[block.end() :]
