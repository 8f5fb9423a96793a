"""Multiple choice: the order in which options are shown, the letter that an answer picks, and cues
that give it away.

Models favour letters (Zheng et al. 2024, arXiv:2309.03882), so the options of a question are shown
in an order that the seed and the question decide: the same for every model, and not the author's.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Sequence

from secarch.evaluate.ask import letters as letters_of
from secarch.suite.schema import Question

LEAST = 12
"""Questions from which the balance of letters and lengths is looked at."""
SPREAD = 0.4
"""A position may hold this share more or fewer of the right options than its fair number."""
LONGEST = 0.5
"""Most of the questions of which the right option may be the longest one."""
_OTHERS = re.compile(
    r"\b(?:all|none|both|neither|either|any|two|most) of (?:the "
    r")?(?:above|below|these|those|them|other\w*)\b"
    r"|^(?:both |only |neither |options? )?[a-h](?: and| or|,|&)[a-h, ]*$"
    r"|\b(?:the )?(?:above|preceding) (?:are|options?)\b",
    re.IGNORECASE,
)


def order(question: Question, seed: int) -> list[int]:
    """Indices of the options in the order in which they are shown; the same on every machine and
    for every model.
    """
    shown = list(range(len(question.choices)))
    random.Random(f"{seed}:{question.id}").shuffle(shown)  # noqa: S311 - an order, no secret
    return shown


def letters(count: int) -> list[str]:
    """A, B, C, ..."""
    return [chr(ord("A") + n) for n in range(count)]


def prompt(question: Question, seed: int) -> str:
    """The question with its lettered options and what is asked for."""
    shown = [question.choices[n] for n in order(question, seed)]
    options = (f"{letter}. {text}" for letter, text in zip(letters(len(shown)), shown, strict=True))
    return "\n".join(
        [question.question, "", *options, "", "Answer with the letter of the right option."]
    )


def letter_of(question: Question, seed: int, index: int) -> str:
    """The letter under which an option is shown."""
    return letters(len(question.choices))[order(question, seed).index(index)]


def picked(answer: str, question: Question, seed: int) -> int | None:
    """Index of the option for whose letter an answer decides; None if it names none."""
    return decided(answer, question, seed)[0]


def decided(answer: str, question: Question, seed: int) -> tuple[int | None, str]:
    """Index of the option that an answer decides for, or None and why it decides for none.

    The reason is empty if the answer names no letter.
    """
    shown = order(question, seed)
    texts = [question.choices[n] for n in shown]
    place, why = letters_of.read(answer, len(shown), texts)
    return (None if place is None else shown[place]), why


# ---------------------------------------------------------------- what gives an answer away


def refers_to_others(question: Question) -> str:
    """The first option that has no meaning without the others' places ("all of the above"), or
    nothing.
    """
    return next((text for text in question.choices if _OTHERS.search(text.strip(" ."))), "")


def positions(questions: Sequence[Question]) -> dict[str, int]:
    """How often each letter is the right one, in the author's order."""
    most = max((len(question.choices) for question in questions), default=0)
    found = Counter(question.answer for question in questions)
    return {letter: found[n] for n, letter in enumerate(letters(most))}


def uneven(questions: Sequence[Question]) -> str:
    """Which letter is right too often or too rarely, or nothing; below 12 questions nothing is
    said.
    """
    if len(questions) < LEAST:
        return ""
    for n, (letter, found) in enumerate(positions(questions).items()):
        fair = sum(1 / len(question.choices) for question in questions if n < len(question.choices))
        if abs(found - fair) > max(2.0, SPREAD * fair):
            return f"{letter} is right {found} times, its fair share is {fair:.1f}"
    return ""


def longest_is_right(questions: Sequence[Question]) -> int:
    """Of how many questions the right option is longer than every other one."""
    return sum(_is_longest(question) for question in questions)


def _is_longest(question: Question) -> bool:
    sizes = [len(text) for text in question.choices]
    right = sizes[question.answer or 0]
    return sizes.count(right) == 1 and right == max(sizes)
