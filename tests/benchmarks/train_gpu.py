"""QLoRA on one CUDA GPU without any download: speed, memory against our own prediction, and exact
resume.

    python tests/benchmarks/train_gpu.py                      # Llama-3.1-8B's shape, about ten
    minutes python tests/benchmarks/train_gpu.py --preset tiny        # the same code on a CPU; its
    figures mean nothing

The base has random weights, made and quantised layer by layer on the GPU, so that it never exists
in 16 bits as a whole. Every case runs in a process of its own and prints one JSON line; what was
measured stays if a later one fails.

`trl` and `trl_packed` are SFTTrainer with its defaults (sdpa, gradient checkpointing) on the same
rows, without and with its packing. `ours_*` go through the product's own trainer. `small` is the
least memory: one row of 2,048 tokens. `resume` trains 20 steps twice, once killed by SIGKILL and
resumed, and compares metrics and adapter byte for byte.

FLOPs a token: 4 P for LoRA (forward 2 P, gradients of the activations 2 P; frozen weights have no
gradient) and 6 P as many trackers count, P being the parameters multiplied for each token;
attention's products are left out of both.
"""

import argparse
import json
import math
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("PYTORCH_ALLOC_CONF", "expandable_segments:True")

SHAPES = {
    "8b": {
        "vocab_size": 128_256,
        "hidden_size": 4096,
        "intermediate_size": 14_336,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
    },
    "tiny": {
        "vocab_size": 4096,
        "hidden_size": 128,
        "intermediate_size": 256,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
    },
}
DENSE_BF16 = {"H200": 989e12, "H100": 989e12, "A100": 312e12, "L40S": 362e12}
"""Dense bf16 FLOP/s by the vendor's data sheets; others are left without an MFU."""
CASES = ("trl", "trl_packed", "ours_packed", "ours_full", "small", "resume")


def shaped_base(preset: str, folder: Path) -> Path:
    """A model folder whose headers have the shapes and whose weights are a hole: nothing reads
    them.
    """
    from secarch.demo.base import build
    from secarch.demo.config import DemoConfig

    shape = SHAPES[preset]
    shutil.copytree(
        build(DemoConfig(steps=1), seed=0)[0],
        folder,
        ignore=shutil.ignore_patterns("*.safetensors"),
    )
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config |= {
        **shape,
        "max_position_embeddings": 131_072,
        "head_dim": shape["hidden_size"] // shape["num_attention_heads"],
    }
    config |= {"tie_word_embeddings": False, "dtype": "bfloat16"}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    hidden, inner, words = shape["hidden_size"], shape["intermediate_size"], shape["vocab_size"]
    narrow = config["head_dim"] * shape["num_key_value_heads"]
    block = {
        "self_attn.q_proj": [hidden, hidden],
        "self_attn.k_proj": [narrow, hidden],
        "self_attn.v_proj": [narrow, hidden],
        "self_attn.o_proj": [hidden, hidden],
        "mlp.gate_proj": [inner, hidden],
        "mlp.up_proj": [inner, hidden],
        "mlp.down_proj": [hidden, inner],
        "input_layernorm": [hidden],
        "post_attention_layernorm": [hidden],
    }
    shapes = {
        f"model.layers.{n}.{name}.weight": size
        for n in range(shape["num_hidden_layers"])
        for name, size in block.items()
    }
    shapes |= {
        "model.embed_tokens.weight": [words, hidden],
        "lm_head.weight": [words, hidden],
        "model.norm.weight": [hidden],
    }
    header, at = {}, 0
    for name, size in shapes.items():
        header[name] = {
            "dtype": "BF16",
            "shape": size,
            "data_offsets": [at, at + 2 * math.prod(size)],
        }
        at += 2 * math.prod(size)
    text = json.dumps(header).encode()
    with (folder / "model.safetensors").open("wb") as out:
        out.write(len(text).to_bytes(8, "little") + text)
        out.truncate(8 + len(text) + at)
    return folder


def random_network(base: Path, quantization: str, compute: Any) -> Any:
    """In place of the stage's loader: the folder's shape with random weights, one layer at a time
    in 16 bits.
    """
    import torch
    from bitsandbytes.nn import Linear4bit, Params4bit
    from transformers import LlamaConfig, LlamaForCausalLM

    from secarch.models.local import device

    where, draw = device(), torch.Generator(device=device()).manual_seed(0)
    config = LlamaConfig.from_pretrained(base, attn_implementation="sdpa")
    with torch.device("meta"):
        network = LlamaForCausalLM(config).to(torch.bfloat16)

    def weight(shape: Any) -> Any:
        return torch.empty(shape, dtype=torch.bfloat16, device=where).normal_(
            0, 0.02, generator=draw
        )

    for name, module in list(network.named_modules()):
        if isinstance(module, torch.nn.Linear) and quantization == "nf4" and name != "lm_head":
            made = Linear4bit(
                module.in_features,
                module.out_features,
                bias=False,
                compute_dtype=compute,
                quant_type="nf4",
                compress_statistics=True,
                device="meta",
            )
            made.weight = Params4bit(
                weight(module.weight.shape).cpu()
                if where.type == "cpu"
                else weight(module.weight.shape),
                requires_grad=False,
                quant_type="nf4",
                compress_statistics=True,
                module=made,
            )
            made.weight = made.weight.to(where) if where.type == "cpu" else made.weight.cuda(where)
            network.set_submodule(name, made)
        elif getattr(module, "weight", None) is not None:
            made = (
                weight(module.weight.shape)
                if module.weight.dim() > 1
                else torch.ones_like(module.weight, device=where)
            )
            module.weight = torch.nn.Parameter(made, requires_grad=False)
    with torch.device(where):
        network.model.rotary_emb = type(network.model.rotary_emb)(config=config)
    network.is_loaded_in_4bit = quantization == "nf4"
    return network.eval()


def token_rows(preset: str, count: int, length: int, *, full: bool) -> list[Any]:
    """Rows of random ids: full ones, or log-normal in length as answers are (median a sixth of
    `length`).
    """
    from secarch.train.data.rows import Row

    draw, most = random.Random(0), SHAPES[preset]["vocab_size"]
    rows = []
    for n in range(count):
        size = (
            length
            if full
            else max(16, min(length, int(draw.lognormvariate(math.log(length / 6), 0.8))))
        )
        prompt = size // 4
        ids = [draw.randrange(8, most) for _ in range(size)]
        rows.append(
            Row(id=str(n), ids=ids, mask=[False] * prompt + [True] * (size - prompt), prompt=prompt)
        )
    return rows


def multiplied(preset: str) -> int:
    """Parameters multiplied for each token: every linear layer and the head."""
    shape = SHAPES[preset]
    hidden, inner, layers = (
        shape["hidden_size"],
        shape["intermediate_size"],
        shape["num_hidden_layers"],
    )
    narrow = hidden // shape["num_attention_heads"] * shape["num_key_value_heads"]
    return (
        layers * (2 * hidden * hidden + 2 * hidden * narrow + 3 * hidden * inner)
        + hidden * shape["vocab_size"]
    )


def figures(preset: str, tokens: int, seconds: float) -> dict[str, Any]:
    """Speed, peak memory and MFU in both conventions."""
    import torch

    speed = tokens / seconds
    found: dict[str, Any] = {"tokens_per_s": round(speed, 1)}
    if torch.cuda.is_available():
        name = torch.cuda.get_device_name()
        found |= {"gpu": name, "peak_gib": round(torch.cuda.max_memory_allocated() / 2**30, 2)}
        found["reserved_gib"] = round(torch.cuda.max_memory_reserved() / 2**30, 2)
        if peak := next((flops for part, flops in DENSE_BF16.items() if part in name), None):
            found |= {f"mfu_{n}p": round(n * multiplied(preset) * speed / peak, 4) for n in (4, 6)}
    return found


def ours(asked: argparse.Namespace, place: Path, *, full: bool, **settings: Any) -> dict[str, Any]:
    """The product's own trainer on random rows, its speed taken from its own journal."""
    run, tokens, seconds, plan = _run_ours(asked, place, full=full, **settings)
    found = {
        **figures(asked.preset, tokens, seconds),
        "checkpointing": plan.checkpointing,
        "steps": asked.steps,
    }
    predicted = plan.memory.total / 2**30
    found |= {"predicted_gib": round(predicted, 2), "run": str(run)}
    if "peak_gib" in found:
        found["predicted/measured"] = round(predicted / found["peak_gib"], 3)
    return found


def _run_ours(
    asked: argparse.Namespace, place: Path, *, full: bool, **settings: Any
) -> tuple[Path, int, float, Any]:
    from secarch.models.chat_template import Chat
    from secarch.session import Stop
    from secarch.train.config import TrainConfig
    from secarch.train.estimate import cost
    from secarch.train.loop import checkpoints, network, tuner
    from secarch.train.loop.journal import Journal

    network.load_base = random_network
    base, folder = place / "base", place / settings.pop("name", asked.case)
    steps = settings.pop("steps", asked.steps)
    usual = {
        "base": str(base),
        "max_steps": steps,
        "save_steps": steps,
        "eval_steps": steps,
        "precision": "bf16",
        "lora": {"r": asked.r, "alpha": 2 * asked.r, "dropout": 0.0},
        "warmup": 0.1,
    }
    config = TrainConfig.model_validate(usual | settings)
    per_step = config.global_batch * config.max_length
    rows = token_rows(
        asked.preset, config.global_batch * steps * (1 if full else 5), config.max_length, full=full
    )
    packed = (
        len(cost.bins([len(row.ids) for row in rows], config.max_length))
        if config.packing
        else len(rows)
    )
    plan = cost.plan(config, rows, packed, base)
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = (
        checkpoints.newest_whole(folder / "checkpoints")
        if (folder / "checkpoints").is_dir()
        else None
    )
    journal = Journal(folder, upto=checkpoints.step_of(checkpoint) if checkpoint else None)
    work = tuner.Work(
        config=config,
        plan=plan,
        base=base,
        base_name="random",
        chat=Chat.load(base),
        train=rows,
        validation=[],
        seed=0,
        directory=folder,
        bf16=True,
        stop=Stop(),
        advance=lambda *_, **__: None,
    )
    tuner.run(work, journal, checkpoint)
    marks = [json.loads(line) for line in (folder / "timing.jsonl").open(encoding="utf-8")]
    gaps = [b["seconds"] - a["seconds"] for a, b in pairwise(marks)][2:]
    tokens = journal.tokens / max(1, len(marks))
    print(f"{per_step} tokens fit a step, {tokens:.0f} were in one", file=sys.stderr)
    return folder, round(tokens), statistics.median(gaps or [math.inf]), plan


def trl(asked: argparse.Namespace, place: Path, *, packing: bool) -> dict[str, Any]:
    """SFTTrainer as its documentation starts it, on the rows that `ours_packed` has."""
    import torch
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import AutoTokenizer, TrainerCallback
    from trl import SFTConfig, SFTTrainer

    marks: list[float] = []
    counts: list[int] = []

    class Clock(TrainerCallback):
        def on_step_end(self, *_: object, **__: object) -> None:
            if torch.cuda.is_available():
                torch.cuda.synchronize()
            marks.append(time.perf_counter())

    rows = token_rows(asked.preset, asked.batch * asked.steps * 5, asked.length, full=False)
    columns = [
        {
            "input_ids": r.ids,
            "labels": [i if m else -100 for i, m in zip(r.ids, r.mask, strict=True)],
        }
        for r in rows
    ]
    trainer = SFTTrainer(
        model=random_network(place / "base", "nf4", torch.bfloat16),
        train_dataset=Dataset.from_list(columns),
        args=SFTConfig(
            output_dir=str(place / "trl"),
            max_steps=asked.steps,
            per_device_train_batch_size=asked.batch,
            max_length=asked.length,
            packing=packing,
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
            use_cpu=not torch.cuda.is_available(),
            dataloader_pin_memory=torch.cuda.is_available(),
        ),
        peft_config=LoraConfig(
            r=asked.r, lora_alpha=2 * asked.r, target_modules="all-linear", task_type="CAUSAL_LM"
        ),
        processing_class=AutoTokenizer.from_pretrained(place / "base"),
        callbacks=[Clock()],
    )
    collate = trainer.data_collator

    def counted(examples: list[Any]) -> Any:
        batch = collate(examples)
        counts.append(int(batch.get("attention_mask", torch.ones_like(batch["input_ids"])).sum()))
        return batch

    trainer.data_collator = counted
    trainer.train()
    speeds = [n / (b - a) for n, a, b in zip(counts[1:], marks, marks[1:], strict=False)][2:]
    return figures(asked.preset, round(statistics.median(speeds) * 1000), 1000.0)


def resume(asked: argparse.Namespace, place: Path) -> dict[str, Any]:
    """Twenty steps, and the same twenty killed at 13 and resumed from 10."""
    from secarch.files import sha256_file
    from secarch.train.loop.journal import identity

    same = {
        "max_length": asked.length,
        "packing": True,
        "micro_batch": 1,
        "global_batch": 2,
        "save_steps": 10,
        "eval_steps": 10,
    }
    if asked.child:
        _run_ours(asked, place, full=False, steps=20, name=asked.child, **same)
        return {}
    for name in ("whole", "killed", "killed"):
        with _child(asked, place, name) as child:
            metrics = place / name / "metrics.jsonl"
            while (
                name == "killed" and child.poll() is None and not (place / "killed.once").exists()
            ):
                if metrics.is_file() and '"step":13,' in metrics.read_text(encoding="utf-8"):
                    child.send_signal(signal.SIGKILL)
                    (place / "killed.once").touch()
                time.sleep(0.01)
            child.wait()
    rows = [
        [json.loads(line) for line in (place / name / "metrics.jsonl").open()]
        for name in ("whole", "killed")
    ]
    adapters = [
        sha256_file(place / name / "checkpoints" / "checkpoint-20" / "adapter_model.safetensors")
        for name in ("whole", "killed")
    ]
    killed = (place / "killed.once").exists()
    return {
        "killed": killed,
        "same_metrics": identity(rows[0]) == identity(rows[1]),
        "same_adapter": adapters[0] == adapters[1],
    }


def _child(asked: argparse.Namespace, place: Path, name: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*_command(asked, place, "resume"), "--child", name], stdout=subprocess.DEVNULL
    )


def _command(asked: argparse.Namespace, place: Path, case: str) -> list[str]:
    sizes = [
        f"--{name}={getattr(asked, name)}" for name in ("preset", "steps", "batch", "length", "r")
    ]
    return [sys.executable, __file__, *sizes, "--case", case, "--place", str(place)]


def work(asked: argparse.Namespace, place: Path) -> dict[str, Any]:
    """One case in this process."""
    size = {"micro_batch": asked.batch, "global_batch": asked.batch}
    cases: dict[str, Callable[[], dict[str, Any]]] = {
        "trl": lambda: trl(asked, place, packing=False),
        "trl_packed": lambda: trl(asked, place, packing=True),
        "ours_packed": lambda: ours(
            asked, place, full=False, max_length=asked.length, packing=True, **size
        ),
        "ours_full": lambda: ours(
            asked,
            place,
            full=True,
            max_length=2 * asked.length,
            packing=False,
            micro_batch=2,
            global_batch=2,
        ),
        "small": lambda: ours(
            asked,
            place,
            full=True,
            max_length=asked.length,
            micro_batch=1,
            global_batch=1,
            gradient_checkpointing=True,
        ),
        "resume": lambda: resume(asked, place),
    }
    return cases[asked.case]()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--preset", choices=SHAPES, default="8b")
    for name, usual in (("steps", 14), ("batch", 4), ("length", 2048), ("r", 32)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    parser.add_argument("--cases", default=",".join(CASES))
    for hidden in ("--case", "--child"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    parser.add_argument(
        "--place", type=Path, default=Path(tempfile.gettempdir()) / f"secarch-gpu-{os.getpid()}"
    )
    asked = parser.parse_args()
    if asked.preset == "tiny":
        asked.steps, asked.length, asked.r = min(asked.steps, 6), min(asked.length, 128), 8
    if asked.case:
        print(json.dumps({"case": asked.case, **work(asked, asked.place)}), flush=True)
        return
    asked.place.mkdir(parents=True)
    shaped_base(asked.preset, asked.place / "base")
    found: dict[str, dict[str, Any]] = {}
    for case in asked.cases.split(","):
        ended = subprocess.run(
            _command(asked, asked.place, case), stdout=subprocess.PIPE, text=True, check=False
        )
        lines = ended.stdout.splitlines()
        found[case] = (
            json.loads(lines[-1])
            if ended.returncode == 0 and lines
            else {"case": case, "exit": ended.returncode}
        )
        print(json.dumps(found[case]), flush=True)
    speeds = {case: line["tokens_per_s"] for case, line in found.items() if "tokens_per_s" in line}
    ratios = {
        f"ours_packed/{case}": round(speeds["ours_packed"] / speeds[case], 2)
        for case in ("trl", "trl_packed")
        if case in speeds and "ours_packed" in speeds
    }
    print(json.dumps({"preset": asked.preset, "ratios": ratios}))
    shutil.rmtree(asked.place)
    sys.exit(any("exit" in line for line in found.values()))


if __name__ == "__main__":
    main()
