"""Settings that cannot be carried out are refused by name."""

from typing import Any

import pytest
from pydantic import ValidationError

from secarch.train.config import TrainConfig


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"micro_batch": 3, "global_batch": 16}, "global_batch .16. must be a multiple of micro_batch .3."),
        ({"eval_steps": 40, "save_steps": 50}, "save_steps .50. must be a multiple of eval_steps .40."),
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
