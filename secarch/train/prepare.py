"""Before the first step: open, tokenise and check everything, without torch and without touching anything."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from secarch import weights
from secarch.artifact import make_key
from secarch.errors import InvalidInput, MissingExtra, UsageError
from secarch.prompt import Chat
from secarch.schema import JsonDict, sha256_of
from secarch.session import Session, processes
from secarch.train import cost, preflight, rows, trackers
from secarch.train.config import TrainConfig


@dataclass(frozen=True, slots=True)
class Prepared:
    """A run that passed every check and has not begun."""

    config: TrainConfig
    dataset: rows.Dataset
    base: Path
    base_name: str
    fingerprint: str
    chat: Chat
    train: rows.Rows
    validation: rows.Rows
    checked: dict[str, int]
    plan: cost.Plan

    @property
    def recorded(self) -> JsonDict:
        """The manifest's config: what decides the result, and no path of this machine."""
        own = self.config.identity()
        for name in ("base", "revision", "name"):
            own.pop(name)
        base = {"name": self.base_name, "fingerprint": self.fingerprint}
        return {**own, "base": base, "prompt": self.chat.digest, "dataset": self.dataset.digest, "seed": self.seed}

    seed: int = 0

    @property
    def key(self) -> str:
        """Names this run's content before it exists."""
        return make_key([self.dataset.digest], sha256_of(self.recorded))


def prepare(config: TrainConfig, session: Session, dataset: Path | None) -> Prepared:
    """Open, tokenise and check everything; touches nothing and imports no torch."""
    trackers.check(config.trackers)
    if config.liger and importlib.util.find_spec("liger_kernel") is None:
        raise MissingExtra("train.liger", "liger")
    _check_processes(config)
    data = rows.open_dataset(dataset, session)
    preflight.check_splits(data)
    base = weights.resolve(config.base, config.revision)
    chat = Chat.load(base)
    limits: dict[str, Any] = {"max_length": config.max_length, "over_length": config.over_length}
    train = rows.tokenise(data.train, chat, **limits)
    held_out = sorted(data.validation, key=lambda row: str(row.get("id", "")))[: config.max_eval_rows]
    validation = rows.tokenise(held_out, chat, **limits)
    if not train.rows:
        raise InvalidInput(
            f"all {len(data.train)} training rows are longer than {config.max_length} tokens",
            where=data.path, fix="raise train.max_length",
        )  # fmt: skip
    checked = preflight.check_rows(chat, [*train.rows, *validation.rows])
    lengths = [len(row.ids) for row in train.rows]
    packed = len(cost.bins(lengths, config.max_length)) if config.packing else len(lengths)
    return Prepared(
        config, data, base, _base_name(config.base), weights.fingerprint(base), chat, train, validation, checked,
        cost.plan(config, train.rows, packed, base), session.seed,
    )  # fmt: skip


def _check_processes(config: TrainConfig) -> None:
    """Raise UsageError where the launched processes cannot share the global batch evenly."""
    if config.global_batch % (config.micro_batch * (n := processes())):
        raise UsageError(
            f"{n} processes of micro_batch {config.micro_batch} cannot share a global batch of {config.global_batch}",
            where="train.global_batch",
            fix=f"make it a multiple of {n * config.micro_batch}, or launch fewer processes",
        )  # fmt: skip


def _base_name(base: str) -> str:
    """A hub name as it is, of a folder its last part: a record must not depend on where a folder lies."""
    folder = Path(base).expanduser()
    return folder.resolve().name if folder.is_dir() else base
