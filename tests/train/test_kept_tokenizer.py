"""What a run keeps of its base's tokenizer is what other programs can load."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from transformers import AutoTokenizer

from secarch.models.chat_template import Chat
from secarch.train.report import write_model


@pytest.mark.parametrize("named", ["<none of it>", {"content": "<none of it>"}, "<|eot_id|>"])
def test_the_end_is_a_token_of_the_vocabulary(
    tiny_base: Path, tmp_path: Path, named: object
) -> None:
    """A base that names another text would get a token beyond its embedding."""
    base, run, checkpoint = (tmp_path / name for name in ("base", "run", "checkpoint"))
    shutil.copytree(tiny_base, base)
    run.mkdir()
    checkpoint.mkdir()
    (checkpoint / "adapter_config.json").write_text("{}", encoding="utf-8")
    (checkpoint / "adapter_model.safetensors").touch()
    path = base / "tokenizer_config.json"
    settings = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**settings, "eos_token": named}), encoding="utf-8")
    write_model(run, checkpoint, "base", base, Chat.load(base))
    kept = AutoTokenizer.from_pretrained(run)
    assert kept.eos_token == "<|eot_id|>"
    assert len(kept) == len(AutoTokenizer.from_pretrained(tiny_base))
