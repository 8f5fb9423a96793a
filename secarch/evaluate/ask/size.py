"""How long prompts are, in tokens: by a model's own tokenizer, else by an estimate."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from secarch.evaluate.ask.prompt import messages
from secarch.suite.schema import Question

_PIECE = re.compile(r"[^\W\d_]+|\d|[^\w\s]|_")
LETTERS = 7
"""Letters of a token, at most. With it the estimate of the core suite's prompts is within 6% of the
word pieces of all-MiniLM-L6-v2, for each kind of question.
"""


def estimate(text: str) -> int:
    """Tokens of a text, roughly: words in parts of `LETTERS`, each digit and mark by itself.

    Example: `estimate("Encrypt it.")` is 3.
    """
    return sum(math.ceil(len(piece) / LETTERS) for piece in _PIECE.findall(text))


def counter(model: str = "") -> tuple[Callable[[Question], int], str]:
    """A function that counts the tokens of all that is put to the model in a question (files,
    options and further messages, without the model's own answers), and how it counts.

    With the chat template and tokenizer of `model` (a folder, or as in `train.base`), else by
    `estimate`. Raises MissingModel.
    """
    if not model:
        return lambda question: estimate(_put(question)), "estimate"
    from secarch.models.chat_template import Chat
    from secarch.models.weights import resolve

    chat = Chat.load(resolve(model))

    def count(question: Question) -> int:
        further = sum(len(chat.plain_ids(turn.message)) for turn in question.turns)
        return len(chat.prompt_ids(messages(question, 0))) + further

    return count, model


def _put(question: Question) -> str:
    first = (message["content"] for message in messages(question, 0))
    return "\n".join([*first, *(turn.message for turn in question.turns)])
