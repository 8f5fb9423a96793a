"""The trainer's own parts: loss, labels, evaluation, and documents that do not see one another."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from trl import SFTTrainer

from secarch import model as model_module
from secarch.model import Model
from secarch.session import Session
from secarch.train.config import TrainConfig
from secarch.train.journal import Journal
from secarch.train.prepare import prepare
from secarch.train.rows import Row, tokenise
from secarch.train.tuner import IGNORED, Tuner, Work, columns, labels, tuner

Build = Callable[..., Tuner]


@pytest.fixture
def build(config: Callable[..., TrainConfig], dataset: Path, session: Session, tmp_path: Path) -> Build:
    """A trainer that has not begun, in fp32 unless it is asked for bf16."""

    def make(*, bf16: bool = False, **changes: Any) -> Tuner:
        settings = config(**{"lora": {"r": 4, "dropout": 0.0}, **changes})
        ready = prepare(settings, session, dataset)
        work = Work(
            config=settings, plan=ready.plan, base=ready.base, base_name="b", chat=ready.chat, train=ready.train.rows,
            validation=ready.validation.rows, seed=0, directory=tmp_path, bf16=bf16, stop=session.stop,
            advance=lambda _: None,
        )  # fmt: skip
        return tuner(work, Journal(tmp_path))

    return make


def _batch(trainer: Tuner, count: int = 4) -> dict[str, torch.Tensor]:
    rows: Any = columns(trainer.work)
    batch: dict[str, torch.Tensor] = trainer.data_collator([rows[n] for n in range(count)])
    return batch


def test_labels_are_the_answer_and_its_stop_token() -> None:
    """Everything else is passed over."""
    assert labels(Row("a", [1, 2, 3, 4], [False, False, True, True], 2)) == [IGNORED, IGNORED, 3, 4]


@pytest.mark.parametrize("changes", [{}, {"packing": True, "max_length": 512}])
def test_the_loss_is_that_of_the_library(build: Build, changes: Any) -> None:
    """Taking logits at fewer positions is a matter of speed alone: value and gradients agree."""
    trainer = build(**changes)
    results = []
    for loss_of in (Tuner.compute_loss, SFTTrainer.compute_loss):
        trainer.model.zero_grad()
        batch = _batch(trainer)
        items = (batch["labels"] != IGNORED).sum()
        loss = loss_of(trainer, trainer.model, batch, num_items_in_batch=items)
        loss.backward()
        grads = [p.grad.norm() for p in trainer.model.parameters() if p.grad is not None]
        results.append((float(loss.detach()), [float(g) for g in grads]))
    (ours, our_grads), (theirs, their_grads) = results
    assert ours == pytest.approx(theirs, rel=1e-5)
    assert our_grads == pytest.approx(their_grads, rel=1e-3, abs=1e-6)


def test_every_token_of_every_row_reaches_the_trainer(build: Build) -> None:
    """Nothing is truncated, packed or not, and packed rows say where each part ends."""
    plain, packed = build(), build(packing=True, max_length=512)
    whole = sum(len(row.ids) for row in plain.work.train)
    assert sum(len(ids) for ids in plain.train_dataset["input_ids"]) == whole
    assert sum(len(ids) for ids in packed.train_dataset["input_ids"]) == whole
    assert all(
        sum(lengths) == len(ids)
        for lengths, ids in zip(packed.train_dataset["seq_lengths"], packed.train_dataset["input_ids"], strict=True)
    )


def test_packed_documents_do_not_see_one_another(build: Build) -> None:
    """Document B after A has the logits of B alone; without the positions it would not."""
    trainer = build(packing=True, max_length=512)
    network = trainer.model.eval()
    a, b = (torch.tensor([row.ids]) for row in trainer.work.train[:2])
    positions = torch.cat([torch.arange(a.shape[1]), torch.arange(b.shape[1])])[None]
    with torch.no_grad():
        alone = network(input_ids=b).logits[0]
        packed = network(input_ids=torch.cat([a, b], 1), position_ids=positions).logits[0, a.shape[1] :]
        leaking = network(input_ids=torch.cat([a, b], 1)).logits[0, a.shape[1] :]
    assert torch.allclose(packed, alone, atol=1e-4)
    assert not torch.allclose(leaking, alone, atol=1e-2)


def test_evaluation_does_not_depend_on_its_batches(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    """One row at a time or all at once: total nats over total tokens."""
    trainer = build()
    wide = trainer.evaluate()["eval_loss"]
    monkeypatch.setattr(model_module, "BATCH_TOKENS", 1)
    assert trainer.evaluate()["eval_loss"] == pytest.approx(wide, rel=1e-5)


def test_the_evaluation_loss_weighs_tokens_and_not_rows(build: Build, make_row: Any) -> None:
    """A long and a short answer: total nats over total tokens, not the mean of two means."""
    trainer = build()
    chat = trainer.work.chat
    rows = tokenise([make_row(1, "No."), make_row(2)], chat, max_length=256, over_length="raise").rows
    trainer.work = replace(trainer.work, validation=rows)
    nats = Model(trainer.model.eval(), chat, adapted=True).nats([(row.ids, row.mask) for row in rows])
    logged = trainer.evaluate()["eval_loss"]
    assert logged == pytest.approx(-sum(nats) / sum(row.trained for row in rows), rel=1e-5)
    assert logged != pytest.approx(-sum(n / row.trained for n, row in zip(nats, rows, strict=True)) / 2, rel=1e-3)


def test_only_adapters_are_trained_in_fp32(build: Build) -> None:
    """The base is frozen; the library's cast to bf16 is undone before an optimiser exists."""
    trained = {name: p.dtype for name, p in build().model.named_parameters() if p.requires_grad}
    assert all("lora_" in name for name in trained)
    assert set(trained.values()) == {torch.float32}


@pytest.mark.parametrize(("bf16", "tolerance"), [(False, 1e-5), (True, 1e-3)])
@pytest.mark.parametrize("changes", [{}, {"packing": True, "max_length": 400}])
def test_accumulation_changes_nothing(build: Build, bf16: bool, tolerance: float, changes: Any) -> None:
    """Eight rows at once or one by one eight times: one loss and one gradient, each token weighing the same."""
    curves = []
    for micro in (8, 1):
        trainer = build(bf16=bf16, micro_batch=micro, global_batch=8, max_steps=3, **changes)
        trainer.train()
        curves.append([value for name in ("loss", "grad_norm") for _, value in trainer.journal.curve(name)])
    assert len(curves[0]) == 6
    assert curves[0] == pytest.approx(curves[1], rel=tolerance)
