"""What the server asks of whatever generates tokens."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from secarch.schema import JsonDict

Finish = Literal["stop", "length"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One prompt, in token ids, and how it is to be continued."""

    ids: Sequence[int]
    max_tokens: int
    temperature: float = 0.0
    """0: greedy, which is how the version was evaluated."""
    top_p: float = 1.0
    seed: int | None = None
    stop: tuple[str, ...] = ()
    """Texts that end the answer; they are no part of it."""
    ignore_eos: bool = False
    """Whether the model's own end is skipped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of an answer, in order; the last one says how it ended."""

    text: str
    tokens: int
    """Generated tokens that this part stands for."""
    finish: Finish | None = None
    prompt_tokens: int | None = None
    """Read by the engine; None if it does not say."""


class EngineLost(Exception):
    """The engine died, cut an answer short or does not answer; the request can be tried again."""


class EngineBusy(EngineLost):
    """The engine lives and takes no more at the moment."""


class EngineRefused(Exception):
    """The engine will not take this request as it is."""


class Engine(Protocol):
    """Something that continues token ids."""

    @property
    def independent(self) -> bool:
        """Whether an answer is the same whatever is asked beside it."""
        ...

    @property
    def context(self) -> int:
        """Tokens of prompt and answer together, at most; 0 if it is not known."""
        ...

    def describe(self) -> JsonDict:
        """Kind, model and versions; JSON-ready, without keys."""
        ...

    async def start(self) -> None:
        """Get ready. Raises EngineLost, EngineRefused."""
        ...

    async def alive(self) -> bool:
        """Whether it can be expected to answer; says so within seconds."""
        ...

    def generate(self, ask: Ask) -> AsyncGenerator[Piece, None]:
        """Continue one prompt; closing the iterator frees its place within a step.

        Raises EngineLost, EngineRefused.
        """
        ...

    async def stop(self) -> None:
        """Give everything back."""
        ...
