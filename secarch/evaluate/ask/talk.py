"""Questions of several messages: the model's answer goes into the next prompt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from secarch.evaluate.ask.spoken import ANSWERED
from secarch.evaluate.engines.protocol import Engine, Messages, Reply
from secarch.models.prompt import next_messages
from secarch.text.reasoning import split

if TYPE_CHECKING:
    from secarch.suite.schema import Question


@dataclass(slots=True)
class Talk:
    """One question and what was said to it so far."""

    question: Question
    messages: Messages
    """The prompt of the next answer."""
    replies: list[Reply] = field(default_factory=list)

    def take(self, reply: Reply) -> None:
        """Keep an answer, and put the next message after it."""
        self.replies.append(reply)
        place = len(self.replies) - 1
        if place < len(self.question.turns):
            message = self.question.turns[place].message
            self.messages = next_messages(self.messages, split(reply.text).answer, message)

    def skip(self) -> None:
        """Keep that the next message was not put, since the answer before it failed."""
        before = self.replies[-1]
        self.replies.append(Reply(text="", tokens=0, finish=before.finish, seconds=0.0))


def converse(engine: Engine, talks: Sequence[Talk], max_new_tokens: int) -> None:
    """Put every message of every question, one turn of all of them at a time.

    After an answer that failed the further messages are not put. Raises what the engine raises.
    """
    turns = max((1 + len(talk.question.turns) for talk in talks), default=0)
    for turn in range(turns):
        due = [talk for talk in talks if turn <= len(talk.question.turns)]
        failed = [talk for talk in due if turn and not _answered(talk.replies[-1])]
        for talk in failed:
            talk.skip()
        asked = [talk for talk in due if talk not in failed]
        replies = engine.answers([talk.messages for talk in asked], max_new_tokens) if asked else []
        for talk, reply in zip(asked, replies, strict=True):
            talk.take(reply)


def _answered(reply: Reply) -> bool:
    """Whether there is an answer that a further message can follow."""
    return reply.finish in ANSWERED and not split(reply.text).unfinished
