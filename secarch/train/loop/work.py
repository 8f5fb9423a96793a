"""Everything that a run needs, settled before torch is loaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from secarch.models.chat_template import Chat
from secarch.session import Stop
from secarch.train.config import TrainConfig
from secarch.train.data.rows import Row
from secarch.train.estimate import cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Everything that a run needs, settled before torch was loaded."""

    config: TrainConfig
    plan: cost.Plan
    base: Path
    base_name: str
    chat: Chat
    train: Sequence[Row]
    validation: Sequence[Row]
    seed: int
    directory: Path
    bf16: bool
    stop: Stop
    advance: Callable[..., None]
    """Takes steps done, and facts for the live line."""
