"""Settings of the evaluation."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from secarch.evaluate.metrics.metrics import ALL, AnyMetric
from secarch.schema import Config, runtime


class EvalConfig(Config):
    """What to ask, how to generate, and what to compute."""

    suites: tuple[str, ...] = ("core",)
    """Suites by name, or files and folders."""
    smoke: bool = False
    """Only the questions tagged smoke."""
    max_new_tokens: Annotated[int, Field(ge=1, le=32_768)] = 512
    """Tokens of the longest answer."""
    batch_size: Annotated[int, Field(ge=1, le=4096)] = 16
    """Questions generated at once (part of the identity: it can change the last bits of a logit).
    """
    engine: Literal["transformers", "openai"] = "transformers"
    """Local generation, or an OpenAI-compatible server; an http(s) address as the model means the
    server.
    """
    quantization: Literal["nf4", "none"] = "nf4"
    """How the base is loaded."""
    bertscore_model: str = ""
    """Folder of the encoder for BERTScore, or `minilm` (extra `encoder`); empty: unscored, and said
    so.
    """
    judge_url: str = ""
    """OpenAI-compatible URL of an optional judge, which says of each key point whether the answer
    meets it.
    """
    judge_model: str = ""
    """Name of the judge's model on its server; empty: the only one that it lists."""
    likelihood: bool = True
    """Also measure bits-per-byte of the reference answers, and the options of multiple choices."""
    held_out: str = ""
    """Held-out documents for bits-per-byte: a JSONL file with `text`, or a dataset (its test
    split); empty: none.
    """
    held_out_documents: Annotated[int, Field(ge=1, le=100_000)] = 200
    """Most documents that are measured."""
    metrics: tuple[AnyMetric, ...] = ALL
    """What to compute, as a list of `{kind: ...}`."""
    repeat: Annotated[int, Field(ge=0)] = 0
    """Number of a further evaluation of the same model, which asks everything again; 0: the first.
    """
    min_score: Annotated[float, Field(ge=0, le=1)] | None = runtime(None)
    """Mean rubric score below which the gate fails (0..1)."""
    min_by_category: dict[str, Annotated[float, Field(ge=0, le=1)]] = runtime(default_factory=dict)
    """Category -> mean rubric score below which the gate fails (0..1)."""
    min_mcq: Annotated[float, Field(ge=0, le=1)] | None = runtime(None)
    """Share of right multiple choices below which the gate fails: by likelihood of the letter, else
    by the answer.
    """
    max_unsafe: Annotated[int, Field(ge=0)] | None = runtime(None)
    """Most answers with a critical dangerous statement."""
    max_unanswered: Annotated[float, Field(ge=0, le=1)] = runtime(0.02)
    """Share of questions without an answer that can be scored above which the gate fails."""
    served_model: str = ""
    """Name of the model on the server; empty: the only one that it lists."""
    concurrency: Annotated[int, Field(ge=1, le=256)] = runtime(8)
    """Questions in flight to a server."""
    retries: Annotated[int, Field(ge=0, le=20)] = runtime(4)
    """Further tries after a temporary failure of a server."""
    timeout_s: Annotated[float, Field(gt=0, le=86_400)] = runtime(300.0)
    """Seconds for one answer of a server."""

    @field_validator("metrics")
    @classmethod
    def _each_once(cls, metrics: tuple[AnyMetric, ...]) -> tuple[AnyMetric, ...]:
        kinds = [metric.kind for metric in metrics]
        if twice := {kind for kind in kinds if kinds.count(kind) > 1}:
            raise ValueError(f"{min(twice)} is given twice")
        return metrics
