"""Settings of the demo's embedded base model."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from secarch.schema import Config


class DemoConfig(Config):
    """How the tiny base is pre-trained from the text that ships with Python."""

    vocabulary: Annotated[int, Field(ge=512, le=32_768)] = 4096
    """Tokens of the byte-level BPE tokenizer."""
    hidden: Annotated[int, Field(ge=32, le=1024)] = 192
    """Width."""
    layers: Annotated[int, Field(ge=1, le=24)] = 4
    """Transformer blocks."""
    steps: Annotated[int, Field(ge=1)] = 300
    """Pre-training steps of `batch` rows."""
    batch: Annotated[int, Field(ge=1)] = 8
    """Rows per pre-training step."""
    context: Annotated[int, Field(ge=32)] = 256
    """Tokens per row."""
