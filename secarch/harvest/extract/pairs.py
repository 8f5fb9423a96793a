"""What stands between two marks, in one pass: `<!--.*?-->` as one expression takes the square of a
text's length if nothing closes it.
"""

from __future__ import annotations

import re
from collections.abc import Callable


def between(
    text: str,
    opening: re.Pattern[str],
    closing: re.Pattern[str],
    put: Callable[[re.Match[str], str], str] = lambda _opened, _inside: "",
) -> str:
    """`text` with each stretch from an opening mark to the next closing one replaced by what `put`
    makes of the opening and of what is inside; nothing by default. What nothing closes stays.

    Example: with `<!--` and `-->`, "a<!--b-->c<!--d" is "ac<!--d".
    """
    out, at = [], 0
    while opened := opening.search(text, at):
        closed = closing.search(text, opened.end())
        if closed is None:
            break
        out += [text[at : opened.start()], put(opened, text[opened.end() : closed.start()])]
        at = closed.end()
    out.append(text[at:])
    return "".join(out)
