"""A workspace with sealed exports, evaluations and comparisons, made by the functions that make the
real ones; only the scores are written by hand.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from secarch.artifact import Artifact, seal
from secarch.files import write_json, write_jsonl
from secarch.records import Outcome
from secarch.registry.register import Request, register
from secarch.session import Session

SUITE = {"name": "core", "digest": "s" * 64}


@dataclass
class House:
    """A workspace and the ways to fill it."""

    session: Session
    base: Path

    @property
    def workspace(self) -> Path:
        """Its folder."""
        return self.session.workspace

    def run(self, name: str = "one") -> Artifact:
        """A sealed run with a dataset of its own."""
        folder = self.session.runs / name
        folder.mkdir(parents=True)
        write_json(folder / "run.json", {"name": name})
        data = self.dataset(name)
        return seal(
            folder,
            kind="run",
            parents=[data.digest],
            config={"name": name},
            counts={},
            files=["run.json"],
        )

    def dataset(self, name: str) -> Artifact:
        """A sealed dataset of four rows."""
        folder = self.session.datasets / name
        folder.mkdir(parents=True)
        rows = [_row(name, n) for n in range(4)]
        write_jsonl(folder / "train.jsonl", rows)
        return seal(
            folder,
            kind="dataset",
            parents=[],
            config={"name": name},
            counts={"rows": 4},
            files=["train.jsonl"],
        )

    def export(self, name: str = "one", *, kl: float = 1e-8) -> Artifact:
        """The tiny base as an export of its own run; the name is in a file, so in the digest."""
        run = self.run(name)
        folder = self.session.exports / name
        shutil.copytree(self.base, folder)
        write_json(folder / "export.json", {"kl": {"mean": kl}})
        write_json(folder / "special_tokens_map.json", {"note_token": name})
        files = [
            p.name for p in folder.iterdir() if p.suffix in {".safetensors", ".json", ".jinja"}
        ]
        return seal(
            folder,
            kind="export",
            parents=[run.digest],
            config={"base": {"name": "tiny"}},
            counts={},
            files=sorted(set(files) - {"export.json"}),
            outside=["export.json"],
        )

    def register(self, name: str = "one", model: str = "architect", **more: Any) -> Outcome:
        """Register an export by its name."""
        return register(self.session, Request(export=name, name=model, tags={}, **more))

    def evaluation(self, key: str, parents: list[str], **facts: Any) -> Artifact:
        """A sealed evaluation of what `parents` names."""
        folder = self.session.evals / key
        folder.mkdir(parents=True)
        config = {
            "key": key,
            "suite": SUITE,
            "prompt_digest": "p" * 64,
            "max_new_tokens": 64,
            "batch_size": 8,
            **facts,
        }
        engine = {"engine": "transformers", "quantization": "none", **facts.get("engine", {})}
        write_json(folder / "summary.json", {"engine": engine})
        return seal(
            folder,
            kind="evaluation",
            parents=parents,
            config=config,
            counts={},
            files=["summary.json"],
        )

    def comparison(
        self, key: str, base: Artifact, tuned: Artifact, verdict: str = "BETTER", /, **changes: Any
    ) -> Artifact:
        """A sealed comparison of two evaluations."""
        folder = self.session.comparisons / key
        folder.mkdir(parents=True)
        record = {
            "verdict": verdict,
            "alpha": 0.05,
            "categories": [],
            "safety": None,
            "gate": {"passed": True, "fail_on": ["worse"], "reasons": []},
            "base": {"evaluation": base.digest, "fingerprint": "b", "name": "base"},
            "tuned": {"evaluation": tuned.digest, "fingerprint": "t", "name": "tuned"},
            **changes,
        }
        write_json(folder / "comparison.json", record)
        return seal(
            folder,
            kind="comparison",
            parents=[base.digest, tuned.digest],
            config={"key": key},
            counts={},
            files=["comparison.json"],
        )

    def judged(
        self, export: Artifact, key: str = "c1", verdict: str = "BETTER", **changes: Any
    ) -> Artifact:
        """A comparison of an export with an untuned base."""
        base = self.evaluation(f"base-{key}", [])
        return self.comparison(
            key, base, self.evaluation(f"tuned-{key}", [export.digest]), verdict, **changes
        )


def _row(name: str, n: int) -> dict[str, Any]:
    text = (
        f"Give every workload of {name} its own identity number {n} and deny what it does not need "
        "before it is asked for by anybody else"
    )
    return {
        "messages": [{"role": "user", "content": "How?"}, {"role": "assistant", "content": text}],
        "id": f"{name}-{n}",
        "url": f"https://docs.example.org/{name}/{n % 2}",
        "title": "Identity",
        "licence": "CC-BY-4.0",
        "sources": [{"document_id": "d", "url": "https://more.example.org/", "licence": "MIT"}],
    }


@pytest.fixture
def house(tmp_path: Path, tiny_base: Path) -> House:
    return House(Session(workspace=tmp_path / "ws"), tiny_base)


@pytest.fixture
def lines() -> Callable[[Path], list[dict[str, Any]]]:
    def read(path: Path) -> list[dict[str, Any]]:
        return [json.loads(line) for line in path.read_text().splitlines()]

    return read
