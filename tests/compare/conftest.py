"""Sealed evaluations made by hand, so that the comparison is tested without any model."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from secarch.artifact import seal
from secarch.files import write_json, write_jsonl
from secarch.session import Session

Value = float | None


@dataclass(kw_only=True)
class Sheet:
    """What one evaluation should say; every list has a value a question."""

    metrics: Mapping[str, Sequence[Value]]
    categories: Sequence[str] = ("aws", "azure", "iam")
    clusters: Sequence[str] | None = None
    texts: Sequence[str] | None = None
    ids: Sequence[str] | None = None
    shas: Sequence[str] | None = None
    versions: Mapping[int, str] = field(default_factory=dict)
    """Position -> another content of that question."""
    config: Mapping[str, Any] = field(default_factory=dict)
    summary: Mapping[str, Any] = field(default_factory=dict)
    model: str = "base"
    parents: Sequence[str] = ()


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def write_evaluation(directory: Path, sheet: Sheet) -> Path:
    """Seal an evaluation with these values."""
    n = len(next(iter(sheet.metrics.values())))
    ids = sheet.ids or [f"q-{i:04}" for i in range(n)]
    shas = sheet.shas or [_sha(sheet.versions.get(i, name)) for i, name in enumerate(ids)]
    texts = sheet.texts or [f"{sheet.model} answers {name}" for name in ids]
    answers = [
        {
            "question_id": q,
            "question_sha256": sha,
            "key": "k",
            "text": text,
            "tokens": 3,
            "seconds": 0.1,
            "finish": "stop",
        }
        for q, sha, text in zip(ids, shas, texts, strict=True)
    ]
    scores = [
        {
            "question_id": q,
            "question_sha256": shas[i],
            "metric": metric,
            "value": values[i],
            "reason": "" if values[i] is not None else "not scored here",
            "category": sheet.categories[i % len(sheet.categories)],
            "cluster": sheet.clusters[i] if sheet.clusters else q,
        }
        for metric, values in sheet.metrics.items()
        for i, q in enumerate(ids)
    ]
    directory.mkdir(parents=True)
    write_jsonl(directory / "responses.jsonl", answers)
    write_jsonl(directory / "scores.jsonl", scores)
    write_json(
        directory / "summary.json", {"engine": {"versions": {"torch": "2"}}, **sheet.summary}
    )
    config = {
        "suite": {"name": "core", "version": "1", "digest": "d" * 64},
        "max_new_tokens": 48,
        "quantization": "nf4",
        "prompt_digest": "p",
        "model": sheet.model,
        "model_fingerprint": _sha(sheet.model),
        **sheet.config,
    }
    seal(
        directory,
        kind="evaluation",
        parents=list(sheet.parents),
        config=config,
        counts={"questions": n},
        files=["responses.jsonl", "scores.jsonl", "summary.json"],
    )
    return directory


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """A session in an empty workspace."""
    return Session(workspace=tmp_path)


@pytest.fixture
def evaluation(tmp_path: Path) -> Callable[..., Path]:
    """Make `evals/<name>` from the fields of a Sheet."""

    def make(name: str, **fields: Any) -> Path:
        return write_evaluation(tmp_path / "evals" / name, Sheet(model=name, **fields))

    return make
