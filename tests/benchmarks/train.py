"""Tokens a second of a QLoRA run on this CPU: ours against TRL's SFTTrainer with its defaults, on
the same rows.

    python tests/benchmarks/train.py [--rounds 3] [--steps 12] [--batch 8] [--length 512]

The base has the demo's shape with random weights (speed does not depend on what they say); the rows
are the embedded handbook's paragraphs. Each arm runs in a process of its own, in turns; one JSON
line an arm and round, then the medians with their ratio. `trl` is what `SFTTrainer(model,
SFTConfig(...), peft_config)` gives a user who sets the batch, the length and the CPU, and nothing
else; `trl_no_checkpointing` also switches its gradient checkpointing off, as ours is.
"""

import argparse
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ARMS = ("ours", "trl", "trl_no_checkpointing")
WARM_UP = 2


def rows(base: Path, length: int) -> list[dict]:
    """Questions and answers of the embedded handbook, none longer than `length` tokens."""
    from secarch.demo import config
    from secarch.models.chat_template import Chat
    from secarch.models.prompt import question_messages

    chat, found = Chat.load(base), []
    for page in sorted((Path(config.__file__).parent / "site").rglob("*.md")):
        title = page.stem.replace("-", " ")
        for n, part in enumerate(re.split(r"\n(?=#)", page.read_text(encoding="utf-8"))):
            asked = question_messages(f"What does the handbook say of {title}, part {n}?")
            row = {"messages": [*asked, {"role": "assistant", "content": part.strip() or title}]}
            if len(chat.encode(row["messages"]).ids) <= length:
                found.append({**row, "id": f"{page.stem}-{n}", "document_id": page.stem})
    return found


def ours(base: Path, data: Path, asked: argparse.Namespace, folder: Path) -> dict:
    """The product's own path, from the command's stage to its journal."""
    from secarch.session import Session
    from secarch.train.config import TrainConfig
    from secarch.train.stage import run as fit

    config = TrainConfig(
        base=str(base),
        name="bench",
        max_steps=asked.steps,
        micro_batch=asked.batch,
        global_batch=asked.batch,
        max_length=asked.length,
        save_steps=asked.steps,
        eval_steps=asked.steps,
        lora={"r": 32, "alpha": 64, "dropout": 0.0},
    )
    outcome = fit(config, Session(workspace=folder), dataset=data)
    run = Path(outcome.artifact)
    tokens = {
        r["step"]: r["tokens"]
        for r in map(json.loads, (run / "metrics.jsonl").open())
        if "tokens" in r
    }
    seconds = {r["step"]: r["seconds"] for r in map(json.loads, (run / "timing.jsonl").open())}
    return {
        "tokens": tokens[asked.steps] - tokens[WARM_UP],
        "seconds": seconds[asked.steps] - seconds[WARM_UP],
    }


def trl(base: Path, data: Path, asked: argparse.Namespace, folder: Path, **changes: object) -> dict:
    """SFTTrainer as its documentation starts it."""
    import torch
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import (
        AutoModelForCausalLM,
        AutoTokenizer,
        BitsAndBytesConfig,
        TrainerCallback,
    )
    from trl import SFTConfig, SFTTrainer

    ends: list[float] = []
    counts: list[int] = []

    class Clock(TrainerCallback):
        def on_step_end(self, *_: object, **__: object) -> None:
            ends.append(time.perf_counter())

    messages = [
        json.loads(line)["messages"] for line in (data / "train.jsonl").open(encoding="utf-8")
    ]
    pairs = [{"prompt": m[:-1], "completion": m[-1:]} for m in messages]
    quantized = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )
    trainer = SFTTrainer(
        model=AutoModelForCausalLM.from_pretrained(base, quantization_config=quantized),
        args=SFTConfig(
            output_dir=str(folder),
            max_steps=asked.steps,
            per_device_train_batch_size=asked.batch,
            max_length=asked.length,
            use_cpu=True,
            report_to="none",
            save_strategy="no",
            dataloader_pin_memory=False,
            **changes,
        ),
        train_dataset=Dataset.from_list(pairs),
        processing_class=AutoTokenizer.from_pretrained(base),
        peft_config=LoraConfig(
            r=32, lora_alpha=64, target_modules="all-linear", task_type="CAUSAL_LM"
        ),
        callbacks=[Clock()],
    )
    collate = trainer.data_collator

    def counted(examples: list) -> dict:
        batch = collate(examples)
        counts.append(int(batch["attention_mask"].sum()))
        return batch

    trainer.data_collator = counted
    trainer.train()
    return {"tokens": sum(counts[WARM_UP : asked.steps]), "seconds": ends[-1] - ends[WARM_UP - 1]}


def arm(name: str, base: Path, data: Path, asked: argparse.Namespace, folder: Path) -> None:
    """Run one arm in this process and print its figures."""
    started = time.perf_counter()
    if name == "ours":
        found = ours(base, data, asked, folder)
    else:
        found = trl(
            base,
            data,
            asked,
            folder,
            **({"gradient_checkpointing": False} if name != "trl" else {}),
        )
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    facts = {
        "arm": name,
        "tokens_per_s": round(found["tokens"] / found["seconds"], 1),
        "tokens": found["tokens"],
    }
    print(
        json.dumps({**facts, "wall_s": round(time.perf_counter() - started, 1), "peak_mib": rss}),
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    for name, usual in (("rounds", 3), ("steps", 12), ("batch", 8), ("length", 512)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    parser.add_argument("--arm", nargs=4, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.arm:
        name, *paths = asked.arm
        arm(name, *map(Path, paths[:2]), asked, Path(paths[2]))
        return
    from secarch.demo.base import build
    from secarch.demo.config import DemoConfig

    base = build(DemoConfig(steps=1), seed=0)[0]
    place = Path(tempfile.mkdtemp(prefix="secarch-bench-"))
    (place / "data").mkdir()
    lines = [json.dumps(row) + "\n" for row in rows(base, asked.length)]
    (place / "data" / "train.jsonl").write_text("".join(lines), encoding="utf-8")
    sizes = [f"--{name}={getattr(asked, name)}" for name in ("steps", "batch", "length")]
    speeds: dict[str, list[float]] = {name: [] for name in ARMS}
    for n in range(asked.rounds):
        for name in ARMS[n % 3 :] + ARMS[: n % 3]:
            where = ["--arm", name, str(base), str(place / "data"), str(place / f"{name}{n}")]
            environment = {**os.environ, "OMP_WAIT_POLICY": "PASSIVE", "HF_HUB_OFFLINE": "1"}
            out = subprocess.run(
                [sys.executable, __file__, *sizes, *where],
                stdout=subprocess.PIPE,
                text=True,
                env=environment,
                check=True,
            ).stdout.splitlines()[-1]
            print(out, flush=True)
            speeds[name].append(json.loads(out)["tokens_per_s"])
    medians = {name: statistics.median(values) for name, values in speeds.items()}
    ratios = {f"ours/{name}": round(medians["ours"] / medians[name], 2) for name in ARMS[1:]}
    print(
        json.dumps(
            {"rows": len(lines), "rounds": asked.rounds, "median_tokens_per_s": medians, **ratios}
        )
    )


if __name__ == "__main__":
    main()
