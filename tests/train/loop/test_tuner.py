"""The trainer's own parts: loss, labels, evaluation, and documents that do not see one another."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from trl import SFTTrainer

from secarch.errors import PrerequisiteError, SecarchError
from secarch.models import likelihood
from secarch.models.local import Model
from secarch.session import Session
from secarch.train.config import TrainConfig
from secarch.train.data.rows import Row, tokenise
from secarch.train.loop.probe import APART, adapters, packing
from secarch.train.loop.tuner import (
    IGNORED,
    Tuner,
    columns,
    labels,
    look,
    memory_explained,
)

Build = Callable[..., Tuner]


@pytest.fixture
def build(
    config: Callable[..., TrainConfig],
    dataset: Path,
    session: Session,
    tmp_path: Path,
    trainer_of: Build,
) -> Build:
    """A trainer that has not begun, in fp32 unless it is asked for bf16."""

    def make(*, bf16: bool = False, **changes: Any) -> Tuner:
        settings = config(**{"lora": {"r": 4, "dropout": 0.0}, **changes})
        return trainer_of(settings, dataset, session, tmp_path, bf16=bf16)

    return make


def _batch(trainer: Tuner, count: int = 4) -> dict[str, torch.Tensor]:
    rows: Any = columns(trainer.work)
    batch: dict[str, torch.Tensor] = trainer.data_collator([rows[n] for n in range(count)])
    return batch


def test_labels_are_the_answer_and_its_stop_token() -> None:
    """Everything else is skipped."""
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
        for lengths, ids in zip(
            packed.train_dataset["seq_lengths"], packed.train_dataset["input_ids"], strict=True
        )
    )


@pytest.mark.parametrize("attention", ["sdpa", "varlen"])
@pytest.mark.parametrize("bf16", [False, True])
def test_packed_documents_do_not_see_one_another(build: Build, attention: str, bf16: bool) -> None:
    """Document B after A has the logits of B alone; with what tells them apart taken away, the run
    is refused.
    """
    trainer = build(packing=True, max_length=512, attention=attention, bf16=bf16)
    look(trainer)
    rows: Any = columns(trainer.work)
    found, full = packing(trainer, [rows[0], rows[1]])
    assert full > 0.01
    assert bf16 or found < 1e-4
    collate = trainer.data_collator

    def careless(rows: Any) -> Any:
        batch = collate(rows)
        return {name: value for name, value in batch.items() if name not in APART}

    trainer.data_collator = careless
    with pytest.raises(SecarchError, match="packed documents see one another"):
        look(trainer)


@pytest.mark.slow
def test_attending_by_documents_is_attending_with_a_mask(build: Build) -> None:
    """Losses and gradients of three steps agree, and auto takes the mask on a CPU."""
    curves = []
    for attention in ("sdpa", "varlen", "auto"):
        trainer = build(
            packing=True, max_length=512, attention=attention, max_steps=3, global_batch=4
        )
        trainer.train()
        curves.append(
            [value for name in ("loss", "grad_norm") for _, value in trainer.journal.curve(name)]
        )
    assert curves[1] == pytest.approx(curves[0], rel=1e-4)
    assert curves[2] == curves[0]


def test_the_heaviest_batch_is_tried_first_and_leaves_no_trace(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory that does not suffice is met before step 1; where it does, the run is what it would
    have been.
    """
    trainer = build(lora={"r": 4, "dropout": 0.5}, max_steps=2)
    sizes = []
    loss_of = Tuner.compute_loss

    def counted(self: Tuner, model: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        sizes.append(inputs["input_ids"].numel())
        return loss_of(self, model, inputs, *args, **kwargs)

    monkeypatch.setattr(Tuner, "compute_loss", counted)
    trainer.train()
    assert len(sizes) == 3
    assert sizes[0] == 4 * max(len(row.ids) for row in trainer.work.train)
    untried = build(lora={"r": 4, "dropout": 0.5}, max_steps=2)
    untried.tried = True
    untried.train()
    assert trainer.journal.rows == untried.journal.rows


def test_adapters_of_another_format_are_refused(build: Build) -> None:
    """One tensor in bf16, as the library would have it, or a trained weight of the base."""
    trainer = build()
    assert adapters(trainer.model) == 28
    parameter = next(p for p in trainer.model.parameters() if p.requires_grad)
    parameter.data = parameter.data.bfloat16()
    with pytest.raises(SecarchError, match="1 of 28 trained tensors"):
        look(trainer)
    parameter.data = parameter.data.float()
    trainer.model.get_input_embeddings().weight.requires_grad_(True)
    with pytest.raises(SecarchError, match="1 of 29 trained tensors"):
        look(trainer)


def test_a_base_whose_loss_is_no_number_is_refused(build: Build) -> None:
    """Before a step is taken."""
    trainer = build()
    trainer.model.get_output_embeddings().weight.data.fill_(float("nan"))
    with pytest.raises(SecarchError, match="before anything was learnt"):
        trainer.train()
    assert not trainer.journal.rows


@pytest.mark.parametrize(
    ("changes", "fix"),
    [
        ({"micro_batch": 4}, "--resume --set train.micro_batch=2"),
        ({"micro_batch": 1}, "--resume --set train.gradient_checkpointing=true"),
        ({"micro_batch": 1, "gradient_checkpointing": True}, "smaller train.max_length"),
    ],
)
@pytest.mark.parametrize(
    "error", [torch.OutOfMemoryError("CUDA out of memory"), RuntimeError("can't allocate memory")]
)
def test_out_of_memory_names_the_setting_to_change(
    build: Build, changes: Any, fix: str, error: RuntimeError
) -> None:
    """Micro-batch first, then checkpointing, then what makes it another run; other errors pass
    through.
    """
    work = build(**changes).work
    with (
        pytest.raises(PrerequisiteError, match="the memory does not suffice") as caught,
        memory_explained(work),
    ):
        raise error
    assert fix in str(caught.value.fix)
    with pytest.raises(RuntimeError, match="a bug"), memory_explained(work):
        raise RuntimeError("a bug")


def test_evaluation_does_not_depend_on_its_batches(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One row at a time or all at once: total nats over total tokens."""
    trainer = build()
    wide = trainer.evaluate()["eval_loss"]
    monkeypatch.setattr(likelihood, "BATCH_TOKENS", 1)
    assert trainer.evaluate()["eval_loss"] == pytest.approx(wide, rel=1e-5)


def test_the_evaluation_loss_weighs_tokens_and_not_rows(build: Build, make_row: Any) -> None:
    """A long and a short answer: total nats over total tokens, not the mean of two means."""
    trainer = build()
    chat = trainer.work.chat
    rows = tokenise(
        [make_row(1, "No."), make_row(2)], chat, max_length=256, over_length="raise"
    ).rows
    trainer.work = replace(trainer.work, validation=rows)
    nats = Model(trainer.model.eval(), chat, adapted=True).nats(
        [(row.ids, row.mask) for row in rows]
    )
    logged = trainer.evaluate()["eval_loss"]
    assert logged == pytest.approx(-sum(nats) / sum(row.trained for row in rows), rel=1e-5)
    assert logged != pytest.approx(
        -sum(n / row.trained for n, row in zip(nats, rows, strict=True)) / 2, rel=1e-3
    )


def test_only_adapters_are_trained_in_fp32(build: Build) -> None:
    """The base is frozen; the library's cast to bf16 is undone before an optimiser exists."""
    trained = {name: p.dtype for name, p in build().model.named_parameters() if p.requires_grad}
    assert all("lora_" in name for name in trained)
    assert set(trained.values()) == {torch.float32}


@pytest.mark.slow
@pytest.mark.parametrize(("bf16", "tolerance"), [(False, 1e-5), (True, 1e-3)])
@pytest.mark.parametrize("changes", [{}, {"packing": True, "max_length": 400}])
def test_accumulation_changes_nothing(
    build: Build, bf16: bool, tolerance: float, changes: Any
) -> None:
    """Eight rows at once or one by one eight times: one loss and one gradient, each token weighing
    the same. The learning rate is a usual one: a large one magnifies, step by step, what bfloat16
    rounds.
    """
    curves = []
    same = {"bf16": bf16, "global_batch": 8, "max_steps": 3, "learning_rate": 1e-4, **changes}
    for micro in (8, 1):
        trainer = build(micro_batch=micro, **same)
        trainer.train()
        curves.append(
            [value for name in ("loss", "grad_norm") for _, value in trainer.journal.curve(name)]
        )
    assert len(curves[0]) == 6
    assert curves[0] == pytest.approx(curves[1], rel=tolerance)
