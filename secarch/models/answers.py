"""Where the answers of a rendered conversation are, and what of the conversation it lacks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from secarch.errors import InvalidInput
from secarch.models.template import ADVICE, line_about

if TYPE_CHECKING:
    from secarch.models.chat_template import Chat
    from secarch.models.prompt import Message


class Spans:
    """Where a rendered conversation's answers are, and what of the conversation it lacks.

    An answer begins where its prompt ends; where the template writes earlier turns otherwise than
    it asked them (Qwen3 drops their thoughts), it begins at its own words. It ends with the first
    stop token after them. What a template trims at a message's ends is not a loss.
    """

    def __init__(self, chat: Chat, messages: Sequence[Message], text: str, asked: str = "") -> None:
        self.chat, self.messages, self.text = chat, messages, text
        self.asked = asked
        """The last prompt as rendered; empty if it is not at hand."""
        self.fault = ""
        self.at = 0
        """End of the message that was found last."""
        self.answers: list[tuple[int, int]] = []
        """Characters [start, end) of each answer with its stop token."""
        for n, message in enumerate(messages):
            if message["role"] == "assistant":
                self._answer(n, self._words(n))
            elif message["role"] == "user":
                self._find(self._words(n), self.at, "user")
        self._system()

    def _words(self, n: int) -> str:
        return self.chat.disarm(self.messages[n]["content"]).strip()

    def _find(self, words: str, since: int, what: str) -> int:
        found = self.text.find(words, since)
        if found < 0:
            self.fault = self.fault or f"the template loses or changes the text of the {what}"
            return since
        self.at = found + len(words)
        return found

    def _answer(self, n: int, words: str) -> None:
        last = n == len(self.messages) - 1
        before = (last and self.asked) or self.chat.render(
            self.messages[:n], add_generation_prompt=True
        )
        begins = len(before) if self.text.startswith(before) else None
        found = self._find(words, self.at if begins is None else begins, "assistant")
        end = self._stop(n)
        if begins is None and end is None:
            raise InvalidInput(
                "this chat template rewrites earlier turns, so the answer's tokens cannot be told "
                "apart",
                where=line_about(self.chat.template, "assistant", "role", "messages"),
                fix=ADVICE,
            )
        start, stop = found if begins is None else begins, self.at if end is None else end
        if start < stop:
            self.answers.append((start, stop))
        self.at = max(self.at, end or 0)

    def _stop(self, n: int) -> int | None:
        """End of the first stop token after the answer and before the next message, if any."""
        limit = len(self.text)
        if n + 1 < len(self.messages):
            following = self.text.find(self._words(n + 1), self.at)
            limit = limit if following < 0 else following
        ends = [
            found + len(stop)
            for stop in self.chat.stop_texts
            if (found := self.text.find(stop, self.at, limit)) >= 0
        ]
        return min(ends, default=None)

    def _system(self) -> None:
        """The system prompt must stand before the last answer, unless it is left out on purpose."""
        upto = self.answers[-1][0] if self.answers else len(self.text)
        for n, message in enumerate(self.messages):
            if message["role"] != "system" or self.chat.system == "none":
                continue
            if self.text.find(self._words(n), 0, upto) < 0:
                self.fault = self.fault or "the template loses the text of the system"
