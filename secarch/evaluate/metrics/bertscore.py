"""BERTScore by the bert-score package, with the two things it lacks: blank texts, and saying what
it cut off.

bert-score 0.3.13 raises on a blank candidate under transformers 5 and ignores what is after the
encoder's longest input without a word.
"""

from __future__ import annotations

import contextlib
import json
import logging
import math
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bert_score import BERTScorer
from transformers.utils import logging as transformers_logging

from secarch.models.encoder import locate

__all__ = ["BATCH", "Encoder", "locate"]

BATCH = 32


class Encoder:
    """A BERTScorer that is loaded once."""

    def __init__(self, folder: Path) -> None:
        depth = int(
            json.loads((folder / "config.json").read_text(encoding="utf-8"))["num_hidden_layers"]
        )
        self.layer = math.ceil(0.75 * depth)
        """The package's table has layer 9 of 12 and 18 of 24 for BERT; the same share is taken of
        other depths.
        """
        with _offline():
            self._scorer: Any = BERTScorer(
                model_type=str(folder), num_layers=self.layer, batch_size=BATCH
            )

    @property
    def longest(self) -> int:
        """Tokens of the longest text that is read whole."""
        tokenizer, config = self._scorer._tokenizer, self._scorer._model.config  # noqa: SLF001 - it offers no other way
        return min(int(tokenizer.model_max_length), int(config.max_position_embeddings))

    def f1(self, pairs: Sequence[tuple[str, str]]) -> tuple[list[float], int]:
        """F1 (0..1, not rescaled) of each (answer, reference), and how many answers or references
        were cut.

        A blank text on either side is 0 without asking the encoder.
        """
        values = [0.0] * len(pairs)
        asked = [
            n for n, (answer, reference) in enumerate(pairs) if answer.strip() and reference.strip()
        ]
        tokenizer = self._scorer._tokenizer  # noqa: SLF001 - see above
        texts = [text for n in asked for text in pairs[n]]
        sizes = [len(ids) for ids in tokenizer(texts, verbose=False)["input_ids"]] if texts else []
        if asked:
            _, _, found = self._scorer.score(
                [pairs[n][0] for n in asked], [pairs[n][1] for n in asked], batch_size=BATCH
            )
            for n, value in zip(asked, found.tolist(), strict=True):
                values[n] = round(float(value), 6)
        return values, sum(size > self.longest for size in sizes)


@contextlib.contextmanager
def _offline() -> Iterator[None]:
    """No look at the hub for a folder that is here, and no report about weights that a headless
    encoder lacks.
    """
    before = os.environ.get("HF_HUB_OFFLINE")
    os.environ["HF_HUB_OFFLINE"] = "1"
    logger = logging.getLogger("transformers")
    level, bars = logger.level, transformers_logging.is_progress_bar_enabled()
    logger.setLevel(logging.ERROR)
    transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        logger.setLevel(level)
        if bars:
            transformers_logging.enable_progress_bar()
        if before is None:
            del os.environ["HF_HUB_OFFLINE"]
        else:
            os.environ["HF_HUB_OFFLINE"] = before
