"""A unified diff in which an inserted block stands whole."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

AROUND = 2
"""Lines of context around a change."""
_MARKS = {"replace": ("-", "+"), "delete": ("-", ""), "insert": ("", "+")}


class _Whole(difflib.SequenceMatcher[str]):
    """Changes whose insertions begin as late as possible.

    A new block that ends like the one before it could also begin in the middle of that one, and a
    reader would take its first lines for a change of the old block.
    """

    def __init__(self, before: Sequence[str], after: Sequence[str]) -> None:
        super().__init__(None, before, after, autojunk=False)
        self._new = after

    def get_matching_blocks(self) -> list[difflib.Match]:
        """The equal lines, each insertion between two blocks of them moved down."""
        blocks = [difflib.Match(*one) for one in super().get_matching_blocks()]
        for place in range(len(blocks) - 1):
            one, after = blocks[place], blocks[place + 1]
            low, high = one.b + one.size, after.b
            moved = 0
            if one.a + one.size == after.a:  # nothing of the old lines goes between them
                while moved < after.size and self._new[low + moved] == self._new[high + moved]:
                    moved += 1
            if 0 < moved < after.size:
                blocks[place] = difflib.Match(one.a, one.b, one.size + moved)
                rest = (after.a + moved, after.b + moved, after.size - moved)
                blocks[place + 1] = difflib.Match(*rest)
        return blocks


def patch(before: Sequence[str], after: Sequence[str]) -> str:
    """The hunks of a unified diff, without the names of the files."""
    matcher = _Whole(before, after)
    lines: list[str] = []
    for group in matcher.get_grouped_opcodes(AROUND):
        first, last = group[0], group[-1]
        lines.append(f"@@ -{_range(first[1], last[2])} +{_range(first[3], last[4])} @@")
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                lines += [f" {line}" for line in before[i1:i2]]
                continue
            gone, new = _MARKS[tag]
            lines += [f"-{line}" for line in before[i1:i2] if gone]
            lines += [f"+{line}" for line in after[j1:j2] if new]
    return "\n".join(lines)


def _range(start: int, stop: int) -> str:
    """Lines of a hunk as `diff` writes them."""
    length = stop - start
    if length == 1:
        return str(start + 1)
    return f"{start + bool(length)},{length}"
