"""Log-probabilities of marked tokens, in batches of like length. A leaf: it imports torch at its
top.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from secarch.models.local import Model

Row = tuple[list[int], list[bool]]
"""Token ids, and which of them are scored."""
BATCH_TOKENS = 8192
"""Padded tokens of one batch, fewer where the vocabulary is large."""
LOGIT_BYTES = 2 << 30
"""Bytes that the logits of one batch may take."""


@torch.no_grad()
def nats(model: Model, rows: Sequence[Row]) -> list[float]:
    """Natural log-probability of each row's marked tokens, given everything before each of them.

    Batched by length, so that the batch size has no part in it; the softmax is taken in fp32 over
    the whole vocabulary. A row's first token cannot be scored. Rows that differ in their last token
    alone are read once.
    """
    groups = _alike(rows)
    lengths = [len(rows[group[0]][0]) for group in groups]
    budget = min(BATCH_TOKENS, LOGIT_BYTES // (8 * model.chat.tokenizer.get_vocab_size()))
    order = sorted(range(len(groups)), key=lambda g: (-lengths[g], groups[g]))
    out = [0.0] * len(rows)
    for batch in _batches(order, lengths, budget):
        scored = _scored(model, [[rows[n] for n in groups[g]] for g in batch])
        for g, values in zip(batch, scored, strict=True):
            for n, value in zip(groups[g], values, strict=True):
                out[n] = value
    return out


def windows(ids: list[int], size: int) -> Iterator[Row]:
    """Windows that score `size` tokens each after the one before them; the last has as much context
    as fits.
    """
    for start in range(1, len(ids), size):
        end = min(start + size, len(ids))
        first = max(0, end - size - 1)
        yield ids[first:end], [n >= start for n in range(first, end)]


def _alike(rows: Sequence[Row]) -> list[list[int]]:
    """Indices of the rows, those together that differ in their last token alone: the letters of a
    multiple choice.
    """
    groups: dict[object, list[int]] = {}
    for n, (ids, mask) in enumerate(rows):
        key = (*ids[:-1], *mask) if any(mask[1:]) and mask[-1] else ("row", n)
        groups.setdefault(key, []).append(n)
    return list(groups.values())


def _batches(order: Sequence[int], lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Consecutive indices whose padded size stays within `budget` (longest first, so the first sets
    the width).
    """
    batch: list[int] = []
    for n in order:
        if batch and lengths[batch[0]] * (len(batch) + 1) > budget:
            yield batch
            batch = []
        batch.append(n)
    if batch:
        yield batch


def _scored(model: Model, groups: Sequence[Sequence[Row]]) -> list[list[float]]:
    """Nats of each group's rows, from one forward pass over their first ones."""
    width = max(len(group[0][0]) for group in groups)
    ids = torch.full((len(groups), width), model.chat.pad_id, dtype=torch.long)
    seen, marked = torch.zeros_like(ids), torch.zeros_like(ids, dtype=torch.bool)
    for n, ((tokens, mask), *_) in enumerate(groups):
        ids[n, : len(tokens)] = torch.tensor(tokens)
        seen[n, : len(tokens)] = 1
        marked[n, : len(tokens)] = torch.tensor(mask)
    ids, seen, marked = (item.to(model.device) for item in (ids, seen, marked))
    # Logits only where some row has a marked token next; the model's own head, since some scale or
    # cap them.
    columns = marked[:, 1:].any(0).nonzero()[:, 0]
    if not len(columns):
        return [[0.0] * len(group) for group in groups]
    logits = model.network(
        input_ids=ids, attention_mask=seen, use_cache=False, logits_to_keep=columns
    ).logits.float()
    whole = logits.logsumexp(-1)
    taken = logits.gather(2, ids[:, columns + 1, None])[:, :, 0] - whole
    counted = taken.double() * marked[:, columns + 1]
    return [
        [float(counted[n].sum()), *_others(group, columns, counted[n], logits[n], whole[n])]
        for n, group in enumerate(groups)
    ]


def _others(
    group: Sequence[Row],
    columns: torch.Tensor,
    counted: torch.Tensor,
    logits: torch.Tensor,
    whole: torch.Tensor,
) -> list[float]:
    """Nats of a group's rows after the first: the first's up to its last token, and their own last
    one's.
    """
    if len(group) == 1:
        return []
    last = columns == len(group[0][0]) - 2
    tokens = torch.tensor([ids[-1] for ids, _ in group[1:]], device=logits.device)
    own = logits[last][0, tokens] - whole[last]
    values: list[float] = (counted[~last].sum() + own.double()).tolist()
    return values
