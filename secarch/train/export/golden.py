"""Golden prompts: what the merged model must answer, token by token, wherever it is served."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from secarch.errors import GateFailed
from secarch.models.chat_template import Chat
from secarch.models.prompt import question_messages
from secarch.schema import JsonDict

if TYPE_CHECKING:
    from secarch.models.local import Generated, Model

GOLDEN = "golden.json"
"""Golden prompts with the merged model's answers, in token ids: the handshake of whoever serves it.
"""
PROMPTS, ANSWER_TOKENS = 8, 48
"""Golden prompts that are replayed; tokens of each answer at most."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What one model answered to the golden prompts."""

    ids: list[str]
    prompts: list[list[int]]
    answers: list[Generated]


def answered(model: Model) -> Answers:
    """Golden prompts answered greedily."""
    from secarch.suite.schema import load

    questions = load(["core"], smoke=True).questions[:PROMPTS]
    prompts = [model.chat.prompt_ids(question_messages(q.question, q.files)) for q in questions]
    answers = model.generate(prompts, ANSWER_TOKENS)
    return Answers([question.id for question in questions], prompts, answers)


def golden_file(chat: Chat, given: Answers) -> JsonDict:
    """golden.json: what an engine that serves these weights must repeat, token by token."""
    rows = [
        {
            "question_id": name,
            "prompt_ids": prompt,
            "ids": answer.ids,
            "finish": answer.finish,
            "text": chat.decode(answer.ids),
        }
        for name, prompt, answer in zip(given.ids, given.prompts, given.answers, strict=True)
    ]
    return {"schema": 1, "max_new_tokens": ANSWER_TOKENS, "answers": rows}


def replayed(ours: Answers, theirs: Answers) -> JsonDict:
    """How many answers of the two are the same; where they part, the token at which.

    Raises GateFailed if the two were asked in other tokens.
    """
    if ours.prompts != theirs.prompts:
        raise GateFailed(
            "the exported template asks otherwise than the run was trained",
            fix="secarch train with the template of its base, then export again",
        )
    parted = {
        name: sum(
            1 for _ in takewhile(lambda two: two[0] == two[1], zip(a.ids, b.ids, strict=False))
        )
        for name, a, b in zip(ours.ids, ours.answers, theirs.answers, strict=True)
        if a.ids != b.ids
    }
    return {
        "asked": len(ours.ids),
        "same": len(ours.ids) - len(parted),
        "parted_at_token": parted,
    }
