"""Text on its way into HTML: escaped, printable, and numbers as people read them."""

from __future__ import annotations

import math
import re

from markupsafe import Markup, escape

# C0 and C1 controls other than tab and line feed mean nothing in HTML; lone surrogates have no
# UTF-8.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
NOTHING = Markup('<p class="note">Nothing to show.</p>')
"""What is in place of an empty table or plot."""


def text(value: object) -> Markup:
    """Escaped text without unprintable characters; Markup passes as it is."""
    return value if isinstance(value, Markup) else escape(_UNPRINTABLE.sub("\ufffd", str(value)))


def join(*parts: object) -> Markup:
    """The parts one after the other, plain ones escaped."""
    return Markup().join(text(part) for part in parts)


def number(value: float, unit: str = "", *, sign: bool = False) -> str:
    """A number for people: thousands separated, fewer decimals the larger it is, a real minus."""
    if not math.isfinite(value):
        return "\u2013"
    shown = f"{value:{'+' if sign else ''},.{_decimals(value)}f}".replace("-", "\u2212")
    return f"{shown}{unit if unit in {'', '%'} else ' ' + unit}"


def _decimals(value: float) -> int:
    size = abs(value)
    if float(value).is_integer() or size >= 1000:
        return 0
    return 1 if size >= 100 else 2 if size >= 10 else 3 if size >= 0.001 else 6
