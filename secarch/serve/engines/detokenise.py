"""Token ids to text, as they come: what was sent never changes, and nothing half is sent."""

from __future__ import annotations

from secarch.models.chat_template import Chat

_BROKEN = "\ufffd"


class Detokeniser:
    """The text of a growing list of ids.

    Some tokenizers write a token differently at the start of a text than after another, and some
    characters are several tokens. So a few ids before the new ones are decoded again with them,
    and a part that ends in the middle of a character waits.
    """

    def __init__(self, chat: Chat) -> None:
        self._chat = chat
        self.ids: list[int] = []
        self._window = 0
        """First id that is decoded again."""
        self._read = 0
        """Ids whose text was given out."""
        self.sent = ""

    def add(self, token: int) -> str:
        """One more id; returns the text that is certain now, maybe none."""
        self.ids.append(token)
        before = self._chat.decode(self.ids[self._window : self._read])
        after = self._chat.decode(self.ids[self._window :])
        if after.endswith(_BROKEN) or len(after) <= len(before):
            return ""
        self._window, self._read = self._read, len(self.ids)
        return self._give(after[len(before) :])

    def rest(self) -> str:
        """What is left at the end, so that the parts add up to the text of all ids."""
        whole = self._chat.decode(self.ids)
        return self._give(whole[len(self.sent) :]) if whole.startswith(self.sent) else ""

    def _give(self, text: str) -> str:
        self.sent += text
        return text


class StopWords:
    """Texts that end an answer: found across parts, and never given out themselves."""

    def __init__(self, stop: tuple[str, ...]) -> None:
        self._stop = stop
        self._held = ""
        self.met = False

    def add(self, text: str, *, last: bool = False) -> str:
        """The text that no stop word can take back any more; sets `met` at the first one."""
        if self.met:
            return ""
        self._held += text
        found = [at for word in self._stop if (at := self._held.find(word)) >= 0]
        if found:
            self.met = True
            return self._held[: min(found)]
        keep = 0 if last else self._tail()
        out, self._held = self._held[: len(self._held) - keep], self._held[len(self._held) - keep :]
        return out

    def _tail(self) -> int:
        """Characters at the end that may be the beginning of a stop word."""
        longest = max((len(word) for word in self._stop), default=1) - 1
        for size in range(min(longest, len(self._held)), 0, -1):
            end = self._held[-size:]
            if any(word.startswith(end) for word in self._stop):
                return size
        return 0
