"""Chat templates as programs: run in a sandbox, adapted to a system prompt, frozen for others.

A template is a stranger's file: it runs in an immutable sandbox, and whatever it raises becomes an
InvalidInput that names its line. Changes are made by lines of Jinja in front of it, so that
transformers, vLLM and llama.cpp read the very template that was trained with.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from jinja2 import Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

from secarch.errors import InvalidInput

if TYPE_CHECKING:
    from jinja2.parser import Parser

SystemMode = Literal["template", "merge_into_user", "none"]
"""Who places the system prompt: the template, we in front of the first question, or nobody."""

DATE = date(2024, 7, 26)
"""The date that Llama 3.1's own template falls back to: a run must not depend on its day."""
MODE = {"enable_thinking": False}
"""What hybrid templates such as Qwen3's ask: answers are taught, and asked for, without a train of
thought first.
"""
ADVICE = "name a template of your own with train.chat_template FILE"

_FAILURES = (
    TemplateError,
    TypeError,
    ValueError,
    LookupError,
    ArithmeticError,
    AttributeError,
    RuntimeError,
    AssertionError,
    SyntaxError,
    MemoryError,
)
"""What a template can raise: RuntimeError includes recursion without end."""

_MERGE = (
    "{#- secarch: the system prompt goes before the first question -#}"
    "{%- if messages and messages[0]['role'] == 'system' -%}"
    "{%- if messages | length > 1 and messages[1]['role'] == 'user' -%}"
    "{%- set messages = [{'role': 'user', 'content': messages[0]['content'] ~ '\\n\\n' ~ "
    "messages[1]['content']}] + messages[2:] -%}"
    "{%- else -%}{%- set messages = messages[1:] -%}{%- endif -%}{%- endif %}\n"
)
_DROP = (
    "{#- secarch: no system prompt -#}"
    "{%- if messages and messages[0]['role'] == 'system' -%}"
    "{%- set messages = messages[1:] -%}{%- endif %}\n"
)
_PARTS = (
    "{#- secarch: messages as lists of parts -#}{%- set secarch = namespace(all=[]) -%}"
    "{%- for m in messages -%}{%- set secarch.all = secarch.all + [{'role': m['role'], "
    "'content': [{'type': 'text', 'text': m['content']}]}] -%}{%- endfor -%}"
    "{%- set messages = secarch.all %}\n"
)
_GIVEN = "{#- secarch: what this template asks for -#}"
_LACKS = re.compile(r"'(\w+)' is undefined|'NoneType' object is not (iterable)")
_PREFIXES: dict[SystemMode, str] = {"template": "", "merge_into_user": _MERGE, "none": _DROP}
_FROZEN = re.compile(r"\A\{#- secarch: frozen -#\}[^\n]*\n")
_GENERATION = re.compile(r"\{%(-?)\s*(end)?generation\s*(-?)%\}")
_STRFTIME = re.compile(r"strftime_now\(\s*(\"[^\"]*\"|'[^']*')\s*\)")


def adapted(template: str, mode: SystemMode, *, parts: bool = False) -> str:
    """`template` with what `mode` needs in front of it; the same again if it is there already.

    With `parts` messages reach it as lists of parts, which templates of vision models read.

    >>> adapted("x", "template")
    'x'
    """
    template = _PARTS + template if parts and _PARTS not in template else template
    return template if mode_of(template) == mode else _PREFIXES[mode] + template


def provided(template: str, why: str) -> str | None:
    """`template` with a value for what `why`, a failure, says that it lacks: no tools, no
    documents, a fixed date, an empty text. None where that is not what it says, or was given.
    """
    found = _LACKS.search(why)
    if found is None or found[0] in template:
        return None
    name = found[1] or "tools"
    if found[2]:
        values = "{%- set tools = tools or [] -%}{%- set documents = documents or [] -%}"
    else:
        value = DATE.strftime("%d %b %Y") if re.search("date|today", name) else ""
        values = (
            f"{{%- if {name} is not defined -%}}{{%- set {name} = '{value}' -%}}{{%- endif -%}}"
        )
    return f"{_GIVEN}{{#- {found[0]} -#}}{values[: -len('-%}')]}%}}\n{template}"


def mode_of(template: str) -> SystemMode:
    """Which of the modes a template was adapted to."""
    bare = _FROZEN.sub("", template)
    return next(
        (m for m in ("merge_into_user", "none") if bare.startswith(_PREFIXES[m])), "template"
    )


def without_mode(template: str) -> str:
    """A template that is not frozen, without what its mode put in front of it."""
    return template.removeprefix(_PREFIXES[mode_of(template)])


def frozen(template: str, system: str | None) -> str:
    """`template` as others should get it: what we pass at each call becomes its default.

    The system prompt (unless None), the date and the thinking mode are set where the caller says
    nothing, and generation tags, which only trainers know, become plain blocks. Rendered by this
    package it gives what `template` gives.
    """
    plain = _plain_blocks(_FROZEN.sub("", template))
    lines = [
        f"{{%- if {n} is not defined -%}}{{%- set {n} = {json.dumps(v)} -%}}{{%- endif -%}}"
        for n, v in MODE.items()
        if re.search(rf"\b{n}\b", plain)
    ]
    lines += [_macro(plain)] if "strftime_now" in plain else []
    if system is not None:
        said = json.dumps(system, ensure_ascii=False)
        lines.append(
            "{%- if not messages or messages[0]['role'] != 'system' -%}"
            f"{{%- set messages = [{{'role': 'system', 'content': {said}}}] + messages -%}}"
            "{%- endif -%}"
        )
    if not lines:
        return plain
    return "{#- secarch: frozen -#}" + "".join(lines)[: -len("-%}")] + "%}\n" + plain


def _macro(template: str) -> str:
    """`strftime_now` for the formats that the template asks for, as it was trained."""
    formats = sorted({found[1][1:-1] for found in _STRFTIME.finditer(template)})
    cases = "".join(
        f"{{%- if f == {json.dumps(f)} -%}}{DATE.strftime(f)}{{%- endif -%}}" for f in formats
    )
    return f"{{%- macro strftime_now(f) -%}}{cases}{{%- endmacro -%}}"


def canonical(template: str) -> str:
    """What decides the prompt: equal canonical forms render our prompts alike."""
    return _plain_blocks(_FROZEN.sub("", template))


def _plain_blocks(template: str) -> str:
    """Generation tags as blocks that every engine knows; white space control stays as it is."""

    def plain(tag: re.Match[str]) -> str:
        return f"{{%{tag[1]} {'endif' if tag[2] else 'if true'} {tag[3]}%}}"

    return _GENERATION.sub(plain, template)


# ---------------------------------------------------------------- running one


class _Generation(Extension):
    """`{% generation %}...{% endgeneration %}`, which mark answers for trainers: a plain block."""

    tags = {"generation"}  # noqa: RUF012 - jinja2 reads this class attribute

    def parse(self, parser: Parser) -> nodes.Node:
        """Compile the block to a call of its body."""
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return nodes.CallBlock(self.call_method("_body"), [], [], body).set_lineno(line)

    def _body(self, caller: Callable[[], str]) -> str:
        return caller()


def render(template: str, values: Mapping[str, Any]) -> str:
    """The template's text. Raises InvalidInput with the template's line where it fails."""
    compiled = _compiled(template)
    try:
        return compiled.render(**values)
    except _FAILURES as error:
        raise InvalidInput(
            "the chat template cannot render this conversation",
            where=_line(error, template),
            why=f"{type(error).__name__}: {error}"
            if not isinstance(error, TemplateError)
            else error,
            fix=ADVICE,
        ) from error


@lru_cache(maxsize=8)
def _compiled(template: str) -> Template:
    try:
        made = _sandbox().from_string(template)
    except _FAILURES as error:
        raise InvalidInput(
            "the chat template is malformed", where=_line(error, template), why=error, fix=ADVICE
        ) from error
    made.globals = dict(made.globals)  # a chain of mappings, which rendering copies each time
    return made


def _line(error: BaseException, template: str) -> str:
    """The template's line that failed, quoted; `the chat template` if none is known."""
    number = error.lineno if isinstance(error, TemplateSyntaxError) else 0
    trace = error.__traceback__
    while trace is not None and not isinstance(error, TemplateSyntaxError):
        if trace.tb_frame.f_code.co_filename == "<template>":
            number = trace.tb_lineno
        trace = trace.tb_next
    lines = template.splitlines()
    if not 0 < (number or 0) <= len(lines):
        return "the chat template"
    return _named(template, number, _short(lines[number - 1], str(error)))


def line_about(template: str, *words: str) -> str:
    """The first line that has one of `words`, the likeliest first, named as errors name it."""
    lines = template.splitlines()
    for word in words:
        for number, line in enumerate(lines, 1):
            if word in line and not line.startswith("{#- secarch: "):
                return _named(template, number, _short(line, word))
    return "the chat template"


def _named(template: str, number: int, line: str) -> str:
    added = sum(one.startswith("{#- secarch: ") for one in template.splitlines()[:3])
    return f"the chat template, line {max(number - added, 1)}: {line}"


def _short(line: str, words: str, width: int = 100) -> str:
    """At most `width` characters of a line, around `words` if it holds their beginning."""
    at = max(0, line.find(words[:20]) - width // 2) if words else 0
    return line[at : at + width].strip()


def _sandbox() -> ImmutableSandboxedEnvironment:
    """Jinja with the names that chat templates expect (transformers' documentation lists them)."""
    sandbox = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[_Generation, loopcontrols]
    )
    sandbox.filters["tojson"] = _to_json
    sandbox.globals["raise_exception"] = _refuse
    sandbox.globals["strftime_now"] = lru_cache(maxsize=64)(DATE.strftime)
    return sandbox


def _to_json(
    value: object,
    ensure_ascii: bool = False,
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> str:
    return json.dumps(
        value,
        ensure_ascii=ensure_ascii,
        indent=indent,
        separators=separators,
        sort_keys=sort_keys,
    )


def _refuse(message: str) -> None:
    raise TemplateError(message)
