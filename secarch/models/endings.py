"""Templates that ask otherwise than they show answers, or leave the last answer open: made whole.

Some templates open a train of thought in the prompt that no shown answer has; some write the
stop token only where another turn follows; some leave it to the model to name the channel or the
reader of its answer; some write the system prompt in prompts alone. A row of these cannot be
trained, since its prompt is not a prefix of it, it never stops, or more than the answer is learnt.
Such a template becomes the body of a macro: a prompt is then what is before an answer, and the last
answer ends as earlier ones do. It stays plain Jinja, so that other engines read the very template
that was trained with.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from secarch.errors import InvalidInput
from secarch.models import template as program

if TYPE_CHECKING:
    from secarch.models.chat_template import Chat
    from secarch.models.prompt import Message

ChatT = TypeVar("ChatT", bound="Chat")

Render = Callable[[Sequence[Any]], str]
"""Conversation -> its text, as the template writes it without a prompt."""

_HEAD = (
    "{#- secarch: prompts and endings as in the rows -#}"
    "{%- macro secarch_body(messages, add_generation_prompt) %}\n"
)
_PLACE = "secarch-answer"
"""Stands for an answer; what precedes it is the prompt, in which a text may name it too."""
_BODY = "secarch_body(messages + [{'role': 'assistant', 'content': '" + _PLACE + "'}], false)"
_TAIL = (
    "{% endmacro -%}{%- if add_generation_prompt -%}"
    "{{- (" + _BODY + ".split('" + _PLACE + "')[:-1] | join('" + _PLACE + "'))TRIM -}}"
    "{%- else -%}{{- secarch_body(messages, false) -}}"
    "{%- if messages and messages[-1]['role'] == 'assistant' -%}{{- ENDING -}}{%- endif -%}"
    "{%- endif -%}"
)
_ASKED = (
    "{% endmacro -%}"
    "{%- if not add_generation_prompt and messages and messages[-1]['role'] == 'assistant' -%}"
    "{{- secarch_body(messages[:-1], true) ~ messages[-1]['content'] | trim ~ ENDING -}}"
    "{%- else -%}{{- secarch_body(messages, add_generation_prompt) -}}{%- endif -%}"
)
_BARE_BLOCK = re.compile(r"\n?\Z")
NEXT = "Next quagga asks?"
"""A question that follows a sample answer."""


def whole(template: str, ending: str, *, trimmed: bool = False) -> str:
    """`template` with prompts cut from its own conversations, and `ending` after a last answer.

    `trimmed` prompts end before the spaces that precede an answer, which tokenizers join to it.

    >>> whole("x", "<eot>").count("secarch_body")
    3
    """
    tail = _TAIL.replace("TRIM", ".rstrip(' ')" if trimmed else "")
    return _wrapped(template, tail, ending)


def as_asked(template: str, ending: str) -> str:
    """`template` whose last answer stands after the prompt that it writes, with `ending`."""
    return _wrapped(template, _ASKED, ending)


def _wrapped(template: str, tail: str, ending: str) -> str:
    body = _BARE_BLOCK.sub("", template, count=1)
    return _HEAD + body + tail.replace("ENDING", json.dumps(ending, ensure_ascii=False))


def made_whole(template: str) -> bool:
    """Whether a template was changed so."""
    return _HEAD in template


def ending(render: Render, sample: Sequence[Any], stops: Sequence[str]) -> str | None:
    """What ends an answer where another turn follows it: up to and with the first of `stops`.

    '' where the last answer of `sample` ends so already; None if no answer does.
    """
    answer = sample[-1]["content"]
    last = render(sample).rpartition(answer)[2]
    if _until(last, stops) is not None:
        return ""
    text = render([*sample, {"role": "user", "content": NEXT}])
    between = text.rpartition(NEXT)[0].rpartition(answer)[2]
    found = _until(between, stops)
    return None if found is None or not found.startswith(last) else found[len(last) :]


def _until(text: str, stops: Sequence[str]) -> str | None:
    """`text` up to the end of the first stop token in it, or None."""
    ends = [at + len(stop) for stop in stops if (at := text.find(stop)) >= 0]
    return text[: min(ends)] if ends else None


def consistent(chat: ChatT, sample: Sequence[Message], *, asked: bool = False) -> ChatT:
    """`chat`; if its prompt is not all that precedes an answer, or its last answer has no stop
    token, with a template in which both hold, if that can be had.

    What it shows decides, or with `asked` what it asks.
    """
    try:
        end = ending(chat.render, sample, chat.stop_texts)
        if end is None or (end == "" and _asks_as_shown(chat, sample)):
            return chat
    except InvalidInput:  # no turn may follow, or no stop token is named: checks will say so
        return chat
    bare = program.without_mode(chat.template)
    ways = [whole(bare, end), whole(bare, end, trimmed=True)]
    for made in [as_asked(bare, end or _stop_after(chat, sample))] if asked else ways:
        tried = chat.with_template(program.adapted(made, chat.system))
        try:
            if not tried.encode(sample).fault and _asks_as_shown(tried, sample):
                return tried
        except InvalidInput:
            continue
    return chat


def _stop_after(chat: Chat, sample: Sequence[Message]) -> str:
    """What the template writes after the last answer, up to and with its stop token."""
    last = chat.render(sample).rpartition(sample[-1]["content"])[2]
    return _until(last, chat.stop_texts) or ""


def _asks_as_shown(chat: Chat, sample: Sequence[Message]) -> bool:
    """Whether a prompt is all that is shown before an answer, and its tokens are so too.

    A space at its end would become part of the answer's first word.
    """
    asked, shown = chat.render(sample[:-1], add_generation_prompt=True), chat.render(sample)
    if not shown.startswith(asked) or asked.endswith(" "):
        return False
    row = chat.encode_all([sample], [asked])[0]
    return row.prompt > 0 and shown[len(asked) :].lstrip().startswith(sample[-1]["content"])
