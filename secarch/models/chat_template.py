"""The chat format: the only place that train and evaluate take it from.

It renders with jinja2 (sandboxed) and tokenises with `tokenizers`, so that nothing here imports
transformers or torch; what comes out equals transformers' `apply_chat_template` (a test holds it).
Templates are files of a stranger: they run in an immutable sandbox, and today's date, which some of
them print, is a constant here, since a run must not depend on the day it was made.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from secarch.errors import InvalidInput
from secarch.models import endings
from secarch.models import template as program
from secarch.models import tokenizer_files as files_of
from secarch.models.answers import Spans
from secarch.models.prompt import SYSTEM, Message
from secarch.models.template import ADVICE, DATE, MODE, SystemMode
from secarch.models.words import Tokens, Words
from secarch.schema import sha256_of
from secarch.text.reasoning import markers

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

RESERVED = (
    "<|finetune_right_pad_id|>",
    "<|reserved_special_token_0|>",
    "<|vision_pad|>",
    "<pad>",
    "<unk>",
    "<|endoftext|>",
)
"""Tokens that may serve as padding where a tokenizer has none of its own, in this order."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A conversation in tokens.

    `mask` is True where the token is the assistant's, hence trained.
    """

    ids: list[int]
    mask: list[bool]
    fault: str = ""
    """Which text of the conversation the template lost or changed; empty if none."""
    prompt: int = -1
    """Tokens of the last prompt; -1 where those are not the first of `ids`, or it was not given."""


class Chat:
    """A tokenizer with its chat template, as it is in a model's folder."""

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
        self._openings = tuple({control[:2] for control in self._controls})

    @cached_property
    def _words(self) -> Words:
        return Words(self.tokenizer)

    @classmethod
    def load(cls, folder: Path, run: Path | None = None) -> Self:
        """Read tokenizer.json, tokenizer_config.json, the chat template and the stop ids of a
        model's folder; the system prompt is placed as `placing("auto")` says.

        `run` is a run's folder: its chat_template.jinja, with which the adapter was trained, takes
        the place of the base's. Raises MissingModel where the tokenizer is not there and
        InvalidInput where a file is malformed or there is no chat template.
        """
        places = [run, *([run.parent] if run.name == "adapter" else [])] if run else []
        for own in (place / "chat_template.jinja" for place in places):
            if own.is_file():
                return cls.read(folder, own)
        chat = cls.read(folder)
        try:
            return chat.placing("auto")
        except InvalidInput:  # what it cannot render is said at the conversation that asks for it
            return chat

    @classmethod
    def read(cls, folder: Path, template: Path | None = None) -> Self:
        """The same, with the chat template of the file `template` where one is given."""
        settings = files_of.read_json(folder / "tokenizer_config.json")
        own = files_of.read_json(folder / "special_tokens_map.json")
        special = files_of.special_tokens({**own, **settings})
        tokenizer = files_of.read_tokenizer(folder / "tokenizer.json")
        stops = [
            i
            for name in ("generation_config.json", "config.json")
            for i in files_of.stop_ids(files_of.read_json(folder / name))
        ]
        text = (
            files_of.template_file(template)
            if template
            else files_of.read_template(folder, settings)
        )
        return cls(tokenizer, text, special, stops)

    # -- the system prompt

    @property
    def system(self) -> SystemMode:
        """Who places the system prompt."""
        return program.mode_of(self.template)

    def placing(self, wanted: SystemMode | Literal["auto"]) -> Self:
        """This chat, placing the system prompt as `wanted` says.

        `auto` leaves it to the template where that writes it, else merges it into the first
        question. Raises InvalidInput with the template's line where neither can be done, or where
        the template loses a question or an answer.
        """
        found = ""
        modes: tuple[SystemMode, ...] = (
            ("template", "merge_into_user") if wanted == "auto" else (wanted,)
        )
        first: InvalidInput | None = None
        for asked, parts, mode in product((False, True), (False, True), modes):
            adapted = self.with_template(program.adapted(self.template, mode, parts=parts))
            tried = endings.consistent(adapted, _SAMPLE, asked=asked)
            try:
                fault = tried.encode(_SAMPLE).fault
                if parts and "'type'" in tried.render(_SAMPLE):  # a part as Python writes it
                    fault = "the template writes no text of a message's parts"
            except InvalidInput as error:
                first, fault = first or error, str(error.what)
            if not fault:
                return tried
            found = found or fault
        lacks = program.provided(self.template, str(first.why)) if first else None
        with contextlib.suppress(InvalidInput):  # the first failure is the one to be told
            if lacks is not None:
                return self.with_template(lacks).placing(wanted)
        raise InvalidInput(
            "this chat template cannot be trained with",
            where=first.where
            if first
            else program.line_about(self.template, found.split()[-1], "messages"),
            why=(first.why if first else "") or found,
            fix=ADVICE if wanted in {"auto", "none"} else f"set train.system to auto, or {ADVICE}",
        )

    def with_template(self, template: str) -> Self:
        """The same tokenizer with another template."""
        return type(self)(self.tokenizer, template, self.special, self._stops)

    # -- text

    def render(self, messages: Sequence[Message], add_generation_prompt: bool = False) -> str:
        """The conversation as the template writes it. Raises InvalidInput where the template
        refuses it.

        Text in a message that would read as a control token is broken by a space, so that no page
        that we crawled can end a turn or open another.
        """
        names = {
            **self.special,
            **MODE,
            "tools": None,
            "documents": None,
            "add_generation_prompt": add_generation_prompt,
        }
        clean = [{**message, "content": self.disarm(message["content"])} for message in messages]
        return program.render(self.template, {**names, "messages": clean})

    def disarm(self, text: str) -> str:
        """`text` with every control token's name broken by a space after its first character."""
        for opening in self._openings:
            if opening in text:
                break
        else:
            return text
        for control in self._controls:
            if control in text:
                text = text.replace(control, f"{control[:1]} {control[1:]}")
        return text

    # -- tokens

    def prompt_ids(self, messages: Sequence[Message]) -> list[int]:
        """Token ids up to where the assistant's answer begins."""
        return self._tokens(self.render(messages, add_generation_prompt=True)).ids

    def encode(self, messages: Sequence[Message]) -> Encoded:
        """Token ids of a whole conversation, with the assistant's tokens and their stop token
        marked.

        Marked is each answer from where its prompt ends to the first stop token after it. Raises
        InvalidInput where a template rewrites earlier turns so that no answer can be told apart.
        """
        return self.encode_all([messages])[0]

    def encode_all(
        self, conversations: Sequence[Sequence[Message]], asked: Sequence[str] = ()
    ) -> list[Encoded]:
        """Each conversation as `encode` gives it; tokenised as one batch, on every core.

        `asked` are the texts of their last prompts, if they are rendered already.
        """
        rendered = [self.render(messages) for messages in conversations]
        encodings = self._words.encoded(rendered)
        sizes = self._words.begins(encodings, rendered, asked) if asked else [-1] * len(rendered)
        prompts = zip(asked or [""] * len(rendered), sizes, strict=True)
        return [
            self._marked(*each)
            for each in zip(conversations, rendered, encodings, prompts, strict=True)
        ]

    def _marked(
        self,
        messages: Sequence[Message],
        text: str,
        encoding: Tokens,
        prompt: tuple[str, int],
    ) -> Encoded:
        asked, size = prompt
        found = Spans(self, messages, text, asked)
        mask = [False] * len(encoding.ids)
        for start, end in found.answers:
            after = self._words.exact and size >= 0 and start == len(asked)
            first = size if after else encoding.char_to_token(start)
            last = encoding.char_to_token(end - 1)
            if first is not None and last is not None:
                mask[first : last + 1] = [True] * (last + 1 - first)
        return Encoded(encoding.ids, mask, found.fault, size)

    def asked(self, prompts: Sequence[Sequence[Message]]) -> list[str]:
        """The text of each prompt."""
        return [self.render(messages, add_generation_prompt=True) for messages in prompts]

    def token_starts(self, texts: Sequence[str]) -> Iterator[list[int]]:
        """Where in each text, free of control tokens, its tokens begin (characters, ascending)."""
        return self._words.starts(texts)

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

    def decode_marked(self, ids: Sequence[int]) -> str:
        """Text of token ids without the special ones, except those that mark reasoning."""
        if not (kept := self._marking):
            return self.decode(ids)
        special = {i for i, one in self._added().items() if one.special} - kept
        shown = [i for i in ids if i not in special]
        return str(self.tokenizer.decode(shown, skip_special_tokens=False))

    @cached_property
    def _marking(self) -> frozenset[int]:
        """Ids of the special tokens that tell reasoning from the answer."""
        special = {one.content: i for i, one in self._added().items() if one.special}
        return frozenset(special[mark] for mark in markers(special))

    def _added(self) -> dict[int, Any]:
        return dict(self.tokenizer.get_added_tokens_decoder())

    def _tokens(self, text: str) -> Encoding:
        return self.tokenizer.encode(text, add_special_tokens=False)

    @cached_property
    def last_id(self) -> int:
        """The largest id that the tokenizer can give."""
        return max(self.tokenizer.get_vocab().values(), default=0)

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
        own. Raises InvalidInput if there is none.
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
    def stop_texts(self) -> tuple[str, ...]:
        """How the tokens of `stop_ids` are written."""
        named = (self.tokenizer.id_to_token(i) for i in self.stop_ids)
        return tuple(text for text in named if text)

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
                program.canonical(self.template),
                tokenizer,
                list(self.stop_ids),
                self.pad_id,
                DATE.isoformat(),
                MODE,
            ]
        )


_SAMPLE: tuple[Message, ...] = (
    {"role": "system", "content": "Zebra rules apply."},
    {"role": "user", "content": "Which quagga asks?"},
    {"role": "assistant", "content": "Okapi answers it."},
)
