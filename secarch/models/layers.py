"""Which of a model's layers adapters go on, by their names alone: the dry run and the run agree.

Left out: the embedding and the head; towers and projectors of other senses, which text never
reaches; and, in mixtures of experts, everything of the feed-forward layers. Experts are stored as
one tensor of three dimensions, on which peft can put no adapter with dropout, and a router that
moves sends tokens to experts that did not learn from them. Also left out is what leads out of a
Mamba layer: its kernels read that weight itself, past any adapter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_NO_TEXT = re.compile(
    r"(^|\.)(vision\w*|visual|image\w*|audio\w*|speech\w*|multi_modal\w*|mm_\w+|\w*projector"
    r"|embed_vision|embed_audio)(\.|$)"
)
_OUTSIDE = re.compile(
    r"embed|lm_head|norm|(^|\.)(wte|wpe|score|output_layer|output_projection|embed_out|lm_loss)(\.|$)"
)
_FEED_FORWARD = re.compile(
    r"(^|\.)(mlp|experts?|router|gate|block_sparse_moe|moe|feed_forward|shared_\w+)(\.|$)"
)
_STATE_OUT = re.compile(r"(^|\.)(mamba|mixer)\.out_proj(\.|$)")
_EXPERT = re.compile(r"(^|\.)(experts?|router|block_sparse_moe|moe)(\.|$)")


def has_experts(names: Iterable[str]) -> bool:
    """Whether a model is a mixture of experts, by the names of its modules or tensors."""
    return any(_EXPERT.search(name) for name in names)


def adaptable(name: str, *, experts: bool) -> bool:
    """Whether an adapter may go on the linear layer `name`, of a model with or without experts.

    >>> adaptable("model.layers.0.self_attn.q_proj", experts=True)
    True
    >>> adaptable("vision_tower.layers.0.self_attn.q_proj", experts=False)
    False
    """
    if _OUTSIDE.search(name) or _NO_TEXT.search(name) or _STATE_OUT.search(name):
        return False
    return not (experts and _FEED_FORWARD.search(name))
