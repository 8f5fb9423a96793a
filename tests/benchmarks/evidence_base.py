"""The base model of `evidence.py`: pre-trained once from documentation that packages carry.

Its text is the docstrings of CPython's standard library and of packages that secarch itself
installs, all under permissive licences (PSF, BSD, MIT, Apache-2.0). The model, its optimiser and the
step are saved as safetensors, so that an interrupted pre-training goes on where it stopped.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import json
import math
import sysconfig
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch.nn import functional
from transformers import LlamaForCausalLM

from secarch.demo.base import _network, _save_tokenizer, _train_tokenizer
from secarch.demo.config import DemoConfig
from secarch.models.chat_template import Chat
from secarch.models.local import faster_dtype

PACKAGES = (
    "transformers torch scipy sklearn sympy pandas networkx numpy nltk matplotlib huggingface_hub "
    "datasets trl peft accelerate pydantic rich typer statsmodels setuptools pip safetensors "
    "tokenizers aiohttp yaml lxml trafilatura structlog"
).split()
LEAST = 80
"""Characters below which a docstring says nothing."""
SAVE_EVERY = 50
LEARNING_RATE = 2e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Size of the base and of its pre-training."""

    vocabulary: int
    hidden: int
    layers: int
    context: int
    batch: int
    tokens: int
    """Tokens read in pre-training, windows drawn with replacement."""

    @property
    def steps(self) -> int:
        """Optimiser steps."""
        return max(1, self.tokens // (self.batch * self.context))


def text_of(cache: Path) -> list[str]:
    """Docstrings of a module each, in the order of their paths; kept in `cache` for the next run."""
    if cache.exists():
        read: list[str] = json.loads(cache.read_text("utf-8"))
        return read
    found = [text for path in _sources() if (text := _docstrings(path))]
    cache.parent.mkdir(parents=True, exist_ok=True)
    cache.write_text(json.dumps(found), "utf-8")
    return found


def _sources() -> Iterator[Path]:
    library = Path(sysconfig.get_path("stdlib"))
    yield from (p for p in sorted(library.rglob("*.py")) if "site-packages" not in p.parts)
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        for place in spec.submodule_search_locations or () if spec else ():
            yield from sorted(Path(place).rglob("*.py"))


def _docstrings(path: Path) -> str:
    if {"test", "tests"} & set(path.parts):
        return ""
    try:
        tree = ast.parse(path.read_text("utf-8"))
    except (SyntaxError, UnicodeDecodeError, ValueError, RecursionError):
        return ""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    texts = (ast.get_docstring(node) for node in ast.walk(tree) if isinstance(node, kinds))
    return "\n\n".join(text for text in texts if text and len(text) >= LEAST)


def build(shape: Shape, seed: int, folder: Path, device: str) -> Path:
    """Folder of the base, named by a digest of shape, seed and text; pre-trained if it is new."""
    texts = text_of(folder / "text.json")
    told = json.dumps([asdict(shape), seed, hashlib.sha256("".join(texts).encode()).hexdigest()])
    target = folder / f"base-{hashlib.sha256(told.encode()).hexdigest()[:8]}"
    if (target / "pretraining.json").exists():
        return target
    target.mkdir(parents=True, exist_ok=True)
    size = sum(map(len, texts))
    print(f"base: {size / 1e6:.1f} MB of text, {shape.steps} steps, {target}", flush=True)
    if not (target / "tokenizer.json").exists():
        _save_tokenizer(_train_tokenizer(texts[::4], shape.vocabulary), target)
    chat = Chat.load(target)
    config = DemoConfig(
        vocabulary=shape.vocabulary, hidden=shape.hidden, layers=shape.layers, steps=1
    )
    network = _network(config, chat, seed).to(device)
    losses = _pretrain(network, _stream(texts, chat, folder, target.name), shape, seed, target)
    network.to("cpu").save_pretrained(target, safe_serialization=True)
    facts = {
        "characters": size,
        "parameters": sum(p.numel() for p in network.parameters()),
        "tokens": shape.steps * shape.batch * shape.context,
        "last_loss": sum(losses[-20:]) / len(losses[-20:]),
    }
    (target / "pretraining.json").write_text(json.dumps(facts, indent=1), "utf-8")
    (target / "state.safetensors").unlink(missing_ok=True)
    return target


def _stream(texts: list[str], chat: Chat, folder: Path, name: str) -> torch.Tensor:
    """Every text in token ids: three of four as a document, the fourth as an answer."""
    cache = folder / f"{name}.ids.safetensors"
    if cache.exists():
        return load_file(cache)["ids"]
    opening, ending = (chat.id_of("bos_token"), chat.tokenizer.token_to_id("<|end_of_text|>"))
    ids: list[int] = []
    for number, text in enumerate(texts):
        if number % 4:
            ids += [opening, *chat.plain_ids(text), ending]
        else:
            asked = {"role": "user", "content": f"What does this say: {text[:80].strip()}?"}
            answered = {"role": "assistant", "content": text[:8_000]}
            ids += chat.encode([asked, answered]).ids
    save_file({"ids": torch.tensor(ids)}, cache)
    return torch.tensor(ids)


def _pretrain(
    network: LlamaForCausalLM, stream: torch.Tensor, shape: Shape, seed: int, folder: Path
) -> list[float]:
    device = next(network.parameters()).device
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=LEARNING_RATE, betas=(0.9, 0.95), weight_decay=0.1
    )
    state = folder / "state.safetensors"
    losses = _restored(network, optimizer, state)
    started, begun = time.monotonic(), len(losses)
    half = device.type == "cuda" or faster_dtype() == torch.bfloat16
    for step in range(begun, shape.steps):
        generator = torch.Generator().manual_seed(seed * 1_000_003 + step)
        most = len(stream) - shape.context - 1
        starts = torch.randint(0, most, (shape.batch,), generator=generator).tolist()
        rows = torch.stack([stream[at : at + shape.context + 1] for at in starts]).to(device)
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * _rate(step, shape.steps)
        with torch.autocast(device.type, torch.bfloat16, enabled=half):
            logits = network(input_ids=rows[:, :-1], use_cache=False).logits
        loss = functional.cross_entropy(logits.float().flatten(0, 1), rows[:, 1:].flatten())
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        losses.append(float(loss.detach()))
        if (step + 1) % SAVE_EVERY == 0 or step + 1 == shape.steps:
            _save(network, optimizer, losses, state)
            left = (time.monotonic() - started) / (step + 1 - begun) * (shape.steps - step - 1)
            mean = sum(losses[-20:]) / len(losses[-20:])
            print(
                f"  step {step + 1}/{shape.steps}: loss {mean:.3f}, {left / 60:.0f} min left",
                flush=True,
            )
    return losses


def _rate(step: int, steps: int) -> float:
    """Share of the peak rate: warm-up over a fiftieth, then a cosine to a twentieth."""
    warm = min(1.0, (step + 1) / max(1, steps // 50))
    return warm * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * step / steps)))


def _save(
    network: LlamaForCausalLM, optimizer: torch.optim.AdamW, losses: list[float], path: Path
) -> None:
    held = {"losses": torch.tensor(losses)}
    for name, weight in network.named_parameters():
        moments = optimizer.state[weight]
        held[f"weight.{name}"] = weight.detach().cpu()
        held[f"first.{name}"] = moments["exp_avg"].cpu()
        held[f"second.{name}"] = moments["exp_avg_sq"].cpu()
    new = path.with_suffix(".new")
    save_file(held, new)
    new.replace(path)


def _restored(network: LlamaForCausalLM, optimizer: torch.optim.AdamW, path: Path) -> list[float]:
    if not path.exists():
        return []
    held = load_file(path)
    losses: list[float] = held["losses"].tolist()
    with torch.no_grad():
        for name, weight in network.named_parameters():
            weight.copy_(held[f"weight.{name}"])
            optimizer.state[weight] = {
                "step": torch.tensor(float(len(losses))),
                "exp_avg": held[f"first.{name}"].to(weight.device),
                "exp_avg_sq": held[f"second.{name}"].to(weight.device),
            }
    return losses
