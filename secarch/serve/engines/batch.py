"""Continuous batching on one loaded model: rows join while others are being continued. A leaf.

Every step gives each running row one token. New prompts are read in pieces, so that a long one
does not hold up the others, and then join: caches are padded on the left to one length and put
together. A row that ends leaves at once, and columns that no row needs any more are cut. Positions
count real tokens only, so padding has no part in what is generated.

The head that all prompts share (the system prompt) is read once and its cache kept.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from secarch.errors import InvalidInput
from secarch.models.local import Model

COLDEST = 1e-5
"""Temperature below which sampling is greedy in single precision."""
_FULL = {"full_attention", "sliding_attention", "chunked_attention"}


@dataclass(slots=True)
class Row:
    """One answer under way."""

    ids: Sequence[int]
    max_tokens: int
    emit: Callable[[int, str | None], None]
    """Called with each token, or with -1 and how it ended; from the engine's thread."""
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int | None = None
    ignore_eos: bool = False
    cancelled: bool = False
    written: int = 0
    generator: Any = field(default=None, repr=False)


@dataclass(slots=True)
class _Filling:
    """A prompt that is being read, piece by piece."""

    row: Row
    cache: Any
    """(keys, values) of each layer, shape (1, heads, tokens read, head size); empty at first."""
    done: int
    """Tokens read."""


class Batch:
    """The rows that are running, their cache, and the prompts that are being read.

    Not safe for several threads: one thread owns it.
    """

    def __init__(self, model: Model, *, prefill_tokens: int, head: Sequence[int] = ()) -> None:
        _check(model)
        self.model = model
        self.stops = frozenset(model.chat.stop_ids)
        self.budget = prefill_tokens
        self.rows: list[Row] = []
        self.filling: list[_Filling] = []
        self._cache: Any = None
        self._seen: Any = None
        """Which columns of the cache are real, shape (rows, columns)."""
        self._next: Any = None
        """Token that each row reads next, shape (rows, 1)."""
        self._positions: Any = None
        self._head = tuple(head)
        self._head_cache: list[tuple[Any, Any]] = []
        if self._head:
            with torch.inference_mode():
                _, self._head_cache = self._read(self._head, [], 0)

    def __len__(self) -> int:
        return len(self.rows) + len(self.filling)

    def add(self, row: Row) -> None:
        """Begin with a prompt at the next step. Raises InvalidInput for an empty one."""
        if not row.ids:
            raise InvalidInput(
                "an empty prompt cannot be continued", fix="give a prompt that is not empty"
            )
        shared = self._head_cache if self._shares_head(row.ids) else []
        self.filling.append(_Filling(row, shared, len(self._head) if shared else 0))

    def _shares_head(self, ids: Sequence[int]) -> bool:
        n = len(self._head)
        return 0 < n < len(ids) and tuple(ids[:n]) == self._head

    @torch.inference_mode()
    def step(self) -> None:
        """Give each running row a token and read a piece of the waiting prompts."""
        self._drop([n for n, row in enumerate(self.rows) if row.cancelled])
        self.filling = [one for one in self.filling if not one.row.cancelled]
        if self.rows:
            self._decode()
        self._fill()

    def _decode(self) -> None:
        out = self.model.network(
            input_ids=self._next,
            attention_mask=self._seen,
            position_ids=self._positions,
            past_key_values=self._cache,
            use_cache=True,
            logits_to_keep=1,
        )
        tokens = _chosen(out.logits[:, -1], self.rows)
        ended = [n for n, row in enumerate(self.rows) if self._write(row, int(tokens[n]))]
        self._next = tokens[:, None]
        self._positions = self._positions + 1
        self._seen = torch.cat([self._seen, self._seen.new_ones(len(self._seen), 1)], 1)
        self._drop(ended)

    def _write(self, row: Row, token: int) -> bool:
        """Hand out a row's token; True if the row ended with it."""
        if token in self.stops and not row.ignore_eos:
            row.emit(-1, "stop")
            return True
        row.written += 1
        row.emit(token, None)
        if row.written >= row.max_tokens:
            row.emit(-1, "length")
            return True
        return False

    def _drop(self, ended: Sequence[int]) -> None:
        """Take rows out, and the columns that only they needed."""
        if not ended:
            return
        gone = set(ended)
        keep = [n for n in range(len(self.rows)) if n not in gone]
        self.rows = [self.rows[n] for n in keep]
        if not keep:
            self._cache = self._seen = self._next = self._positions = None
            return
        index = torch.tensor(keep, device=self.model.device)
        self._next, self._positions = self._next[index], self._positions[index]
        seen = self._seen[index]
        # The mask is a column longer than the cache: the token that is read next.
        first = int(seen.any(0).int().argmax())
        self._seen = seen[:, first:]
        self._cache = _cached(
            [(k[index, :, first:], v[index, :, first:]) for k, v in _layers(self._cache)]
        )

    def _fill(self) -> None:
        """Read waiting prompts, at most `budget` tokens in all; those that are read join."""
        left = self.budget
        ready: list[tuple[_Filling, Any]] = []
        whole: list[_Filling] = []
        while self.filling and left > 0:
            one = self.filling[0]
            rest = len(one.row.ids) - one.done
            if rest > left:
                if whole:
                    break
                one.cache = self._piece(one, left)
                return
            whole.append(self.filling.pop(0))
            left -= rest
        for group in _alike(whole):
            ready += self._finish(group)
        self._join(ready)

    def _piece(self, one: _Filling, size: int) -> Any:
        ids = one.row.ids[one.done : one.done + size]
        _, cache = self._read(ids, one.cache, one.done)
        one.done += len(ids)
        return cache

    def _read(self, ids: Sequence[int], cache: Any, done: int) -> tuple[Any, Any]:
        """(logits after the last id, cache with these ids) of one prompt."""
        device = self.model.device
        held = _cached(cache) if cache else _cached([])
        out = self.model.network(
            input_ids=torch.tensor([list(ids)], device=device),
            attention_mask=torch.ones(1, done + len(ids), dtype=torch.long, device=device),
            position_ids=torch.arange(done, done + len(ids), device=device)[None],
            past_key_values=held,
            use_cache=True,
            logits_to_keep=1,
        )
        return out.logits[:, -1], _layers(held)

    def _finish(self, group: Sequence[_Filling]) -> list[tuple[_Filling, Any]]:
        """Read the rest of prompts of which as much is cached, as one batch; first tokens are
        written.
        """
        device, done = self.model.device, group[0].done
        rests = [list(one.row.ids[one.done :]) for one in group]
        width = max(map(len, rests))
        pad = self.model.chat.pad_id
        ids = torch.tensor([[pad] * (width - len(r)) + r for r in rests], device=device)
        lengths = torch.tensor([len(r) for r in rests], device=device)
        real = (torch.arange(width, device=device)[None] >= width - lengths[:, None]).long()
        seen = torch.cat([real.new_ones(len(rests), done), real], 1)
        positions = (real.cumsum(1) - 1).clamp(min=0) + done
        held = _cached(_stacked([one.cache for one in group]) if done else [])
        out = self.model.network(
            input_ids=ids,
            attention_mask=seen,
            position_ids=positions,
            past_key_values=held,
            use_cache=True,
            logits_to_keep=1,
        )
        tokens = _chosen(out.logits[:, -1], [one.row for one in group])
        layers = _layers(held)
        return [
            (one, (tokens[n], seen[n : n + 1], [(k[n : n + 1], v[n : n + 1]) for k, v in layers]))
            for n, one in enumerate(group)
            if not self._write(one.row, int(tokens[n]))
        ]

    def _join(self, ready: Sequence[tuple[_Filling, Any]]) -> None:
        if not ready:
            return
        parts = [(seen, layers) for _, (_, seen, layers) in ready]
        if self.rows:
            parts.insert(0, (self._seen[:, :-1], _layers(self._cache)))
        width = max(seen.shape[1] for seen, _ in parts)
        seen = torch.cat([_left(seen, width, 1) for seen, _ in parts])
        layers = [
            tuple(
                torch.cat([_left(part[1][n][side], width, 2) for part in parts]) for side in (0, 1)
            )
            for n in range(len(parts[0][1]))
        ]
        device = self.model.device
        tokens = torch.stack([token for _, (token, _, _) in ready])[:, None]
        positions = torch.tensor([[len(one.row.ids)] for one, _ in ready], device=device)
        self._next = torch.cat([self._next, tokens]) if self.rows else tokens
        self._positions = torch.cat([self._positions, positions]) if self.rows else positions
        self._seen = torch.cat([seen, seen.new_ones(len(seen), 1)], 1)
        self._cache = _cached(layers)
        self.rows += [one.row for one, _ in ready]
        self._trim()

    def _trim(self) -> None:
        first = int(self._seen.any(0).int().argmax())
        if first:
            self._seen = self._seen[:, first:]
            self._cache = _cached(
                [(k[:, :, first:], v[:, :, first:]) for k, v in _layers(self._cache)]
            )


def _check(model: Model) -> None:
    """Raises InvalidInput for a model whose cache is not one key and value a token."""
    kinds = set(getattr(model.network.config, "layer_types", None) or ()) - _FULL
    if kinds:
        raise InvalidInput(
            "this architecture cannot be served by the embedded engine",
            why=f"it has layers of kind {', '.join(sorted(kinds))}",
            fix="serve it by vLLM or SGLang: secarch serve REF --print-engine vllm",
        )


def _cached(layers: Sequence[Any]) -> Any:
    """A transformers cache that holds these keys and values."""
    from transformers import DynamicCache

    cache = DynamicCache()
    for n, (keys, values) in enumerate(layers):
        cache.update(keys, values, n)
    return cache


def _layers(cache: Any) -> list[tuple[Any, Any]]:
    return [(layer.keys, layer.values) for layer in cache.layers]


def _stacked(caches: Sequence[Any]) -> list[tuple[Any, Any]]:
    """Caches of one length as one batch."""
    return [
        (torch.cat([c[n][0] for c in caches]), torch.cat([c[n][1] for c in caches]))
        for n in range(len(caches[0]))
    ]


def _left(tensor: Any, width: int, axis: int) -> Any:
    """Zeros before a tensor, so that `axis` is `width` long."""
    missing = width - tensor.shape[axis]
    if not missing:
        return tensor
    shape = list(tensor.shape)
    shape[axis] = missing
    return torch.cat([tensor.new_zeros(shape), tensor], axis)


def _alike(whole: Sequence[_Filling]) -> list[list[_Filling]]:
    """Prompts grouped by how many of their tokens are cached."""
    groups: dict[int, list[_Filling]] = {}
    for one in whole:
        groups.setdefault(one.done, []).append(one)
    return list(groups.values())


def _chosen(logits: Any, rows: Sequence[Row]) -> Any:
    """The next token of each row: the likeliest, or drawn if the row has a temperature."""
    tokens = logits.argmax(-1)
    for n, row in enumerate(rows):
        if row.temperature > 0:
            tokens[n] = _drawn(logits[n].float(), row)
    return tokens


def _drawn(logits: Any, row: Row) -> int:
    """Nucleus sampling (arXiv:1904.09751): the least set of tokens with `top_p` of the chance.

    It is never empty, and logits that no chance can be made of give the likeliest token: one row
    must not end the step of all.
    """
    if row.generator is None:
        row.generator = torch.Generator(device=logits.device)
        row.generator.manual_seed(row.seed) if row.seed is not None else row.generator.seed()
    scaled = (logits - logits.max()) / max(row.temperature, COLDEST)
    chances, order = scaled.softmax(-1).sort(descending=True)
    outside = chances.cumsum(-1) - chances >= row.top_p
    outside[0] = False
    chances = chances.masked_fill(outside, 0.0)
    if not math.isfinite(float(chances.sum())):
        return int(logits.argmax())
    return int(order[torch.multinomial(chances, 1, generator=row.generator)])
