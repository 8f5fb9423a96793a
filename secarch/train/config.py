"""Settings of the trainer. Names are ours, so that a library's renaming breaks one module."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from secarch.schema import Config, runtime

Share = Annotated[float, Field(ge=0, lt=1)]


class LoraConfig(Config):
    """The adapter (Hu et al. 2021, arXiv:2106.09685)."""

    r: Annotated[int, Field(ge=1, le=1024)] = 32
    """Rank."""
    alpha: Annotated[int, Field(ge=1)] = 64
    """Scale; the update is multiplied by alpha / r (rslora: alpha / sqrt(r))."""
    dropout: Share = 0.05
    """Share of the adapter's inputs dropped in training (0..1)."""
    targets: str | tuple[str, ...] = "all-linear"
    """Module names, or all-linear for every linear layer but the head."""
    variant: Literal["lora", "rslora", "dora"] = "lora"
    """Plain, rank-stabilised (arXiv:2312.03732) or weight-decomposed (arXiv:2402.09353)."""
    init: Literal[
        "default", "gaussian", "orthogonal", "olora", "pissa", "corda", "eva", "loftq"
    ] = "default"
    """Initialisation that leaves the base as it is: default, gaussian, or (quantization none)
    orthogonal.
    """


UNSOUND = {
    "olora": "it changes the base's weights, so the adapter would be worthless on the base that "
    "everyone else has",
    "pissa": "it changes the base's weights, so the adapter would be worthless on the base that "
    "everyone else has",
    "corda": "it changes the base's weights, so the adapter would be worthless on the base that "
    "everyone else has",
    "eva": "without a pass over the data of its own, which is not made here, it silently trains "
    "from a plain start",
    "loftq": "it quantises the base anew, and the adapter would fit no other copy of it",
}
"""Initialisations that peft knows and that are refused, and why."""


class GuardConfig(Config):
    """When a run has gone wrong and is stopped, its last good checkpoint kept."""

    patience: Annotated[int, Field(ge=1)] = 10
    """Steps in a row that must look wrong; a loss or gradient that is not a number stops at once.
    """
    spike: Annotated[float, Field(gt=1)] = 20.0
    """Gradient norm, as a multiple of its moving average, that looks wrong."""
    divergence: Annotated[float, Field(gt=0)] = 1.0
    """Nats per token by which the average of some twenty losses may lie above the lowest of some
    hundred.
    """


class MixPart(Config):
    """A dataset of which rows are mixed into the run's own."""

    dataset: str
    """File or folder of training rows, in any form that --dataset takes."""
    weight: Annotated[float, Field(gt=0)] | None = None
    """Rows to take, as a multiple of the rows of the run's own dataset; or else:"""
    rows: Annotated[int, Field(ge=1)] | None = None
    """Rows to take."""
    repeat: Annotated[int, Field(ge=1)] = 1
    """How often each is seen in an epoch."""

    @model_validator(mode="after")
    def _one_measure(self) -> Self:
        """Refuse both or neither."""
        if (self.weight is None) == (self.rows is None):
            raise ValueError(f"mix {self.dataset}: give either weight or rows")
        return self


class TrainConfig(Config):
    """What to train, on what, and for how long."""

    base: str = "meta-llama/Llama-3.1-8B-Instruct"
    """Folder of the base model, or its name in the local Hugging Face cache or on the hub."""
    revision: str = ""
    """Commit of the base on the hub; the newest if empty."""
    chat_template: str = runtime("")
    """File of a chat template to train with, in place of the base's own; its content is recorded.
    """
    system: Literal["auto", "template", "merge_into_user", "none"] = "auto"
    """Who places the system prompt: the template, or we before the first question (auto does so
    where the template has no system role), or nobody.
    """
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")] = "architect"
    """Name of the run: the folder below runs/ (letters, digits, dot, dash, underscore)."""
    objective: Literal["sft", "dpo"] = "sft"
    """Learn the rows' answers, or to prefer chosen over rejected ones (arXiv:2305.18290)."""
    beta: Annotated[float, Field(gt=0, le=10)] = 0.1
    """How much a preference counts against staying near the base; for dpo."""
    quantization: Literal["nf4", "none"] = "nf4"
    """4-bit NormalFloat with double quantisation (arXiv:2305.14314), or the base as it is."""
    max_steps: Annotated[int, Field(ge=0)] = 0
    """Optimiser steps; 0 means `epochs` decides."""
    epochs: Annotated[float, Field(gt=0)] = 2.0
    """Passes over the data."""
    micro_batch: Annotated[int, Field(ge=1)] = runtime(2)
    """Rows on the device at once; no part of the run's identity."""
    global_batch: Annotated[int, Field(ge=1)] = 16
    """Rows per optimiser step; a multiple of micro_batch."""
    learning_rate: Annotated[float, Field(gt=0, lt=1)] = 2e-4
    """Peak rate."""
    warmup: Annotated[float, Field(ge=0, lt=1)] = 0.05
    """Share of the steps with a rising rate (0..1)."""
    schedule: Literal["cosine", "linear", "constant", "wsd"] = "cosine"
    """Shape of the rate after the warm-up; wsd stays and falls over the last fifth."""
    weight_decay: Annotated[float, Field(ge=0)] = 0.0
    """Decoupled weight decay."""
    neftune: Annotated[float, Field(ge=0, le=100)] = 0.0
    """Noise on the embeddings while training (arXiv:2310.05914: alpha of 5 to 15); 0 for none."""
    max_grad_norm: Annotated[float, Field(gt=0)] = 1.0
    """Gradient clipping."""
    max_length: Annotated[int, Field(ge=16)] = 2048
    """Tokens per row."""
    over_length: Literal["split", "drop", "raise"] = "split"
    """What happens to longer rows: cut at paragraph ends into several (pairs: left out), left out
    and counted, or refused.
    """
    packing: bool = False
    """Fill rows of max_length with several documents that cannot see one another."""
    attention: Literal["auto", "sdpa", "varlen"] = "auto"
    """How packed rows attend: by a mask (sdpa), or document by document without one (varlen; auto
    takes it on CUDA).
    """
    liger: bool = False
    """Liger's fused layer kernels (CUDA; the extra `liger`)."""
    gradient_checkpointing: bool | Literal["auto"] = runtime("auto")
    """Trade a third more computation for memory; auto where the prediction does not fit without."""
    optimizer: Literal["adamw", "adamw_8bit", "paged_adamw_8bit"] = "adamw"
    """AdamW, or its 8-bit forms (bitsandbytes)."""
    eval_steps: Annotated[int, Field(ge=1)] = 50
    """Steps between two evaluations on the validation split."""
    save_steps: Annotated[int, Field(ge=1)] = 50
    """Steps between two checkpoints; a multiple of eval_steps."""
    early_stopping: Annotated[int, Field(ge=0)] = 0
    """Evaluations in a row without a better loss after which the run ends; 0 means never."""
    max_eval_rows: Annotated[int, Field(ge=1)] = 512
    """Validation rows used during training (the first by id)."""
    precision: Literal["auto", "bf16", "fp32"] = "auto"
    """Number format of the matrix products; auto takes bf16 on CUDA, and on a CPU what a short
    probe finds faster.
    """
    gpu: str = runtime("")
    """GPU to estimate a dry run for, by its name in the table (H100, L4, RTX-4090...); this
    machine's where empty.
    """
    price_per_hour: Annotated[float, Field(ge=0)] | None = runtime(None)
    """What an hour of the machine costs you, in US dollars; the table's list price if not set.
    """
    full_determinism: bool = False
    """Also force deterministic kernels; slower."""
    trackers: tuple[Literal["tensorboard", "wandb", "mlflow"], ...] = runtime(())
    """Beside metrics.jsonl, which is always written."""
    mix: tuple[MixPart, ...] = runtime(())
    """Datasets mixed in, such as general chat against forgetting; what was taken is recorded by
    digest.
    """
    samples: Annotated[int, Field(ge=0, le=20)] = runtime(2)
    """Held-out prompts that base and adapter answer on the run's page."""
    guard_suites: tuple[str, ...] = runtime(())
    """Small sets that show what a run forgot, scored before and after: suites with multiple-choice
    questions, or general documents (.txt, .md, rows with text); recorded by digest.
    """
    guard: GuardConfig = runtime(GuardConfig.defaults())
    """When to stop a run that goes wrong."""
    lora: LoraConfig = LoraConfig.defaults()
    """The adapter."""

    @model_validator(mode="after")
    def _settings_agree(self) -> Self:
        """Refuse what cannot be carried out, naming the settings."""
        if self.global_batch % self.micro_batch:
            raise ValueError(
                f"global_batch ({self.global_batch}) must be a multiple of micro_batch "
                f"({self.micro_batch})"
            )
        if self.save_steps % self.eval_steps:
            raise ValueError(
                f"save_steps ({self.save_steps}) must be a multiple of eval_steps "
                f"({self.eval_steps})"
            )
        if isinstance(self.lora.targets, str) and self.lora.targets != "all-linear":
            raise ValueError(
                "lora.targets must be all-linear or a list of module names, not "
                f"{self.lora.targets!r}"
            )
        if why := UNSOUND.get(self.lora.init):
            raise ValueError(
                f"lora.init {self.lora.init} is refused: {why}; use default or gaussian"
            )
        if self.lora.init == "orthogonal" and self.quantization == "nf4":
            raise ValueError(
                "lora.init orthogonal does not work on a quantised base; use default or gaussian"
            )
        if self.lora.init == "orthogonal" and self.lora.r % 2:
            raise ValueError(f"lora.init orthogonal needs an even lora.r, not {self.lora.r}")
        if self.objective == "dpo" and (self.packing or self.mix):
            raise ValueError(
                f"objective dpo knows no {'packing' if self.packing else 'mix'}: leave it out"
            )
        if self.attention == "varlen" and not self.packing:
            raise ValueError(
                "attention varlen is for packed rows: set packing to true, or attention to auto"
            )
        return self
