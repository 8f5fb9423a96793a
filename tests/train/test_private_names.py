"""Each private name of a library that is relied on, so that an upgrade that drops it fails here."""

import inspect

from transformers import AutoModelForCausalLM, Trainer, TrainingArguments
from transformers.pytorch_utils import Conv1D
from trl import SFTConfig, SFTTrainer


def test_private_names_are_there() -> None:
    """transformers: the checkpoint hook, the devices' count and the map of models; trl: metrics."""
    assert callable(Trainer._save_checkpoint)
    assert callable(Trainer._get_output_dir)
    assert callable(Trainer._prepare_inputs)
    assert "_n_gpu" in inspect.getsource(TrainingArguments)
    assert AutoModelForCausalLM._model_mapping is not None
    assert "_metrics" in inspect.getsource(SFTTrainer)
    assert "router_aux_loss_coef" in inspect.signature(SFTConfig).parameters
    assert hasattr(Conv1D, "forward")
