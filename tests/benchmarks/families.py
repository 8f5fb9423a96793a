"""Every family of architectures, tiny and random, through all that is done with a base: train, be
stopped and resumed, export, be loaded by plain transformers, evaluate.

    python tests/benchmarks/families.py [--only llama,qwen3] [--out rows.jsonl]

Prints a line of JSON for each family: which of the steps held, and how large the differences are.
`resume` is whether the adapter is the uninterrupted run's byte for byte; `missing` counts weights
that plain transformers did not find in the export; `kl` is in nats a token. Exits 1 if any failed.
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForCausalLM

from secarch.demo.base import build
from secarch.demo.config import DemoConfig
from secarch.errors import Interrupted
from secarch.evaluate.config import EvalConfig
from secarch.evaluate.stage import run as evaluate
from secarch.session import Session
from secarch.train.config import TrainConfig
from secarch.train.export.export import export
from secarch.train.stage import run as train

SIZES: dict[str, Any] = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "max_position_embeddings": 2048,
}
EXPERTS = {"num_experts": 4, "num_local_experts": 4, "num_experts_per_tok": 2}
LINEAR = {
    "linear_num_key_heads": 2,
    "linear_num_value_heads": 4,
    "linear_key_head_dim": 8,
    "linear_value_head_dim": 8,
    "layer_types": ["linear_attention", "full_attention"],
}
FAMILIES: dict[str, dict[str, Any]] = {
    "llama": {},
    "qwen2": {},
    "qwen3": {},
    "qwen3_5_text": LINEAR,
    "gemma": {},
    "gemma2": {},
    "gemma3_text": {},
    "mistral": {},
    "mixtral": EXPERTS,
    "phi": {},
    "phi3": {"pad_token_id": 2},
    "gpt_oss": EXPERTS,
    "olmo": {},
    "olmo2": {},
    "granite": {},
    "smollm3": {},
    "falcon": {"ffn_hidden_size": 64},
    "qwen3_moe": {**EXPERTS, "moe_intermediate_size": 32},
}


def made_base(name: str, tiny: Path, folder: Path) -> Path:
    """A random base of a family with the tokenizer of the demo's base."""
    words = json.loads((tiny / "config.json").read_text(encoding="utf-8"))["vocab_size"]
    ends = {"bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 2}
    facts = {"vocab_size": words, **ends, **SIZES, **FAMILIES[name]}
    if name == "falcon":
        facts.pop("head_dim")  # it takes it from the others
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(AutoConfig.for_model(name, **facts))
    model.save_pretrained(folder)
    for path in tiny.iterdir():
        if path.name.startswith(("tokenizer", "special", "chat", "generation")):
            shutil.copy(path, folder / path.name)
    return folder


def written_rows(path: Path) -> Path:
    """Rows on which the loss falls within four steps."""
    rows = [
        {
            "messages": [
                {"role": "user", "content": f"How is key {n} rotated?"},
                {"role": "assistant", "content": f"Each quarter, by its owner (rule {n})."},
            ]
        }
        for n in range(24)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def settings(base: Path) -> TrainConfig:
    """Four steps in fp32."""
    return TrainConfig(
        base=str(base),
        name="family",
        max_steps=4,
        micro_batch=4,
        global_batch=4,
        max_length=256,
        learning_rate=5e-3,
        eval_steps=2,
        save_steps=2,
        samples=0,
        quantization="none",
        precision="fp32",
        lora={"r": 4, "alpha": 8},
    )


def adapter_bytes(run: Path) -> bytes:
    """The adapter's file."""
    return (run / "adapter" / "adapter_model.safetensors").read_bytes()


def resumed(config: TrainConfig, rows: Path, workspace: Path) -> Path:
    """A run that was stopped at its first step and gone on with."""
    first = Session(workspace=workspace)
    first.stop.signum = signal.SIGTERM
    try:
        train(config, first, dataset=rows)
    except Interrupted:
        pass
    else:
        raise RuntimeError("the run was not stopped")
    again = Session(workspace=workspace, resume=True)
    return Path(str(train(config, again, dataset=rows).artifact))


def walked(name: str, tiny: Path, rows: Path, folder: Path) -> dict[str, Any]:
    """All steps for one family."""
    base = made_base(name, tiny, folder / "base")
    config, session = settings(base), Session(workspace=folder / "whole")
    run = Path(str(train(config, session, dataset=rows).artifact))
    parted = resumed(config, rows, folder / "parted")
    out = export(run, session, base=str(base), to=None, dataset=rows, dtype="float32", max_kl=0.01)
    plain, found = AutoModelForCausalLM.from_pretrained(str(out.artifact), output_loading_info=True)
    short = EvalConfig(smoke=True, max_new_tokens=2)
    scored = evaluate(short, session, model=str(out.artifact), base=str(base))
    return {
        "resume": adapter_bytes(run) == adapter_bytes(parted),
        "kl": out.result["kl"]["mean"],
        "golden": out.result["golden"]["same"],
        "missing": len(found["missing_keys"]) + len(found["unexpected_keys"]),
        "finite": all(bool(p.isfinite().all()) for p in plain.parameters()),
        "answers": scored.counts.get("answers", scored.counts.get("questions", 0)),
    }


def sound(row: dict[str, Any]) -> bool:
    """Whether every step held."""
    held = row.get("resume") and row.get("finite") and row.get("missing") == 0
    return bool(held) and row["kl"] < 1e-5


def attempted(walk: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What a walk found, or how it ended."""
    try:
        return walk()
    except Exception as error:  # noqa: BLE001 - one family that fails is a row of the table
        return {"error": f"{type(error).__name__}: {error}"[:500]}


def main() -> int:
    """Walk the families and say which failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default=",".join(FAMILIES))
    parser.add_argument("--out", type=Path, default=None)
    asked = parser.parse_args()
    tiny, _ = build(DemoConfig(vocabulary=1024, hidden=64, layers=2, steps=20), seed=0)
    failed = []
    for name in asked.only.split(","):
        with tempfile.TemporaryDirectory(prefix="family-") as place:
            folder, started = Path(place), time.monotonic()
            rows = written_rows(folder / "rows.jsonl")
            found = attempted(lambda n=name, f=folder, r=rows: walked(n, tiny, r, f))  # type: ignore[misc]
        line = {"family": name, **found, "seconds": round(time.monotonic() - started, 1)}
        failed += [] if sound(found) else [name]
        print(json.dumps(line), flush=True)
        if asked.out:
            with asked.out.open("a", encoding="utf-8") as handle:
                handle.write(json.dumps(line) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
