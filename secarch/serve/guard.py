"""The guard of a stream: prose goes at once, a block of code when it is known to be safe.

The detectors are the evaluation's (`secarch.danger`). They judge a whole block, and what follows
it: "the above is insecure" takes a finding back. So a block is held until it is closed and the
next paragraph, the next block or the end is there. Code without a fence (a policy, a manifest,
commands) is held to its end. A sentence goes out as it is generated, up to the moment at which it
is a finding as it stands; then it is held to its end and judged again.

What is held back is replaced by a line that names the rule.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Literal

from secarch.danger.prose import mentions
from secarch.danger.safety import Danger, examine
from secarch.danger.unfenced import goes_on, lines_of, may_open, opens

Mode = Literal["off", "mark", "hold"]
CONTEXT = 2000
"""Characters before a block that are read with it, such as "Never do this:"."""
FOLLOWING = 400
"""Characters after a block that count as its next paragraph even without an empty line."""
_FENCE = re.compile(r"`{3,}(?!.*`)|~{3,}")
"""A fence; with a backtick later in its line it is inline code (CommonMark 0.31, 4.5)."""
_SENTENCE_END = re.compile(r"[.!?](?=\s)|\n")
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=*"
"""Characters of words that can be in the middle of one, such as a host or a setting."""
_SUSPECT = re.compile(
    r"[*/`0-9]|=|\b(?:admin|all(?:users)?\b|any|bind|certificat|cluster-|credential|disabl"
    r"|encrypt|everyone"
    r"|http\b|internet|keys?\b|mfa\b|mount|open|owner|password|plain|privileged|public|root|secret"
    r"|shared|skip|socket|tls\b|token|turn|unencrypt|verif|without|world)",
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
        self._sentence = ""
        """What was shown of the present sentence."""
        self._counted: Counter[tuple[str, str]] = Counter()
        """Findings in the present paragraph that were decided on."""

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
        new = self._of_code(f"{block}{following}")
        return self._decided(block, new, f"{notice(new)}\n")

    def _prose(self, limit: int, *, complete: bool) -> Iterator[str]:
        """Sentence by sentence; an unfinished one is shown unless it is a finding already."""
        while limit:
            code = self._bare(limit, complete=complete)
            if code is None:
                return
            if code:
                yield self._snippet(code)
                limit -= code
                continue
            match = next(_sentence_ends(self._held, limit), None)
            ended = bool(match or complete)
            size = match or (limit if complete else self._whole_words(limit))
            if not size:
                return
            part = self._held[:size]
            new = self._of_prose(part) if ended or self._suspect(part) else []
            if new and not ended:
                return
            self._held, limit = self._held[size:], limit - size
            self._told(part, new, ended=ended)
            yield self._decided(part, new, notice(new) + ("\n" if part.endswith("\n") else " "))

    def _whole_words(self, limit: int) -> int:
        """Characters of an unfinished sentence that may be shown: inline code whole or not at all,
        and no part of a word if it may make a finding of what was shown.
        """
        text = self._held[:limit]
        text = text[: text.rfind("`")] if text.count("`") % 2 else text
        if not any(map(str.isalnum, self._sentence + text)):
            return len(text)  # marks such as `**` before the first word
        return len(text.rstrip(_LETTERS)) if self._suspect(text) else len(text)

    def _suspect(self, part: str) -> bool:
        """Whether an unfinished sentence is worth a look."""
        return bool(_SUSPECT.search(self._sentence[-80:] + part))

    def _of_prose(self, part: str) -> list[Danger]:
        """Critical findings that a part of a sentence completes."""
        sentence = self._sentence + part
        if "`" not in sentence and not mentions(sentence):
            return []
        return _beyond(self._counted, _paragraph(self._context) + part)

    def _told(self, part: str, new: list[Danger], *, ended: bool) -> None:
        """Prose was decided on; what was found in it counts once for its paragraph."""
        self._sentence = "" if ended else self._sentence + part
        self._context = (self._context + part)[-CONTEXT:]
        self._counted.update(map(_key, new))
        if self._context.endswith("\n\n"):
            self._counted.clear()

    def _bare(self, limit: int, *, complete: bool) -> int | None:
        """Characters of the code without a fence that the held text begins with; None if that, or
        whether it is code, is not known yet.
        """
        shown = self._context.rpartition("\n")[2]
        if shown.strip():
            return 0
        *lines, begun = (shown + self._held[:limit]).split("\n")
        if complete and begun:
            lines, begun = [*lines, begun], ""
        if not lines:
            # White space alone is shown: the line is judged with it once its first word is there.
            return None if begun.strip() and may_open(begun) else 0
        if not opens(lines, more=True):
            return 0
        count = lines_of(lines)
        if not complete and goes_on(lines, count):
            return None
        return min(limit, sum(len(line) + 1 for line in lines[:count]) - len(shown))

    def _snippet(self, size: int) -> str:
        """Judge the code without a fence that the held text begins with."""
        code, self._held = self._held[:size], self._held[size:]
        new = self._of_code(code)
        return self._decided(code, new, f"{notice(new)}\n")

    def _of_code(self, code: str) -> list[Danger]:
        """Critical findings in code, read with the prose before it."""
        known = Counter(map(_key, _critical(self._context)))
        found = _beyond(known, self._context + code)
        self._context = self._sentence = ""
        self._counted.clear()
        return found

    def _decided(self, part: str, new: list[Danger], instead: str) -> str:
        self.found += new
        return instead if new else part


def warm() -> None:
    """Compile what the detectors look with, which would hold up the first answer."""
    mentions("word")
    examine("```sh\nls\n```\n")


def notice(dangers: list[Danger]) -> str:
    """The line that is in the place of what was held back."""
    rules = ", ".join(sorted({danger.rule for danger in dangers}))
    return f"[held back by secarch: {rules}]"


def _beyond(known: Counter[tuple[str, str]], text: str) -> list[Danger]:
    """Critical findings in a text that are not among the known ones."""
    left, new = Counter(known), []
    for danger in _critical(text):
        if left[_key(danger)]:
            left[_key(danger)] -= 1
        else:
            new.append(danger)
    return new


def _critical(text: str) -> list[Danger]:
    return [danger for danger in examine(text) if danger.severity == "critical"]


def _key(danger: Danger) -> tuple[str, str]:
    return danger.rule, danger.evidence


def _paragraph(context: str) -> str:
    return context.rpartition("\n\n")[2]


def _sentence_ends(text: str, limit: int) -> Iterator[int]:
    """Where sentences end, outside inline code; a line feed ends both."""
    for match in _SENTENCE_END.finditer(text, 0, limit):
        if match.group() == "\n" or not text.count("`", 0, match.end()) % 2:
            yield match.end()


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
