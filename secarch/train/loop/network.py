"""The base with fresh adapters, attending and multiplying as the settings say.

A leaf: it imports torch at its top.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig as Adapter
from peft import get_peft_model
from torch import nn
from transformers.pytorch_utils import Conv1D

from secarch.errors import InvalidInput
from secarch.models.layers import adaptable, has_experts
from secarch.models.local import device, load_base
from secarch.models.weights import plain_attention
from secarch.train.config import LoraConfig, TrainConfig
from secarch.train.loop import attention

LIGER = {
    "rope": True,
    "rms_norm": True,
    "swiglu": True,
    "cross_entropy": False,
    "fused_linear_cross_entropy": False,
}
"""Which of Liger's kernels are taken (arXiv:2410.10989): those of the layers.

The loss is our own.
"""


def frozen(config: TrainConfig, base: Path, *, seed: int, bf16: bool) -> Any:
    """The base, frozen, attending as the settings say. Raises InvalidInput if it cannot be
    loaded.
    """
    torch.manual_seed(seed)
    loaded = load_base(base, config.quantization, torch.bfloat16 if bf16 else torch.float32)
    if attends_by_documents(config, base, bf16=bf16):
        attention.use(loaded)
    if config.liger:
        from liger_kernel.transformers import _apply_liger_kernel_to_instance

        _apply_liger_kernel_to_instance(model=loaded, **LIGER)
    for parameter in loaded.parameters():
        parameter.requires_grad_(False)
    return loaded


def network(config: TrainConfig, base: Path, *, seed: int, bf16: bool) -> Any:
    """The base, frozen, with fresh adapters.

    Raises InvalidInput if it cannot be loaded, or has none of the modules that are to be
    adapted.
    """
    loaded = frozen(config, base, seed=seed, bf16=bf16)
    try:
        return get_peft_model(loaded, adapter(config.lora, loaded))
    except ValueError as error:
        raise InvalidInput(
            "adapters cannot be put on this base",
            where="train.lora",
            why=str(error).splitlines()[0],
            fix="set train.lora.targets to all-linear, or to names of its linear layers",
        ) from error


def targets(loaded: Any, lora: LoraConfig) -> list[str]:
    """Full names of the linear layers that get adapters, as `layers.adaptable` decides."""
    names = [name for name, _ in loaded.named_parameters()]
    experts = has_experts(names)
    return [
        name
        for name, module in loaded.named_modules()
        if isinstance(module, (nn.Linear, Conv1D))
        and adaptable(name, experts=experts)
        and (isinstance(lora.targets, str) or name.rsplit(".", 1)[-1] in lora.targets)
    ]


def adapter(lora: LoraConfig, loaded: Any) -> Adapter:
    """Peft's settings of the adapters that go on a loaded base."""
    return Adapter(
        r=lora.r,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        task_type="CAUSAL_LM",
        target_modules=targets(loaded, lora),
        use_rslora=lora.variant == "rslora",
        use_dora=lora.variant == "dora",
        init_lora_weights=True if lora.init == "default" else lora.init,
    )


def attends_by_documents(config: TrainConfig, base: Path, *, bf16: bool) -> bool:
    """Whether packed rows are attended to document by document, without a mask.

    The flash kernel on CUDA needs 16-bit numbers and compute capability 8 (Ampere). On a CPU one
    product with a mask is faster than one a document at the lengths that are trained there.
    """
    if not config.packing or config.attention == "sdpa":
        return False
    if config.attention == "varlen":
        return True
    able = device().type == "cuda" and bf16 and torch.cuda.get_device_capability()[0] >= 8
    return able and plain_attention(base)
