"""A server that does not say its weights may be another model by now: it is asked again."""

from __future__ import annotations

from pathlib import Path

from secarch.evaluate.ask.ask import limit
from secarch.evaluate.ask.prompt import messages
from secarch.evaluate.config import EvalConfig
from secarch.evaluate.engines.protocol import Engine
from secarch.files import read_jsonl
from secarch.suite.schema import Suite

ASKED = 3
"""Questions that are put to it again before a finished evaluation stands for it."""


def unchanged(
    config: EvalConfig, suite: Suite, engine: Engine, evaluation: Path, *, seed: int
) -> bool:
    """Whether a server still answers the first questions of an evaluation as it did then."""
    questions = {question.id: question for question in suite.questions}
    rows = [
        row
        for row in read_jsonl(evaluation / "responses.jsonl")
        if row["question_id"] in questions and row["finish"] in {"stop", "length"}
    ]
    longest = config.max_new_tokens
    rows = [row for row in rows if limit(questions[row["question_id"]], longest) == longest][:ASKED]
    prompts = [messages(questions[row["question_id"]], seed) for row in rows]
    replies = engine.answers(prompts, longest) if prompts else []
    return all(reply.text == row["text"] for reply, row in zip(replies, rows, strict=True))
