"""What the evaluation asks of whatever produces answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from secarch.records import Finish
from secarch.schema import JsonDict

Messages = list[dict[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer as an engine gives it."""

    text: str
    tokens: int
    """Generated tokens; 0 where the server does not say."""
    finish: Finish
    """`error`: the server refused this one question for good; `text` is empty then."""
    seconds: float
    reasoning: str = ""
    """What a server gives apart as the model's reasoning."""


class Engine(Protocol):
    """Something that answers questions, greedily and in the order it is asked."""

    @property
    def fingerprint(self) -> str:
        """Hex SHA-256 of the model that answers: equal values mean equal weights (or equal server
        and model name).
        """
        ...

    @property
    def prompt_digest(self) -> str:
        """Hex SHA-256 of the way in which messages become a prompt."""
        ...

    @property
    def likelihood_refused(self) -> str:
        """Why this engine cannot measure likelihoods; empty if it can."""
        ...

    def describe(self) -> JsonDict:
        """Name, versions and what is promised about determinism; JSON-ready, no paths."""
        ...

    def length(self, messages: Messages) -> int:
        """Size of the prompt, by which batches are sorted: tokens, or characters if there is no
        tokenizer.
        """
        ...

    def answers(self, prompts: Sequence[Messages], max_new_tokens: int) -> list[Reply]:
        """Answer one batch; as many replies as prompts, in their order.

        Raises InputError where the engine as a whole does not work.
        """
        ...

    def likelihood(self, pairs: Sequence[tuple[Messages, str]]) -> list[float]:
        """Nats (>= 0) of each text as the answer to its prompt: the negative log-likelihood, summed
        over tokens.
        """
        ...

    def options(self, pairs: Sequence[tuple[Messages, str]]) -> list[float]:
        """Nats (>= 0) of each option after its prompt, cut into tokens as lm-eval does."""
        ...

    def documents(self, texts: Sequence[str]) -> list[float]:
        """Nats (>= 0) of each whole text after nothing but the token that opens a document."""
        ...
