"""What a model said to a question, without the reasoning that it wrote before."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from secarch.records import Answer, Finish, FollowUp
from secarch.text.reasoning import split

ANSWERED = frozenset({"stop", "length"})
"""Ends of an answer that is scored."""
_Said = TypeVar("_Said", Answer, FollowUp)


def spoken(answer: Answer) -> Answer:
    """The answers of all turns without reasoning.

    Where nothing was said outside of the reasoning, it is `truncated_reasoning`, as it is where a
    server gives the two apart. The whole ends as its first turn that cannot be scored did, else
    `length` where one was cut.
    """
    first = _without_reasoning(answer)
    further = tuple(map(_without_reasoning, answer.further))
    return replace(first, further=further, finish=_worst([first, *further]))


def _without_reasoning(said: _Said) -> _Said:
    parts = split(said.text)
    if not parts.reasoning:
        return said if parts.answer == said.text else replace(said, text=parts.answer)
    spent = parts.unfinished or (said.finish in ANSWERED and not parts.answer)
    finish: Finish = "truncated_reasoning" if spent else said.finish
    text = "" if parts.unfinished else parts.answer
    return replace(said, text=text, reasoning=parts.reasoning, finish=finish)


def _worst(turns: list[Answer | FollowUp]) -> Finish:
    """How the turns ended, taken together."""
    unscored = (turn.finish for turn in turns if turn.finish not in ANSWERED)
    cut: Finish = "length" if any(turn.finish == "length" for turn in turns) else "stop"
    return next(unscored, cut)
