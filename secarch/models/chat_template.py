"""The chat format: the only place that train and evaluate take it from.

It renders with jinja2 (sandboxed) and tokenises with `tokenizers`, so that nothing here imports
transformers or torch; what comes out equals transformers' `apply_chat_template` (a test holds it).
Templates are files of a stranger: they run in an immutable sandbox, and today's date, which some of
them print, is a constant here, since a run must not depend on the day it was made.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from jinja2 import TemplateError, nodes
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

from secarch.errors import InvalidInput, MissingModel
from secarch.schema import sha256_of

if TYPE_CHECKING:
    from jinja2.parser import Parser
    from tokenizers import Encoding, Tokenizer

SYSTEM = (
    "You are a senior cloud security architect. Answer precisely, name the controls and settings "
    "that matter, "
    "prefer least privilege and defence in depth, and say what you do not know."
)
MAX_TOKENIZER_BYTES = 128 << 20
MAX_TEMPLATE_CHARS = 1 << 20
DATE = date(2024, 7, 26)
"""The date that Llama 3.1's own template falls back to."""
MODE = {"enable_thinking": False}
"""What hybrid templates such as Qwen3's ask: answers are taught, and asked for, without a train of
thought first.
"""
RESERVED = (
    "<|finetune_right_pad_id|>",
    "<|reserved_special_token_0|>",
    "<|vision_pad|>",
    "<pad>",
    "<unk>",
    "<|endoftext|>",
)
"""Tokens that may serve as padding where a tokenizer has none of its own, in this order."""

_OPEN, _CLOSE = (
    "\ufdd0",
    "\ufdd1",
)  # noncharacters (Unicode 23.7): no text has them, and no filter trims them

Message = dict[str, str]


def question_messages(question: str, files: Mapping[str, str] | None = None) -> list[Message]:
    """System and user message of a question; files follow it, each in a fence longer than any
    inside it.
    """
    parts = [question, *(_fenced(name, text) for name, text in (files or {}).items())]
    return [{"role": "system", "content": SYSTEM}, {"role": "user", "content": "\n\n".join(parts)}]


def _fenced(name: str, text: str) -> str:
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"File: {name}\n{fence}\n{text.rstrip()}\n{fence}"


@dataclass(frozen=True, slots=True)
class Encoded:
    """A conversation in tokens.

    `mask` is True where the token is the assistant's, hence trained.
    """

    ids: list[int]
    mask: list[bool]


class Chat:
    """A tokenizer with its chat template, as it lies in a model's folder."""

    def __init__(
        self, tokenizer: Tokenizer, template: str, special: Mapping[str, Any], stops: Sequence[int]
    ) -> None:
        self.tokenizer = tokenizer
        self.template = template
        self.special = special
        """Values that the template may use, such as bos_token (text)."""
        self._stops = stops
        self._controls = [
            t.content for t in tokenizer.get_added_tokens_decoder().values() if t.special
        ]

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read tokenizer.json, tokenizer_config.json, the chat template and the stop ids of a
        model's folder.

        Raises MissingModel where the tokenizer is not there and InvalidInput where a file is
        malformed or there is no chat template.
        """
        settings = _read_json(folder / "tokenizer_config.json")
        special = _special_tokens({**_read_json(folder / "special_tokens_map.json"), **settings})
        tokenizer = _tokenizer(folder / "tokenizer.json")
        stops = [
            i
            for name in ("generation_config.json", "config.json")
            for i in _ids(_read_json(folder / name))
        ]
        return cls(tokenizer, _template(folder, settings), special, stops)

    # -- text

    def render(self, messages: Sequence[Message], add_generation_prompt: bool = False) -> str:
        """The conversation as the template writes it. Raises InvalidInput where the template
        refuses it.

        Text in a message that would read as a control token is broken by a space, so that no page
        that we crawled can end a turn or open another.
        """
        text, _ = self._rendered(messages, add_generation_prompt)
        return text

    def disarm(self, text: str) -> str:
        """`text` with every control token's name broken by a space after its first character."""
        text = text.replace(_OPEN, "").replace(_CLOSE, "")
        for control in self._controls:
            if control in text:
                text = text.replace(control, f"{control[:1]} {control[1:]}")
        return text

    def _rendered(
        self, messages: Sequence[Message], add_generation_prompt: bool
    ) -> tuple[str, list[tuple[int, int]]]:
        clean = [{**message, "content": self.disarm(message["content"])} for message in messages]
        names = {
            **self.special,
            **MODE,
            "tools": None,
            "documents": None,
            "add_generation_prompt": add_generation_prompt,
        }
        try:
            text = self._compiled.render(messages=clean, **names)
        except (TemplateError, TypeError, ValueError, KeyError, ArithmeticError) as error:
            raise InvalidInput(
                "the chat template cannot render this conversation", why=error
            ) from error
        return _unmarked(text)

    @cached_property
    def _compiled(self) -> Any:
        try:
            return _sandbox().from_string(self.template)
        except TemplateError as error:
            raise InvalidInput("the chat template is malformed", why=error) from error

    # -- tokens

    def prompt_ids(self, messages: Sequence[Message]) -> list[int]:
        """Token ids up to where the assistant's answer begins."""
        return self._tokens(self.render(messages, add_generation_prompt=True)).ids

    def encode(self, messages: Sequence[Message]) -> Encoded:
        """Token ids of a whole conversation, with the assistant's tokens and their stop token
        marked.

        Marked is what the template wraps in `{% generation %}`; without those tags, what each
        assistant message adds to the text, up to its last stop token. Raises InvalidInput where a
        template without tags rewrites earlier turns.
        """
        return self.encode_all([messages])[0]

    def encode_all(self, conversations: Sequence[Sequence[Message]]) -> list[Encoded]:
        """Each conversation as `encode` gives it; tokenised as one batch, on every core."""
        rendered = [
            self._rendered(messages, add_generation_prompt=False) for messages in conversations
        ]
        encodings = self.tokenizer.encode_batch(
            [text for text, _ in rendered], add_special_tokens=False
        )
        return [
            self._marked(messages, text, spans, encoding)
            for messages, (text, spans), encoding in zip(
                conversations, rendered, encodings, strict=True
            )
        ]

    def _marked(
        self,
        messages: Sequence[Message],
        text: str,
        spans: list[tuple[int, int]],
        encoding: Encoding,
    ) -> Encoded:
        ids = encoding.ids
        mask = [False] * len(ids)
        for start, end in spans or self._spans(messages, text):
            first, last = encoding.char_to_token(start), encoding.char_to_token(end - 1)
            if first is not None and last is not None:
                mask[first : last + 1] = [True] * (last + 1 - first)
        return Encoded(ids, mask if spans else self._without_tail(ids, mask))

    def prompts_ids(self, prompts: Sequence[Sequence[Message]]) -> list[list[int]]:
        """Each prompt as `prompt_ids` gives it; tokenised as one batch, on every core."""
        texts = [self.render(messages, add_generation_prompt=True) for messages in prompts]
        return [
            encoding.ids
            for encoding in self.tokenizer.encode_batch_fast(texts, add_special_tokens=False)
        ]

    def token_starts(self, texts: Sequence[str]) -> Iterator[list[int]]:
        """Where in each text, free of control tokens, its tokens begin (characters, ascending)."""
        for encoding in self.tokenizer.encode_batch(list(texts), add_special_tokens=False):
            yield [start for start, _ in encoding.offsets]

    def plain_ids(self, text: str) -> list[int]:
        """Token ids of plain text without any special token; names of control tokens are broken."""
        return self._tokens(self.disarm(text)).ids

    def continuation_ids(
        self, messages: Sequence[Message], text: str
    ) -> tuple[list[int], list[int]]:
        """Token ids of the prompt and of `text` after it, cut as lm-eval cuts them.

        White space at the prompt's end counts to the text, and both are tokenised as one, so that a
        tokenizer which joins them is asked about what it would see.
        """
        prompt = self.render(messages, add_generation_prompt=True)
        bare = prompt.rstrip()
        context = self._tokens(bare).ids
        return context, self._tokens(prompt + self.disarm(text)).ids[len(context) :]

    def decode(self, ids: Sequence[int]) -> str:
        """Text of token ids without the special ones."""
        return str(self.tokenizer.decode(list(ids), skip_special_tokens=True))

    def _tokens(self, text: str) -> Encoding:
        return self.tokenizer.encode(text, add_special_tokens=False)

    def _spans(self, messages: Sequence[Message], text: str) -> Iterator[tuple[int, int]]:
        for n, message in enumerate(messages):
            if message["role"] != "assistant":
                continue
            before = self.render(messages[:n], add_generation_prompt=True)
            upto = self.render(messages[: n + 1])
            if not (text.startswith(before) and text.startswith(upto) and len(before) < len(upto)):
                raise InvalidInput(
                    "this chat template rewrites earlier turns, so the answer's tokens cannot be "
                    "told apart",
                    fix="use a base whose template marks answers with {% generation %}",
                )
            yield len(before), len(upto)

    def _without_tail(self, ids: list[int], mask: list[bool]) -> list[bool]:
        """Unmark what a template writes after the stop token, such as a line feed."""
        out, stops = list(mask), set(self.stop_ids)
        for n in range(len(ids) - 1, -1, -1):
            ends_span = out[n] and (n + 1 == len(ids) or not out[n + 1])
            if ends_span and ids[n] not in stops and stops & set(ids[self._span_start(out, n) : n]):
                out[n] = False
        return out

    @staticmethod
    def _span_start(mask: list[bool], end: int) -> int:
        while end > 0 and mask[end - 1]:
            end -= 1
        return end

    # -- special tokens

    def id_of(self, name: str) -> int | None:
        """Id of the token that the tokenizer calls `name` (bos_token, eos_token, pad_token), or
        None.
        """
        text = self.special.get(name)
        found = self.tokenizer.token_to_id(text) if isinstance(text, str) and text else None
        return None if found is None else int(found)

    @property
    def bos_id(self) -> int | None:
        """Id of the token that opens a document, None where the tokenizer has none."""
        return self.id_of("bos_token")

    @cached_property
    def stop_ids(self) -> tuple[int, ...]:
        """Every id that ends an answer, ascending: generation_config, config and the tokenizer's
        own.
        """
        eos = self.id_of("eos_token")
        found = {
            i
            for i in [*self._stops, *([] if eos is None else [eos])]
            if 0 <= i < self.tokenizer.get_vocab_size()
        }
        if not found:
            raise InvalidInput(
                "this model names no token that ends an answer",
                fix="set eos_token in tokenizer_config.json",
            )
        return tuple(sorted(found))

    @cached_property
    def pad_id(self) -> int:
        """Id of the padding token: the tokenizer's own unless it ends answers, else a reserved one.

        Padding with the stop token is how models learn never to stop. Raises InvalidInput where the
        vocabulary has no reserved token.
        """
        own = self.id_of("pad_token")
        if own is not None and own != self.id_of("eos_token"):
            return own
        for name in RESERVED:
            found = self.tokenizer.token_to_id(name)
            if found is not None and found not in self.stop_ids:
                return int(found)
        raise InvalidInput(
            "this tokenizer has no padding token but the one that ends answers",
            fix="add a pad_token to tokenizer_config.json; known reserved ones are "
            f"{', '.join(RESERVED[:2])}",
        )

    @cached_property
    def digest(self) -> str:
        """Hex SHA-256 over the system prompt, template, tokenizer and special ids: equal means
        equal prompts.
        """
        tokenizer = hashlib.sha256(self.tokenizer.to_str().encode()).hexdigest()
        return sha256_of(
            [
                SYSTEM,
                self.template,
                tokenizer,
                list(self.stop_ids),
                self.pad_id,
                DATE.isoformat(),
                MODE,
            ]
        )


# ---------------------------------------------------------------- the sandbox


class _Generation(Extension):
    """`{% generation %}...{% endgeneration %}`: the assistant's own text, set between two marks."""

    tags = {"generation"}  # noqa: RUF012 - jinja2 reads this class attribute

    def parse(self, parser: Parser) -> nodes.Node:
        """Compile the block to a call of `_mark`."""
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return nodes.CallBlock(self.call_method("_mark"), [], [], body).set_lineno(line)

    def _mark(self, caller: Callable[[], str]) -> str:
        return f"{_OPEN}{caller()}{_CLOSE}"


def _sandbox() -> ImmutableSandboxedEnvironment:
    """Jinja with the names that chat templates expect (transformers' documentation lists them)."""
    sandbox = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[_Generation, loopcontrols]
    )
    sandbox.filters["tojson"] = _to_json
    sandbox.globals["raise_exception"] = _refuse
    sandbox.globals["strftime_now"] = DATE.strftime
    sandbox.globals["date_string"] = DATE.strftime("%d %b %Y")
    return sandbox


def _to_json(value: object, indent: int | None = None, **_options: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _refuse(message: str) -> None:
    raise TemplateError(message)


def _unmarked(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The text without marks, and the spans [start, end) in it that stood between two."""
    parts: list[str] = []
    spans: list[tuple[int, int]] = []
    length = start = 0
    for piece in re.split(f"([{_OPEN}{_CLOSE}])", text):
        if piece == _OPEN:
            start = length
        elif piece == _CLOSE:
            spans.append((start, length))
        else:
            parts.append(piece)
            length += len(piece)
    return "".join(parts), [span for span in spans if span[0] < span[1]]


# ---------------------------------------------------------------- a model's files


def _read_json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        value = (
            json.loads(path.read_text(encoding="utf-8"))
            if path.stat().st_size <= MAX_TOKENIZER_BYTES
            else None
        )
    except ValueError as error:
        raise InvalidInput("this file of the model is no JSON", where=path, why=error) from error
    if not isinstance(value, dict):
        raise InvalidInput("this file of the model is no JSON object", where=path)
    return value


def _tokenizer(path: Path) -> Tokenizer:
    from tokenizers import Tokenizer

    if not path.is_file():
        raise MissingModel(
            "this model's folder has no tokenizer",
            where=path,
            fix="name a folder that holds tokenizer.json beside the weights",
        )
    if path.stat().st_size > MAX_TOKENIZER_BYTES:
        raise InvalidInput("this tokenizer is too large to be one", where=path)
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the Rust side raises bare Exception
        raise InvalidInput("this tokenizer cannot be read", where=path, why=error) from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _template(folder: Path, settings: Mapping[str, Any]) -> str:
    """chat_template.jinja, else the field of tokenizer_config.json (a text, or a list of named
    ones).
    """
    path = folder / "chat_template.jinja"
    found = path.read_text(encoding="utf-8") if path.is_file() else settings.get("chat_template")
    if isinstance(found, list):
        found = next(
            (
                item.get("template")
                for item in found
                if isinstance(item, dict) and item.get("name") == "default"
            ),
            None,
        )
    if not isinstance(found, str) or not found:
        raise InvalidInput(
            "this model has no chat template", where=folder, fix="use its instruct variant"
        )
    if len(found) > MAX_TEMPLATE_CHARS:
        raise InvalidInput("this chat template is too large to be one", where=folder)
    return found


def _special_tokens(settings: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in (
        "bos_token",
        "eos_token",
        "pad_token",
        "unk_token",
        "sep_token",
        "cls_token",
        "mask_token",
    ):
        value = settings.get(name)
        value = value.get("content") if isinstance(value, dict) else value
        if isinstance(value, str):
            found[name] = value
    return found


def _ids(settings: Mapping[str, Any]) -> list[int]:
    value = settings.get("eos_token_id")
    values = value if isinstance(value, list) else [value]
    return [i for i in values if isinstance(i, int) and not isinstance(i, bool)]
