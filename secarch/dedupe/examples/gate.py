"""Is a pair fit to learn from: asked like a person, answered in full, and what its kind promises.

Every pair passes here, whoever made it. A reason is a short code; `meanings` says what each is
for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml

from secarch.dedupe.examples.outline import is_english, sentences
from secarch.dedupe.inspect.content import ends_in_mid_air
from secarch.text.finder import Finder
from secarch.text.markdown import has_open_fence

_FENCED = re.compile(
    r"^[ \t]*(`{3,}|~{3,})[^\n]*\n.*?(?:^[ \t]*\1[ \t]*$|\Z)", re.MULTILINE | re.DOTALL
)
_CODE = re.compile(r"`[^`\n]+`")
_WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")
_STEP = re.compile(r"^(\d{1,3})\. ", re.MULTILINE)
_TABLE = re.compile(r"^\|.*\|[ \t]*$(?:\n\|.*\|[ \t]*$)*", re.MULTILINE)
_QUOTED = re.compile(r'"[^"\n]{2,700}"')


_REFERS = frozenset({"answer_starts_midair", "answer_points_away"})
"""What an answer may do if the question shows the code that it refers to."""


@dataclass(frozen=True, slots=True)
class _Rules:
    question: dict[str, Finder]
    answer: dict[str, Finder]
    promise: dict[str, list[Finder]]
    unsafe: Finder
    meaning: dict[str, str]


@lru_cache(maxsize=1)
def _rules() -> _Rules:
    read: dict[str, Any] = yaml.safe_load(
        resources.files(__package__).joinpath("gate.yaml").read_text("utf-8")
    )
    return _Rules(
        {name: Finder(pattern) for name, pattern in read["question"].items()},
        {name: Finder(pattern, re.MULTILINE) for name, pattern in read["answer"].items()},
        {
            kind: [Finder(p, re.IGNORECASE | re.MULTILINE) for p in ps]
            for kind, ps in read["promise"].items()
        },
        Finder("|".join(read["unsafe"]), re.IGNORECASE),
        read["meaning"],
    )


def meanings() -> dict[str, str]:
    """What each reason stands for, for report and card."""
    return dict(_rules().meaning)


def problem(kind: str, instruction: str, answer: str) -> str:
    """The first reason why a pair is not fit to learn from; '' if it is.

    >>> problem("howto", "How do I rotate a key?", "Do the following:")
    'answer_short'
    """
    return question_problem(instruction) or answer_problem(kind, instruction, answer)


def question_problem(instruction: str) -> str:
    """The first reason why a question is not one that a person would ask; '' if there is none."""
    return next(iter(_question(instruction)), "")


def answer_problem(kind: str, instruction: str, answer: str) -> str:
    """The first reason why an answer is not fit to learn from; '' if there is none."""
    return next(iter(_answer(kind, instruction, answer)), "")


def points_away(sentence: str) -> bool:
    """Whether a sentence sends the reader to what is not in the answer."""
    return _rules().answer["answer_points_away"].search(sentence)


def defects(kind: str, instruction: str, answer: str) -> tuple[str, ...]:
    """Every reason, for counting mechanical defects of finished rows."""
    return (*_question(instruction), *_answer(kind, instruction, answer))


# ---------------------------------------------------------------- the question


def _question(instruction: str) -> list[str]:
    prose = _unfenced(instruction).strip()
    rules = _rules()
    found = []
    bare = prose.rstrip("\"'*`")
    listed = _LISTED.match(prose.rsplit("\n", 1)[-1])
    if not prose or (
        not listed
        and not (bare.endswith(("?", ".", "!", ":")) or instruction.rstrip().endswith("```"))
    ):
        found.append("question_unfinished")
    if not 4 <= len(_WORD.findall(prose)) <= 160:
        found.append("question_length")
    outside = _QUOTED.sub('""', _CODE.sub("``", prose))
    found += [name for name, pattern in rules.question.items() if pattern.search(outside)]
    if prose.count('"') % 2 or prose.count("(") != prose.count(")") or prose.count("`") % 2:
        found.append("question_unbalanced")
    return found


_LISTED = re.compile(r"(?:[-*] |\d{1,2}[.)] )\S")


# ---------------------------------------------------------------- the answer


def _answer(kind: str, instruction: str, answer: str) -> list[str]:
    rules = _rules()
    fenced = _fences(answer)
    prose = _replaced(answer, fenced, "``")
    outside = _CODE.sub("``", prose)
    words = _WORD.findall(prose)
    found = []
    if len(words) < (8 if fenced else 22):
        found.append("answer_short")
    if has_open_fence(answer) or answer.count("```") % 2 or answer.count("~~~") % 2:
        found.append("answer_fence_open")
    given = _REFERS if "```" in instruction else frozenset()
    found += [
        name
        for name, pattern in rules.answer.items()
        if name not in given and pattern.search(outside)
    ]
    found += _ends(answer, fenced)
    found += _lists(answer, fenced)
    if not is_english(prose):
        found.append("answer_not_english")
    if _echo(instruction, words):
        found.append("answer_echo")
    if not given and _repeats(prose):
        found.append("answer_repeats")
    promised = rules.promise.get(kind, [])
    if any(not pattern.search(answer) for pattern in promised):
        found.append(f"promise_{kind}")
    if kind in (
        "howto",
        "sequence",
        "question",
        "requirement",
        "choose",
        "reference",
    ) and rules.unsafe.search(answer):
        found.append("answer_unsafe")
    return found


Spans = Sequence[tuple[int, int]]


def _fences(text: str) -> Spans:
    """Where the blocks of fenced code are."""
    if "```" not in text and "~~~" not in text:
        return []
    return [match.span() for match in _FENCED.finditer(text)]


def _replaced(text: str, spans: Spans, by: str) -> str:
    at = 0
    parts = []
    for start, end in spans:
        parts += [text[at:start], by]
        at = end
    return "".join([*parts, text[at:]]) if spans else text


@lru_cache(maxsize=16)
def _unfenced(text: str) -> str:
    return _replaced(text, _fences(text), "")


_TAIL = 8
"""Characters that show how a text ends: the longest ending below and the one before it."""
_GOOD_END = re.compile(r"(?:[.!?)\]\"'\u201d`|]|\d|\*\*|```|~~~)$")
_CUT_OFF = re.compile(r"\b(?:and|or|the|a|an|of|to|with|by|for|in),?$")
_LAST_LISTED = re.compile(r"(?:[-*+]|\d{1,3}\.|\w[.)])\s+\S|\|")
_LEAD = re.compile(r"^[^\n]*:[*_ ]*$", re.MULTILINE)
_FOLLOWER = re.compile(r"[ \t]*(?:[-*+\u2022]|\w{1,3}[.)]|\||```|~~~|>|    |\*\*|[\w`\"(<{$])")
_HEADING = re.compile(r"\*\*[^*\n]+\*\*\.? ?")


def _ends(answer: str, fenced: Spans) -> list[str]:
    whole = answer.rstrip()
    last = whole.rsplit("\n", 1)[-1].strip()
    listed = _LAST_LISTED.match(last) or whole.startswith(("- ", "1. "))
    if ends_in_mid_air(answer) or _announces(whole) or _CUT_OFF.search(last[-_TAIL:]):
        return ["answer_cut_off"]
    if not listed and not _GOOD_END.search(whole[-_TAIL:]):
        return ["answer_cut_off"]
    return _follows(answer, fenced)


def _announces(text: str) -> bool:
    """Whether a text ends with a colon, in emphasis or not."""
    bare = text.rstrip("*_`")
    while bare != (shorter := bare.rstrip().rstrip("*_`")):
        bare = shorter
    return bare.endswith(":")


def _follows(answer: str, fenced: Spans) -> list[str]:
    """A lead-in that nothing follows."""
    for match in _LEAD.finditer(answer) if ":" in answer else ():
        if any(start <= match.start() < end for start, end in fenced):
            continue
        rest = answer[match.end() :].lstrip("\n")
        if not _FOLLOWER.match(rest):
            return ["answer_dangling_lead"]
        heading = _HEADING.match(rest)
        if (
            heading
            and not match[0].strip().startswith("**")
            and rest[heading.end() : heading.end() + 1] not in ("", "\n")
        ):
            return ["answer_dangling_lead"]
    return []


_CELL_EDGE = re.compile(r"(?<!\\)\|")


def _lists(answer: str, fenced: Spans) -> list[str]:
    found = []
    numbers = [int(m[1]) for m in _STEP.finditer(_replaced(answer, fenced, ""))]
    expected = 1
    for number in numbers:
        if number not in (expected, 1):
            found.append("answer_steps")
            break
        expected = number + 1
    for match in _TABLE.finditer(answer) if "|" in answer else ():
        lines = match[0].split("\n")
        widths = {len(_CELL_EDGE.findall(line)) for line in lines}
        if len(lines) < 3 or lines[1].strip("|:- \t") or len(widths) > 1:
            found.append("answer_table")
            break
    return found


def _echo(instruction: str, said: Sequence[str]) -> bool:
    asked = set(map(str.lower, _WORD.findall(_unfenced(instruction))))
    return bool(said) and sum(map(asked.__contains__, map(str.lower, said))) > 0.85 * len(said)


def _repeats(prose: str) -> bool:
    found = [
        sentence
        for line in prose.split("\n")
        if len(bare := line.strip()) > LEAST_REPEATED
        for sentence in sentences(bare)
        if len(sentence) > LEAST_REPEATED
    ]
    return len(found) > len(set(found))


LEAST_REPEATED = 40
"""Characters up to which a sentence may come twice."""
