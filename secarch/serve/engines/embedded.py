"""The embedded engine: one loaded model, one thread that batches, and the event loop's side of it.

A leaf: importing it imports torch.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import cast

from secarch import console
from secarch.models.chat_template import Chat
from secarch.models.local import Model
from secarch.models.prompt import SYSTEM
from secarch.schema import JsonDict
from secarch.serve.engines.batch import Batch, Row
from secarch.serve.engines.detokenise import Detokeniser, StopWords
from secarch.serve.engines.protocol import Ask, EngineLost, Finish, Piece

IDLE_S = 5.0
"""Seconds after which an idle engine looks whether it shall stop."""

Token = tuple[int, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What is loaded: a merged model, or a base with an adapter on it."""

    base: Path
    adapter: Path | None = None


class Embedded:
    """Continuous batching in this process, greedy by default."""

    def __init__(self, weights: Weights, *, prefill_tokens: int = 512) -> None:
        self._weights, self._prefill = weights, prefill_tokens
        self._inbox: queue.SimpleQueue[Row | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._model: Model | None = None
        self._failed: BaseException | None = None
        self._made: list[tuple[asyncio.Queue[Token], Token]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._rows: dict[int, Row] = {}

    @property
    def independent(self) -> bool:
        """True: rows of a batch do not see each other, and padding has no part in them."""
        return True

    @property
    def context(self) -> int:
        """Tokens that the model was made for; 0 before it is loaded."""
        config = self._model.network.config if self._model else None
        return int(getattr(config, "max_position_embeddings", 0) or 0)

    @property
    def chat(self) -> Chat:
        """The loaded model's chat format. Raises EngineLost before it is loaded."""
        if self._model is None:
            raise EngineLost("the model is not loaded")
        return self._model.chat

    def describe(self) -> JsonDict:
        """Engine and versions."""
        names = ("torch", "transformers", "tokenizers")
        return {
            "engine": "transformers",
            "device": str(self._model.device.type) if self._model else "",
            "versions": {name: metadata.version(name) for name in names},
        }

    async def start(self) -> None:
        """Load the model, and read the shared head of prompts, in a thread: another version may be
        answering meanwhile. Raises what `Model.load` raises.
        """
        self._model, batch = await asyncio.to_thread(self._load)
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(
            target=self._work,
            args=(self._model, batch),
            name="secarch-engine",
            daemon=True,
        )
        self._thread.start()

    def _load(self) -> tuple[Model, Batch]:
        weights = self._weights
        model = Model.load(weights.base, quantization="none", adapter=weights.adapter)
        return model, self._batch(model)

    def _batch(self, model: Model) -> Batch:
        return Batch(model, prefill_tokens=self._prefill, head=shared_head(model.chat))

    async def alive(self) -> bool:
        """Whether the thread that batches is running."""
        return self._failed is None and self._thread is not None and self._thread.is_alive()

    async def generate(self, ask: Ask) -> AsyncGenerator[Piece, None]:
        """Continue one prompt. Raises EngineLost if a step failed that it was in."""
        outbox: asyncio.Queue[Token] = asyncio.Queue()

        def emit(token: int, finish: str | None) -> None:
            self._made.append((outbox, (token, finish)))

        row = Row(
            ids=ask.ids,
            max_tokens=ask.max_tokens,
            emit=emit,
            temperature=ask.temperature,
            top_p=ask.top_p,
            seed=ask.seed,
            ignore_eos=ask.ignore_eos,
        )
        self._submit(row)
        try:
            async for piece in self._pieces(outbox, ask):
                yield piece
        finally:
            row.cancelled = True
            self._rows.pop(id(row), None)

    def _submit(self, row: Row) -> None:
        if self._failed is not None or self._thread is None:
            raise EngineLost("the engine's thread ended")
        self._rows[id(row)] = row
        self._inbox.put(row)

    async def _pieces(self, outbox: asyncio.Queue[Token], ask: Ask) -> AsyncIterator[Piece]:
        """What is there, as one piece: if the event loop is late, it has less to do, not more."""
        text, stop = Detokeniser(self.chat), StopWords(ask.stop)
        ended: str | None = None
        while ended is None:
            parts, tokens = [], 0
            token, ended = await outbox.get()
            while True:
                if ended == "lost":
                    raise EngineLost("the engine failed in the middle of an answer")
                tokens += ended is None
                last = ended is not None
                parts.append(stop.add(text.rest() if last else text.add(token), last=last))
                ended = "stop" if stop.met else ended
                if ended is not None or outbox.empty():
                    break
                token, ended = outbox.get_nowait()
            yield Piece(
                text="".join(parts),
                tokens=tokens,
                finish=cast("Finish | None", ended),
                prompt_tokens=len(ask.ids) if ended else None,
            )

    async def stop(self) -> None:
        """End the thread after its present step and let the model go."""
        self._inbox.put(None)
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join, IDLE_S)
        self._thread, self._model = None, None

    # -- the thread

    def _work(self, model: Model, batch: Batch) -> None:
        """Steps until it is stopped. One that fails ends its own answers; the next begin anew."""
        try:
            while self._take(batch):
                try:
                    batch.step()
                except Exception as error:  # noqa: BLE001 - whatever it was, others are answered
                    self._lost(error)
                    batch = self._batch(model)
                self._hand_over()
        except BaseException as error:  # noqa: BLE001 - whatever ended it, those who wait are told
            self._failed = error
            self._lost(error)
            self._hand_over()

    def _lost(self, error: BaseException) -> None:
        """Tell everybody who waits."""
        console.log().error("engine failed", why=f"{type(error).__name__}: {error}"[:300])
        for row in list(self._rows.values()):
            row.emit(-1, "lost")
            row.cancelled = True

    def _hand_over(self) -> None:
        """Wake the event loop once a step, not once a token."""
        made, self._made = self._made, []
        if made and self._loop is not None:
            self._loop.call_soon_threadsafe(_deliver, made)

    def _take(self, batch: Batch) -> bool:
        """Let what came in join; waits if there is nothing else to do. False ends the thread."""
        while True:
            try:
                row = self._inbox.get(block=not len(batch))
            except queue.Empty:
                return True
            if row is None:
                return False
            if not row.cancelled:
                batch.add(row)


def _deliver(made: list[tuple[asyncio.Queue[Token], Token]]) -> None:
    for outbox, token in made:
        outbox.put_nowait(token)


def shared_head(chat: Chat) -> list[int]:
    """Token ids that every prompt with our system prompt begins with."""
    prompts = [
        chat.prompt_ids([{"role": "system", "content": SYSTEM}, {"role": "user", "content": text}])
        for text in ("Why?", "1 name the controls")
    ]
    same = 0
    for first, second in zip(*prompts, strict=False):
        if first != second:
            break
        same += 1
    return prompts[0][:same]
