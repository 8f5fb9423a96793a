"""Settings of the evaluation."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

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
    """Questions generated at once (part of the identity: it can change the last bits of a logit)."""
    engine: Literal["transformers", "openai"] = "transformers"
    """Local generation, or an OpenAI-compatible server."""
    quantization: Literal["nf4", "none"] = "nf4"
    """How the base is loaded."""
    bertscore_model: str = ""
    """Folder or name of the encoder for BERTScore; empty: BERTScore is unscored, and said so."""
    judge_url: str = ""
    """OpenAI-compatible URL of an optional judge."""
    likelihood: bool = True
    """Also measure bits-per-byte of the reference answers."""
    min_score: Annotated[float, Field(ge=0, le=1)] | None = runtime(None)
    """Mean rubric score below which the gate fails (0..1)."""
