"""Text as patterns see it: lower case, without markup, its spaces single."""

from __future__ import annotations

import re

_LINK = re.compile(r"!?\[([^\]\n]{1,300})\]\([^)\s]{0,600}\)")
_STRUCK = re.compile(r"~~[^~\n]{1,600}~~")
_EMPHASIS = re.compile(r"""(?<![\w:*/"'.=])(\*{1,3})(?=[^\s*])([^*\n]{1,600}?)(?<=\S)\1(?![\w*])""")
_UNDERLINE = re.compile(r"(?<!\w)(_{1,3})(?=[^\s_])([^_\n]{1,600}?)(?<=[^\s_])\1(?!\w)")
_CHARACTERS = str.maketrans(
    {
        "\u2018": "'",
        "\u2019": "'",
        "\u201a": "'",
        "\u201b": "'",
        "\u2032": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u201e": '"',
        "\u2033": '"',
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "-",
        "\u2013": "-",
        "\u2212": "-",
        "\u00ad": "",
        "\u2014": " - ",
        "\u00a0": " ",
        "\u202f": " ",
        "\u2009": " ",
        "\u200b": "",
        "\ufeff": "",
    }
)


def plain(text: str) -> str:
    """Lower case, straight quotes, one hyphen, no emphasis or code marks, link texts only, single
    spaces.
    """
    # Most sentences hold no markup, and to look for one character is far cheaper than to search.
    text = text if text.isascii() else text.translate(_CHARACTERS)
    if "~~" in text:
        text = _STRUCK.sub("", text)
    if "](" in text:
        text = _LINK.sub(r"\1", text)
    if "*" in text or "_" in text:
        for _ in range(2):
            text = _UNDERLINE.sub(r"\2", _EMPHASIS.sub(r"\2", text))
    return " ".join(text.replace("`", "").lower().split())


def plain_code(text: str) -> str:
    """Code in lower case with straight quotes and single spaces; nothing of it is taken for
    markup.
    """
    return " ".join(text.translate(_CHARACTERS).lower().split())
