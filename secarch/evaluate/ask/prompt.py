"""What the model is shown of a question."""

from __future__ import annotations

from secarch.evaluate.ask import choices
from secarch.models.prompt import Message, asked_text, question_messages
from secarch.suite.schema import Question


def messages(question: Question, seed: int) -> list[Message]:
    """What the model is shown: system prompt, question, files, and the options of a multiple
    choice.
    """
    text = choices.prompt(question, seed) if question.choices else question.question
    return question_messages(text, question.files)


def asked_whole(question: Question) -> str:
    """The question as the model was shown it, further messages included, for people to read."""
    further = [turn.message for turn in question.turns]
    return asked_text(question.question, question.files, further)
