"""The forms in which other programs keep training rows, as messages."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from secarch.schema import JsonDict

SPEAKERS = {
    "human": "user",
    "user": "user",
    "prompter": "user",
    "gpt": "assistant",
    "chatgpt": "assistant",
    "model": "assistant",
    "assistant": "assistant",
    "ai": "assistant",
    "bing": "assistant",
    "bard": "assistant",
    "claude": "assistant",
    "system": "system",
    "developer": "system",
}
"""Who speaks, as others call it -> role."""
LISTS = ("messages", "conversations", "conversation", "contents", "items", "dialog", "dialogue")
"""Fields that hold a row's turns."""
PAIRS = (
    ("prompt", "completion"),
    ("prompt", "response"),
    ("instruction", "output"),
    ("instruction", "response"),
    ("question", "answer"),
    ("input", "output"),
)
"""Fields of question and answer in the forms that are best known; others are tried after them."""
QUESTIONS = {
    "prompt": "prompt",
    "instruction": "instruction",
    "question": "question",
    "query": "question",
    "problem": "question",
    "input": "question",
    "inputs": "question",
    "source": "question",
    "user": "question",
    "human": "question",
}
"""Field of a question, the likeliest first -> form."""
ANSWERS = (
    "completion",
    "response",
    "output",
    "answer",
    "solution",
    "assistant",
    "gpt",
    "targets",
    "target",
)
"""Field of an answer, the likeliest first."""
_ONLY_WITH = {
    "source": ("target", "targets"),
    "user": ("assistant", "gpt"),
    "human": ("assistant", "gpt"),
}
"""Field that is a question beside these answers alone: elsewhere it names a site or a person."""
SIDES = (
    ("chosen", "rejected"),
    ("preferred_output", "non_preferred_output"),
    ("chosen_response", "rejected_response"),
    ("response_j", "response_k"),
)
"""Fields of the preferred and of the rejected answer."""
ASIDE = ("input", "context")
"""Fields beside a question that belong to it (Alpaca, Dolly, SQuAD)."""


def as_messages(row: Mapping[str, Any]) -> tuple[str, Any]:
    """(form, messages) of a row in any known form; messages are as they are where the form is
    `messages`.

    Forms: `messages` (OpenAI, TRL, axolotl), `conversations` (ShareGPT; XTuner's pairs of input and
    output too), `prompt` with completion or response (TRL), `instruction` with output or response
    (Alpaca, Dolly; earlier turns in `history`), `question` and answer, also by the other names in
    QUESTIONS and ANSWERS, in capitals or not. Fields that are null or empty count as absent. An
    unknown row has the form `messages` and what it holds there.
    """
    row = {str(name).lower(): value for name, value in row.items()}
    for name in LISTS:
        turns = _spoken(_listed(row.get(name)))
        if turns:
            form = "messages" if name == "messages" else "conversations"
            if form == "messages":
                return form, [_turn(turn) for turn in turns]
            return form, [message for turn in turns for message in _turns(turn)]
    for asked, answered in (*PAIRS, *product(QUESTIONS, ANSWERS)):
        if (
            answered not in _ONLY_WITH.get(asked, (answered,))
            or row.get(asked) in (None, "", [])
            or row.get(answered) is None
        ):
            continue
        question = _question(row[asked], [row.get(name) for name in ASIDE if name != asked])
        return QUESTIONS[asked], [*_history(row.get("history")), *_pair(question, row[answered])]
    return "messages", row.get("messages")


def _listed(turns: Any) -> Any:
    """Turns as a list; some keep them as JSON text in a column, or each field of all turns as a
    list (tables of the library `datasets`).
    """
    if isinstance(turns, dict):
        columns = list(turns.values())
        lengths = {len(column) if isinstance(column, list) else -1 for column in columns}
        if len(lengths) != 1 or -1 in lengths:
            return None
        return [dict(zip(turns, values, strict=True)) for values in zip(*columns, strict=True)]
    if isinstance(turns, str) and turns.lstrip().startswith("["):
        try:
            turns = json.loads(turns)
        except ValueError:
            return None
    return turns if isinstance(turns, list) else None


def _spoken(turns: Any) -> Any:
    """Turns that are texts alone, question and answer by turns (LIMA), as messages."""
    if not turns or len(turns) % 2 or not all(isinstance(turn, str) for turn in turns):
        return turns
    return [
        message for pair in zip(turns[::2], turns[1::2], strict=True) for message in _pair(*pair)
    ]


def _turns(turn: Any) -> list[Any]:
    """The messages of a turn: one, or those of a question that is with its answer (XTuner)."""
    if not isinstance(turn, dict) or "from" in turn or not {"input", "output"} <= set(turn):
        return [_turn(turn)]
    system = turn.get("system")
    first = [{"role": "system", "content": system}] if system else []
    return [*first, *_pair(turn["input"], turn["output"])]


def _turn(turn: Any) -> Any:
    """A turn with role and content; whatever else it has stays."""
    if not isinstance(turn, dict):
        return turn
    if len(turn) == 1 and str(next(iter(turn))).lower() in SPEAKERS:  # {"user": "..."}
        (who,) = turn
        return {"role": role(who), "content": turn[who]}
    who = next((name for name in _WHO if name in turn), "")
    text = next((name for name in _WHAT if name in turn), "")
    if not who or (who == "role" and text == "content"):
        return turn
    rest = {name: value for name, value in turn.items() if name not in {who, text}}
    return {**rest, "role": role(turn[who]), "content": parts_of(turn.get(text))}


_WHO = ("from", "role", "speaker")
_WHAT = ("content", "value", "text", "parts")
"""Fields of who speaks and of what is said, as others call them."""


def parts_of(content: Any) -> Any:
    """What is said, with parts as OpenAI's messages have them; Gemini and Bedrock leave out their
    type, and Gemini wraps a system prompt's.
    """
    if isinstance(content, dict) and isinstance(content.get("parts"), list):
        content = content["parts"]
    if not isinstance(content, list):
        return content
    return [
        {"type": "text", **part} if isinstance(part, dict) and set(part) == {"text"} else part
        for part in content
    ]


def role(who: Any) -> Any:
    """The role of a speaker; an unknown one as it is.

    >>> role("Human")
    'user'
    """
    return SPEAKERS.get(str(who).strip().lower(), who)


def _question(asked: Any, aside: Sequence[Any]) -> Any:
    """An instruction with what it is about below it."""
    more = [text for text in aside if isinstance(text, str) and text]
    return "\n".join([asked, *more]) if isinstance(asked, str) else asked


def _history(turns: Any) -> list[JsonDict]:
    """Earlier turns of an Alpaca row: a list of question and answer."""
    pairs = turns if isinstance(turns, list) else []
    return [
        message
        for pair in pairs
        if isinstance(pair, (list, tuple)) and len(pair) == len(("question", "answer"))
        for message in _pair(*pair)
    ]


def _pair(asked: Any, answer: Any) -> list[JsonDict]:
    """Two messages; TRL also takes lists of messages on either side."""
    before = asked if isinstance(asked, list) else [{"role": "user", "content": asked}]
    after = answer if isinstance(answer, list) else [{"role": "assistant", "content": answer}]
    return [*before, *after]
