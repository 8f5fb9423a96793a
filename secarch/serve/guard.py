"""The guard of a stream: prose goes at once, a block of code when it is known to be safe.

The detectors are the evaluation's (`secarch.danger`). They judge a whole block, and what follows
it: "the above is insecure" takes a finding back. So a block is held until it is closed and the
next paragraph, the next block or the end is there. A sentence goes out as it is generated, up to
the moment at which it is a finding as it stands; then it is held to its end and judged again.

What is held back is replaced by a line that names the rule.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Literal

from secarch.danger.safety import Danger, examine

Mode = Literal["off", "mark", "hold"]
CONTEXT = 2000
"""Characters before a block that are read with it, such as "Never do this:"."""
FOLLOWING = 400
"""Characters after a block that count as its next paragraph even without an empty line."""
_FENCE = re.compile(r"`{3,}(?!.*`)|~{3,}")
"""A fence; with a backtick later in its line it is inline code (CommonMark 0.31, 4.5)."""
_SENTENCE_END = re.compile(r"[.!?](?=\s)|\n")
_SUSPECT = re.compile(
    r"[*/0-9]|\b(?:all|any|anyone|anywhere|disable|everyone|internet|open|privileged|public|root|"
    r"skip|turn|without|world)",
    re.IGNORECASE,
)
"""What an unfinished sentence has before it is worth a look: most tokens cost nothing."""


class Guard:
    """Text goes in as it is generated, and comes out as it may be shown."""

    def __init__(self, mode: Mode) -> None:
        self.mode = mode
        self.found: list[Danger] = []
        """Critical findings so far."""
        self._held = ""
        """Not decided on yet."""
        self._context = ""
        """Prose since the last block that was decided on."""

    @property
    def blocked(self) -> bool:
        """Whether something was held back."""
        return self.mode == "hold" and bool(self.found)

    def add(self, text: str, *, last: bool = False) -> str:
        """A part of the answer, the final one with `last`; returns what may be shown now."""
        if self.mode == "off":
            return text
        self._held += text
        shown = "".join(self._released(last=last))
        return shown if self.mode == "hold" else text

    def _released(self, *, last: bool) -> Iterator[str]:
        while self._held:
            fence = _FENCE.search(self._held)
            if fence is not None and fence.start() == 0:
                end = _block_end(self._held, fence.group(), last=last)
                if end is None:
                    return
                yield self._block(end)
            else:
                limit = fence.start() if fence else len(self._held) - _half_a_fence(self._held)
                complete = fence is not None or last
                limit = len(self._held) if last and fence is None else limit
                if not limit:
                    return
                before = len(self._held)
                yield from self._prose(limit, complete=complete)
                if len(self._held) == before or (fence is None and not last):
                    return

    def _block(self, end: int) -> str:
        """Judge the block that the held text begins with."""
        block, self._held = self._held[:end], self._held[end:]
        next_fence = _FENCE.search(self._held)
        following = self._held[: next_fence.start() if next_fence else len(self._held)]
        new = _new(self._context, f"{block}{following}")
        self._context = ""
        return self._decided(block, new, f"{notice(new)}\n")

    def _prose(self, limit: int, *, complete: bool) -> Iterator[str]:
        """Sentence by sentence; an unfinished one is shown unless it is a finding already."""
        while limit:
            match = _SENTENCE_END.search(self._held, 0, limit)
            size = match.end() if match else limit
            part, before = self._held[:size], _paragraph(self._context)
            new = _new(before, part) if match or complete or _suspect(before, part) else []
            if new and not match and not complete:
                return
            self._held, limit = self._held[size:], limit - size
            self._context = (self._context + part)[-CONTEXT:]
            yield self._decided(part, new, notice(new) + ("\n" if part.endswith("\n") else " "))

    def _decided(self, part: str, new: list[Danger], instead: str) -> str:
        self.found += new
        return instead if new else part


def notice(dangers: list[Danger]) -> str:
    """The line that stands in the place of what was held back."""
    rules = ", ".join(sorted({danger.rule for danger in dangers}))
    return f"[held back by secarch: {rules}]"


def _new(before: str, part: str) -> list[Danger]:
    """Critical findings in a text that were not in its beginning."""
    known = Counter(_key(danger) for danger in _critical(before))
    new = []
    for danger in _critical(before + part):
        if known[_key(danger)]:
            known[_key(danger)] -= 1
        else:
            new.append(danger)
    return new


def _critical(text: str) -> list[Danger]:
    return [danger for danger in examine(text) if danger.severity == "critical"]


def _key(danger: Danger) -> tuple[str, str]:
    return danger.rule, danger.evidence


def _paragraph(context: str) -> str:
    return context.rpartition("\n\n")[2]


def _suspect(before: str, part: str) -> bool:
    return bool(_SUSPECT.search(before[-80:] + part))


def _half_a_fence(held: str) -> int:
    """Characters at the end that may be the beginning of a fence."""
    return len(held) - len(held.rstrip(held[-1])) if held[-1] in "`~" else 0


def _block_end(held: str, fence: str, *, last: bool) -> int | None:
    """Where the block ends that the text begins with; None if that, or what must follow, is not
    there yet.
    """
    end = _closing(held, fence)
    if last:
        return len(held) if end is None else end
    return end if end is not None and _is_followed(held[end:]) else None


def _closing(held: str, fence: str) -> int | None:
    """End of the line that closes a block (CommonMark 0.31, 4.5)."""
    at = held.find("\n")
    while at >= 0:
        stop = held.find("\n", at + 1)
        line = held[at + 1 : stop if stop >= 0 else len(held)].strip().lstrip("> ").strip()
        if line and set(line) == {fence[0]} and len(line) >= len(fence):
            return stop + 1 if stop >= 0 else len(held)
        at = stop
    return None


def _is_followed(after: str) -> bool:
    """Whether what follows a block is there: a whole paragraph, or the next block."""
    text = after.lstrip()
    return bool(_FENCE.match(text)) or "\n\n" in text or len(text) > FOLLOWING
