"""Settings that cannot be carried out are refused by name."""

from typing import Any

import pytest
from pydantic import ValidationError

from secarch.train.config import UNSOUND, TrainConfig


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (
            {"micro_batch": 3, "global_batch": 16},
            "global_batch .16. must be a multiple of micro_batch .3.",
        ),
        (
            {"eval_steps": 40, "save_steps": 50},
            "save_steps .50. must be a multiple of eval_steps .40.",
        ),
        ({"name": "../up"}, "name"),
        ({"lora": {"targets": "q_proj"}}, "lora.targets"),
        ({"learning_rate": 3}, "learning_rate"),
    ],
)
def test_contradictions_are_named(values: dict[str, Any], says: str) -> None:
    """The settings that disagree stand in the message."""
    with pytest.raises(ValidationError, match=says):
        TrainConfig.model_validate(values)


def test_the_micro_batch_is_no_part_of_identity() -> None:
    """It may change on resume: the global batch decides the result."""
    assert TrainConfig(micro_batch=1).digest() == TrainConfig(micro_batch=4).digest()
    assert TrainConfig(global_batch=32).digest() != TrainConfig().digest()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        *(({"lora": {"init": name}}, f"{name} is refused") for name in UNSOUND),
        ({"lora": {"init": "orthogonal"}}, "does not work on a quantised base"),
        ({"lora": {"init": "orthogonal", "r": 5}, "quantization": "none"}, "needs an even"),
        ({"attention": "varlen"}, "for packed rows"),
        ({"schedule": "sgdr"}, "cosine"),
        ({"optimizer": "sgd"}, "adamw"),
    ],
)
def test_choices_that_do_not_work_are_refused_with_the_reason(changes: Any, why: str) -> None:
    """Before anything is loaded, and not by training something else in silence."""
    with pytest.raises(ValidationError, match=why):
        TrainConfig.model_validate(changes)


def test_choices_that_work_are_taken() -> None:
    """Adapters, initialisations, noise, schedules and optimisers by one setting each."""
    for variant in ("lora", "rslora", "dora"):
        for init in ("default", "gaussian"):
            TrainConfig.model_validate({"lora": {"variant": variant, "init": init}, "neftune": 5})
    TrainConfig.model_validate({"quantization": "none", "lora": {"init": "orthogonal"}})
    for optimizer in ("adamw", "adamw_8bit", "paged_adamw_8bit"):
        TrainConfig.model_validate({"optimizer": optimizer, "packing": True, "attention": "varlen"})
