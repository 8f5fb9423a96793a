"""A small dataset in the form that dedupe writes, and a run on it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from secarch.artifact import seal
from secarch.files import write_jsonl
from secarch.models.prompt import SYSTEM
from secarch.session import Session
from secarch.train.config import TrainConfig

TOPICS = (
    "key rotation",
    "network segmentation",
    "least privilege",
    "audit logs",
    "backups",
    "workload identity",
)


def row(n: int, answer: str | None = None, **changes: Any) -> dict[str, Any]:
    """A training row; every third topic shares its wording, so that there is something to learn."""
    topic = TOPICS[n % len(TOPICS)]
    text = (
        answer
        or f"Use {topic} in every account. Check {topic} each quarter, and write down who owns it "
        f"(rule {n})."
    )
    messages = [
        {"role": "system", "content": SYSTEM},
        {"role": "user", "content": f"How do I set up {topic}?"},
        {"role": "assistant", "content": text},
    ]
    base = {
        "messages": messages,
        "id": f"e{n:04}",
        "document_id": f"d{n}",
        "licence": "CC-BY-4.0",
        "split": "train",
    }
    return {**base, **changes}


def write_dataset(
    folder: Path, train: Sequence[dict[str, Any]], validation: Sequence[dict[str, Any]] = ()
) -> Path:
    """A sealed dataset artifact."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {"train.jsonl": list(train), "validation.jsonl": list(validation)}
    counts = {name.split(".")[0]: write_jsonl(folder / name, rows) for name, rows in files.items()}
    seal(
        folder,
        kind="dataset",
        parents=[],
        config={"n": len(train)},
        counts=counts,
        files=list(files),
    )
    return folder


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """48 training and 12 validation rows."""
    held_out = [row(n, split="validation") for n in range(48, 60)]
    return write_dataset(
        tmp_path_factory.mktemp("data") / "d", [row(n) for n in range(48)], held_out
    )


@pytest.fixture(scope="session")
def config(tiny_base: Path) -> Callable[..., TrainConfig]:
    """Settings of an eight-step run, with changes."""

    def make(**changes: Any) -> TrainConfig:
        values: dict[str, Any] = {
            "base": str(tiny_base),
            "name": "t",
            "max_steps": 8,
            "micro_batch": 4,
            "global_batch": 4,
            "max_length": 256,
            "learning_rate": 5e-3,
            "eval_steps": 4,
            "save_steps": 4,
            "samples": 0,
            "lora": {"r": 4, "alpha": 8, "dropout": 0.05},
        }
        return TrainConfig.model_validate({**values, **changes})

    return make


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(workspace=tmp_path / "ws")


def metrics(run: Path) -> list[dict[str, Any]]:
    """The rows of a run's metrics.jsonl."""
    return [
        json.loads(line)
        for line in (run / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    ]


@pytest.fixture(scope="session")
def make_row() -> Callable[..., dict[str, Any]]:
    """The builder of a training row."""
    return row


@pytest.fixture(scope="session")
def write() -> Callable[..., Path]:
    """The builder of a sealed dataset."""
    return write_dataset


@pytest.fixture(scope="session")
def read_metrics() -> Callable[[Path], list[dict[str, Any]]]:
    """The reader of metrics.jsonl."""
    return metrics


@pytest.fixture
def trainer_of() -> Callable[..., Any]:
    """A trainer of a dataset's rows that has not begun, with its files in `directory`."""

    def make(
        settings: TrainConfig,
        dataset: Path,
        session: Session,
        directory: Path,
        *,
        bf16: bool = False,
    ) -> Any:
        from secarch.train.data.prepare import prepare
        from secarch.train.loop.journal import Journal
        from secarch.train.loop.tuner import Work, tuner

        ready = prepare(settings, session, dataset)
        work = Work(
            config=settings,
            plan=ready.plan,
            base=ready.base,
            base_name="b",
            chat=ready.chat,
            train=ready.train.rows,
            validation=ready.validation.rows,
            seed=0,
            directory=directory,
            bf16=bf16,
            stop=session.stop,
            advance=lambda *_, **__: None,
        )
        return tuner(work, Journal(directory))

    return make
