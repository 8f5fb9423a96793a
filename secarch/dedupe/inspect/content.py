"""What no trainer should learn from: faults of a row's words, whoever made it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from secarch.dedupe.scrub import credentials
from secarch.dedupe.scrub.scrub import secrets_in
from secarch.text.markdown import has_open_fence, without_fences
from secarch.text.words import words

CONTROL = re.compile(
    r"<\|[\w/ -]{1,40}\|>|<\uff5c[^<>\n]{1,40}\uff5c>|\[/?INST\]|<</?SYS>>|"
    r"</?(?:start|end)_of_turn>|</?(?:tool_call|tool_response)>|<\|?(?:bos|eos|pad|unk"
    r"|endoftext)\|?>|"
    r"^<s>|</s>\s*$|\[(?:BOS|EOS|PAD|MASK|SEP|CLS)\]|<extra_id_\d+>"
)
"""Control tokens of chat templates (ChatML, Llama, Mistral, Gemma, DeepSeek, T5): a reader that
does not escape them ends the turn there.
"""
_DANGLING = re.compile(
    r"(?::|,|;|\(|\b(?:and|or|the|a|an|of|to|with|such as|following|including))[\s*_`\"'>]*$"
)
_DAMAGED = re.compile(
    r"\ufffd|\u00e2\u20ac[\u2122\u0153\u009d\u201c\u201d\u00a6\u02dc]"
    r"|\u00c3[\u00a4\u00a9\u00b6\u00bc\u00a8]"
)
"""U+FFFD, or UTF-8 that was read as Windows-1252: curly quotes and letters with accents."""
_PLACEHOLDER = re.compile(
    r"\W*(?:todo|tbd|tba|fixme|n/?a|none|null|xxx+|lorem ipsum\b.*|"
    r"(?-i:TODO|TBD|FIXME)\b.{0,80}|(?:insert|write|add|your) (?:the |your |an )?"
    r"answer(?: here)?)\W*",
    re.IGNORECASE | re.DOTALL,
)
MOST_OF_ONE_WORD = 0.5
"""Share of an answer's words that one word may be (0..1), from `LONG` words on."""
LEAST_DISTINCT = 0.08
"""Share of an answer's words that must differ, from `LONG` words on."""
LONG = 40
ECHO = 4
"""Words that an answer must add to its question."""


def problems(messages: Sequence[dict[str, str]]) -> Iterator[str]:
    """Each fault of the messages, of which each has a role and a content."""
    for n, message in enumerate(messages):
        role, content = message["role"], message["content"]
        if token := CONTROL.search(content):
            yield f"the {role} message holds the control token {token[0].strip()!r}"
        if found := secrets_in(content, credentials.DETECTORS):
            yield f"the {role} message holds a secret: {', '.join(sorted(found))}"
        if damaged := _DAMAGED.search(content):
            yield f"the {role} message holds damaged characters: {_around(content, damaged)!r}"
        if role == "assistant":
            asked = messages[n - 1]["content"] if n else ""
            yield from _answer_problems(content, asked)


def _answer_problems(answer: str, asked: str) -> Iterator[str]:
    if has_open_fence(answer):
        yield "the assistant message opens a code fence that it does not close"
    elif ends_in_mid_air(answer):
        yield f"the assistant message ends in mid-air: {answer.strip()[-40:]!r}"
    if _PLACEHOLDER.fullmatch(answer):
        yield f"the assistant message is a placeholder: {answer.strip()[:40]!r}"
    said, question = words(answer), words(asked)
    if said and _echoes(said, question):
        yield "the assistant message repeats the question and answers nothing"
    if _repeats(without_fences(answer)):
        yield "the assistant message repeats a few words over and over"


def _around(text: str, match: re.Match[str]) -> str:
    """The damaged place with a few characters on either side."""
    return text[max(0, match.start() - 12) : match.end() + 12]


def ends_in_mid_air(answer: str) -> bool:
    """True for prose whose last line announces what does not come."""
    last = answer.strip().split("\n")[-1].strip()
    if last.startswith(("```", "~~~", "|", "    ")):
        return False
    return bool(_DANGLING.search(last)) and len(last.split()) > 2


def _echoes(said: Sequence[str], question: Sequence[str]) -> bool:
    """True if the answer is the question once or oftener, and adds next to nothing."""
    n, rest = len(question), list(said)
    while n > 2 and rest[:n] == list(question):
        rest = rest[n:]
    return len(rest) < min(len(said), ECHO)


def _repeats(text: str) -> bool:
    said = words(text)
    if len(said) < LONG:
        return False
    (_, most), *_ = Counter(said).most_common(1)
    return most > MOST_OF_ONE_WORD * len(said) or len(set(said)) < LEAST_DISTINCT * len(said)
