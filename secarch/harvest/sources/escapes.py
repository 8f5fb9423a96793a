"""Percent-escapes of URLs in one spelling, so that equal addresses are equal texts."""

from __future__ import annotations

import re

_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def one_spelling(text: str) -> str:
    """Escapes of unreserved characters resolved, others in capitals (RFC 3986, section 6.2.2).

    Example: `one_spelling("%7euser/%2f")` is `"~user/%2F"`.
    """
    return _ESCAPE.sub(_spelling, text) if "%" in text else text


def _spelling(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 16))
    return character if character in _UNRESERVED else escape[0].upper()
