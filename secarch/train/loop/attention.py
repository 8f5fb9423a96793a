"""Attention over packed rows in which no document sees another, without a mask and without a wheel
to build.

The library's own way is a dense mask of the packed row's length squared. Here each document is
attended to for itself: on CUDA by torch's variable-length flash kernel (torch.nn.attention.varlen),
on a CPU by one product a document. This is a leaf: it imports torch at its top.
"""

from __future__ import annotations

import inspect
from functools import cache
from itertools import pairwise
from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention

NAME = "secarch_varlen"
"""What the model's configuration calls it."""


def use(network: Any) -> None:
    """Make a loaded model attend by documents."""
    from transformers import AttentionInterface
    from transformers.masking_utils import AttentionMaskInterface

    AttentionInterface.register(NAME, varlen)
    AttentionMaskInterface.register(NAME, _no_mask)
    network.set_attn_implementation(NAME)


def _no_mask(*_args: Any, **_kwargs: Any) -> None:
    """The lengths of the documents take its place."""


def varlen(
    _module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    _mask: torch.Tensor | None = None,
    scaling: float | None = None,
    dropout: float = 0.0,
    cu_seq_lens_q: torch.Tensor | None = None,
    max_length_q: int | None = None,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """Causal attention inside each document: (1, heads, tokens, size) -> (1, tokens, heads, size).

    `cu_seq_lens_q` holds where documents begin, and the end. Without it a batch is not packed:
    plain causal attention, in which padding on the right is seen by no real token.

    Raises ValueError for packed rows in more than one row.
    """
    if cu_seq_lens_q is None:
        out = scaled_dot_product_attention(
            query,
            key,
            value,
            dropout_p=dropout,
            is_causal=query.shape[2] > 1,
            scale=scaling,
            enable_gqa=True,
        )
        return out.transpose(1, 2).contiguous(), None
    if query.shape[0] != 1:
        raise ValueError("packed rows come as one row")
    if query.is_cuda:
        return _by_kernel(
            query, key, value, cu_seq_lens_q, int(max_length_q or query.shape[2]), scaling
        ), None
    edges = cu_seq_lens_q.tolist()
    parts = [
        scaled_dot_product_attention(
            query[:, :, a:z],
            key[:, :, a:z],
            value[:, :, a:z],
            dropout_p=dropout,
            is_causal=True,
            scale=scaling,
            enable_gqa=True,
        )
        for a, z in pairwise(edges)
    ]
    return torch.cat(parts, 2).transpose(1, 2).contiguous(), None


def _by_kernel(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    edges: torch.Tensor,
    longest: int,
    scale: float | None,
) -> torch.Tensor:
    from torch.nn.attention.varlen import varlen_attn

    q, k, v = (x[0].transpose(0, 1).contiguous() for x in (query, key, value))
    options = _options()
    extra: dict[str, Any] = {"scale": scale} if "scale" in options and scale is not None else {}
    if q.shape[1] != k.shape[1]:
        if "enable_gqa" in options:
            extra["enable_gqa"] = True
        else:
            k, v = (x.repeat_interleave(q.shape[1] // x.shape[1], 1) for x in (k, v))
    # A window that looks back without end and not ahead is how newer versions say causal.
    extra |= {"window_size": (-1, 0)} if "window_size" in options else {"is_causal": True}
    out: Any = varlen_attn(q, k, v, edges, edges, longest, longest, **extra)
    return torch.as_tensor(out)[None]


@cache
def _options() -> frozenset[str]:
    """What this version's kernel can be told."""
    from torch.nn.attention.varlen import varlen_attn

    return frozenset(inspect.signature(varlen_attn).parameters)
