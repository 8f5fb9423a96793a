"""The local engine: answers and likelihoods of a model that is loaded in this process."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib import metadata
from pathlib import Path

from secarch.evaluate.engines.protocol import Engine, Messages, Reply
from secarch.models.local import Model, Quantization
from secarch.models.weights import adapter_folder, fingerprint, resolve
from secarch.schema import JsonDict


class Local:
    """A loaded model, with its adapter or without.

    Greedy decoding in fixed batches: on one machine, with one set of versions, the same answers
    each time. Another device, batch size or version may change the last bits of a logit and so, at
    a tie, a word.
    """

    likelihood_refused = ""

    def __init__(
        self, model: Model, fingerprint_: str, *, quantization: Quantization, adapter: bool
    ) -> None:
        self._model = model
        self._adapter = adapter
        self._quantization = quantization
        self.fingerprint = fingerprint_

    @classmethod
    def load(cls, base: Path, adapter: Path | None, quantization: Quantization) -> Local:
        """Load a base and, where given, an adapter. Raises what `Model.load` raises."""
        model = Model.load(base, quantization=quantization, adapter=adapter)
        return cls(
            model,
            fingerprint(base, adapter),
            quantization=quantization,
            adapter=adapter is not None,
        )

    @property
    def prompt_digest(self) -> str:
        """Digest of system prompt, template and tokenizer."""
        return self._model.chat.digest

    def describe(self) -> JsonDict:
        """Engine, versions, and the promise about determinism."""
        return {
            "engine": "transformers",
            "quantization": self._quantization,
            "device": self._model.device.type,
            "versions": {
                name: metadata.version(name) for name in ("torch", "transformers", "tokenizers")
            },
            "determinism": "greedy; batches sorted by length, fixed by suite and batch size; "
            "equal answers on equal "
            "hardware and versions",
        }

    def length(self, messages: Messages) -> int:
        """Tokens of the prompt."""
        return len(self._model.chat.prompt_ids(messages))

    def answers(self, prompts: Sequence[Messages], max_new_tokens: int) -> list[Reply]:
        """Generate one batch."""
        chat = self._model.chat
        started = time.monotonic()
        with self._switched():
            found = self._model.generate(
                [chat.prompt_ids(messages) for messages in prompts], max_new_tokens
            )
        seconds = (time.monotonic() - started) / max(1, len(prompts))
        return [
            Reply(
                text=chat.decode_marked(one.ids).strip(),
                tokens=len(one.ids),
                finish=one.finish,
                seconds=seconds,
            )
            for one in found
        ]

    def likelihood(self, pairs: Sequence[tuple[Messages, str]]) -> list[float]:
        """Nats of the texts' own tokens; the token that ends a turn is not part of the text."""
        chat = self._model.chat
        ids = [(chat.prompt_ids(messages), chat.plain_ids(text)) for messages, text in pairs]
        with self._switched():
            return [-value for value in self._model.log_likelihood(ids)]

    def options(self, pairs: Sequence[tuple[Messages, str]]) -> list[float]:
        """Nats of options after their prompts."""
        ids = [self._model.chat.continuation_ids(messages, text) for messages, text in pairs]
        with self._switched():
            return [-value for value in self._model.log_likelihood(ids)]

    def documents(self, texts: Sequence[str]) -> list[float]:
        """Nats of whole texts, in windows as long as the model was made for."""
        ids = [self._model.chat.plain_ids(text) for text in texts]
        with self._switched():
            return [-value for value in self._model.rolling(ids)]

    def _switched(self) -> AbstractContextManager[None]:
        return nullcontext() if self._adapter else self._model.without_adapter()


def pair(base: str, adapter: Path, quantization: Quantization) -> tuple[Engine, Engine]:
    """Base and tuned engine on ONE loaded model, with the adapter off and on.

    Equal weights in both arms, so that a difference is the adapter's alone.
    """
    folder = resolve(base)
    adapter = adapter_folder(adapter)
    model = Model.load(folder, quantization=quantization, adapter=adapter)
    plain = Local(model, fingerprint(folder), quantization=quantization, adapter=False)
    tuned = Local(model, fingerprint(folder, adapter), quantization=quantization, adapter=True)
    return plain, tuned
