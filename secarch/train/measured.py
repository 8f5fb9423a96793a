"""What a finished run reached, from its journal."""

from __future__ import annotations

from secarch.schema import JsonDict
from secarch.session import processes
from secarch.train.data.prepare import Prepared
from secarch.train.estimate.cost import sides
from secarch.train.loop.journal import Journal


def speed(prepared: Prepared, journal: Journal) -> JsonDict:
    """What the steps reached; a LoRA step is 4 operations a parameter and token: frozen weights
    take no gradient.

    Other tools count 6 whatever is frozen: that figure is beside it for comparison. Attention
    is not counted. MFU needs the GPU's row in the table of compute.
    """
    rate = journal.tokens_per_second()
    flops = 4 * prepared.plan.multiplied * rate if rate else None
    known = prepared.gpu.known if prepared.gpu else None
    mfu = round(flops / (known.tflops * 1e12 * processes()), 4) if flops and known else None
    return {
        "tokens_per_second": round(rate, 1) if rate else None,
        "flops_4p": flops,
        "mfu_4p": mfu,
        "mfu_6p": round(mfu * 1.5, 4) if mfu else None,
    }


def facts(prepared: Prepared, journal: Journal, step: int) -> JsonDict:
    """Losses, rows and parameters: for the card, the report and the command's result."""
    evals = dict(journal.curve("eval_loss"))
    losses = [value for _, value in journal.curve("loss")]
    return {
        "step": step,
        "steps": journal.last_step,
        "eval_loss": evals.get(float(step)),
        "eval_loss_base": evals.get(0.0),
        "objective": prepared.config.objective,
        "eval_rows": len(prepared.validation.rows) // sides(prepared.config),
        "eval_accuracy": dict(journal.curve("eval_accuracy")).get(float(step)),
        "eval_tokens": prepared.validation.trained,
        "first_loss": losses[0] if losses else None,
        "last_loss": losses[-1] if losses else None,
        "parameters": prepared.plan.parameters,
        "trainable": prepared.plan.trainable,
    }


def counts(prepared: Prepared, journal: Journal) -> dict[str, int]:
    """The manifest's counts."""
    train = prepared.train
    return {
        "rows": len(train.rows) // sides(prepared.config),
        "validation_rows": len(prepared.validation.rows) // sides(prepared.config),
        "over_length": train.over_length,
        "pieces": train.pieces,
        "dropped": train.dropped,
        "steps": journal.last_step,
        "tokens": journal.tokens,
        "trained_tokens": journal.trained,
    }
