"""What a run asks of the machine, looked at before the base is loaded."""

from __future__ import annotations

from secarch.errors import PrerequisiteError
from secarch.models import loadable
from secarch.models.weights import read_config
from secarch.train import compiler
from secarch.train.config import TrainConfig
from secarch.train.data.prepare import Prepared
from secarch.train.estimate.memory import DIRECT_BYTES


def bf16(config: TrainConfig) -> bool:
    """Whether products are taken in bfloat16."""
    from secarch.models.local import faster_dtype

    return (
        str(faster_dtype()) == "torch.bfloat16"
        if config.precision == "auto"
        else config.precision == "bf16"
    )


def device_name() -> str:
    """The GPU's name, or cpu with the instructions that decide how it rounds."""
    import torch

    if torch.cuda.is_available():
        return str(torch.cuda.get_device_name())
    return f"cpu {torch.backends.cpu.get_cpu_capability()}"


def on_cpu() -> bool:
    """Whether there is no CUDA GPU."""
    from secarch.models.local import device

    return device().type == "cpu"


def check(prepared: Prepared) -> None:
    """Raise PrerequisiteError where this machine cannot do what the settings ask."""
    from secarch.models.local import check_device, device

    check_device(prepared.base)
    loadable.check_whole(prepared.base)
    if device().type == "cpu" and prepared.config.optimizer.startswith("paged"):
        raise PrerequisiteError(
            "paged optimisers need a CUDA GPU",
            where="train.optimizer",
            fix="set train.optimizer to adamw",
        )
    if device().type == "cpu" and prepared.config.liger:
        raise PrerequisiteError(
            "Liger's kernels need a CUDA GPU", where="train.liger", fix="set train.liger to false"
        )
    if device().type == "cuda" and (why := compiler.fault()) and _compiles(prepared):
        raise PrerequisiteError(
            "this run needs a C compiler: its loss is a Triton kernel, built at the first step",
            where="this machine",
            why=why,
            fix=compiler.FIX,
        )


def _compiles(prepared: Prepared) -> bool:
    """Whether a Triton kernel will be built: Liger's layers, preferences (their log-probabilities),
    or logits too large for one piece.
    """
    config = prepared.config
    longest = max((row.trained for row in prepared.train.rows), default=0)
    positions = config.max_length if config.packing else longest * config.micro_batch
    words = int(read_config(prepared.base).get("vocab_size") or 0)
    always = config.liger or config.objective == "dpo"
    return always or positions * words * 4 > DIRECT_BYTES
