"""Greedy decoding of a batch with a cache. A leaf: it imports torch at its top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import torch

if TYPE_CHECKING:
    from secarch.models.local import Model


@dataclass(frozen=True, slots=True)
class Generated:
    """What a model wrote: token ids without the stop token, and why it ended."""

    ids: list[int]
    finish: Literal["stop", "length"]


class Decoding:
    """One greedy batch under way: rows still alive, their cache, and what was written so far."""

    def __init__(self, model: Model, prompts: Sequence[Sequence[int]], limit: int) -> None:
        self.model, self.limit = model, limit
        self.stops = frozenset(model.chat.stop_ids)
        self.written: list[list[int]] = [[] for _ in prompts]
        self.stopped = [False] * len(prompts)
        self.alive = list(range(len(prompts)))
        width = max(map(len, prompts))
        pad = model.chat.pad_id
        self.ids = torch.tensor(
            [[pad] * (width - len(p)) + list(p) for p in prompts], device=model.device
        )
        lengths = torch.tensor([len(p) for p in prompts], device=model.device)
        self.seen = (
            torch.arange(width, device=model.device)[None] >= width - lengths[:, None]
        ).long()
        self.positions = (self.seen.cumsum(1) - 1).clamp(min=0)
        self.cache: Any = None

    def run(self) -> list[Generated]:
        """Step until every row has ended."""
        from transformers import DynamicCache

        self.cache = DynamicCache(config=self.model.network.config)
        while self.alive:
            self._step()
        return [
            Generated(ids, "stop" if end else "length")
            for ids, end in zip(self.written, self.stopped, strict=True)
        ]

    def _step(self) -> None:
        out = self.model.network(
            input_ids=self.ids,
            attention_mask=self.seen,
            position_ids=self.positions,
            past_key_values=self.cache,
            use_cache=True,
            logits_to_keep=1,
        )
        chosen = out.logits[:, -1].argmax(-1)
        keep = self._write(chosen.tolist())
        if len(keep) < len(self.alive) and keep:
            index = torch.tensor(keep, device=self.model.device)
            self.cache.batch_select_indices(index)
            chosen, self.seen, self.positions = (
                chosen[index],
                self.seen[index],
                self.positions[index],
            )
        self.alive = [self.alive[row] for row in keep]
        self.ids = chosen[:, None]
        self.positions = self.positions[:, -1:] + 1
        self.seen = torch.cat([self.seen, self.seen.new_ones(len(self.seen), 1)], 1)

    def _write(self, tokens: list[int]) -> list[int]:
        """Append each row's token; returns the rows that go on."""
        keep = []
        for row, (n, token) in enumerate(zip(self.alive, tokens, strict=True)):
            if token in self.stops:
                self.stopped[n] = True
                continue
            self.written[n].append(token)
            if len(self.written[n]) < self.limit:
                keep.append(row)
        return keep
