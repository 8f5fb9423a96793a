"""The tiny base model of the demo, pre-trained on the spot, so that nothing has to be downloaded.

Its text is the Python language reference that every CPython carries in `pydoc_data.topics` (Python
Software Foundation License, version 2): half a megabyte of English technical prose. Each topic is
read twice, as plain text and as the answer of a chat, so that the base knows what a turn is and
when to stop.

The result is cached below $XDG_CACHE_HOME/secarch/bases, by a digest of the settings, the seed, the
text and the libraries' versions; a cached one is used only while every file has the hash it was
sealed with.
"""

from __future__ import annotations

import math
import shutil
import tempfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from torch.nn import functional

from secarch import console
from secarch.artifact import lock, set_aside
from secarch.demo.config import DemoConfig
from secarch.files import sha256_file, unchanged, write_json
from secarch.models.chat_template import Chat
from secarch.models.local import faster_dtype, hush_transformers
from secarch.schema import sha256_of
from secarch.session import Stop, cache_home

SEAL = "base.json"
RECIPE = 1
"""Raised when what is built changes while its settings do not."""
LEARNING_RATE = 3e-3
BOS, END, PAD, STOP = (
    "<|begin_of_text|>",
    "<|end_of_text|>",
    "<|finetune_right_pad_id|>",
    "<|eot_id|>",
)
SPECIAL = (BOS, END, PAD, "<|start_header_id|>", "<|end_header_id|>", STOP)
SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| "
    r"?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
    r"|\s+(?!\S)|\s+"
)
"""Llama 3's own pre-tokenisation. With GPT-2's, a prompt's last line feeds merge with what follows,
and the prompt's tokens are no prefix of the whole row's.
"""
TEMPLATE = """\
{{- bos_token -}}
{%- for message in messages -%}
{{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' -}}
{%- if message['role'] == 'assistant' -%}
{%- generation -%}{{- message['content'] | trim + '<|eot_id|>' -}}{%- endgeneration -%}
{%- else -%}
{{- message['content'] | trim + '<|eot_id|>' -}}
{%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}
{{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' -}}{%- endif -%}
"""


def bases() -> Path:
    """Folder of the cached bases, each named `tiny-llama-<digest8>`."""
    return cache_home() / "bases"


def build(config: DemoConfig, *, seed: int, stop: Stop | None = None) -> tuple[Path, bool]:
    """Folder of the tiny base, and whether it was there already.

    About a minute on two cores. Raises Interrupted where a stop was asked for (nothing is left
    behind), Busy where another process builds the same one, DiskError where the cache cannot be
    written.
    """
    hush_transformers()
    topics = _topics()
    target = bases() / f"tiny-llama-{_digest(config, seed, topics)[:8]}"
    with lock(target.with_suffix(".lock")):
        if unchanged(target, SEAL):
            return target, True
        if aside := set_aside(target):
            console.log().warning("cached_base_damaged", set_aside=str(aside))
        with (stop or Stop()).listening() as listening:
            _build(config, seed, topics, target, listening)
    return target, False


def _topics() -> dict[str, str]:
    from pydoc_data.topics import topics

    return {name: text.strip() for name, text in sorted(topics.items()) if text.strip()}


def _digest(config: DemoConfig, seed: int, topics: dict[str, str]) -> str:
    versions = {name: metadata.version(name) for name in ("torch", "transformers", "tokenizers")}
    return sha256_of([RECIPE, config.digest(), seed, sha256_of(topics), versions])


def _build(config: DemoConfig, seed: int, topics: dict[str, str], target: Path, stop: Stop) -> None:
    work = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        _save_tokenizer(_train_tokenizer(list(topics.values()), config.vocabulary), work)
        chat = Chat.load(work)
        network = _network(config, chat, seed)
        losses = _pretrain(network, _stream(topics, chat), config, seed, stop)
        network.save_pretrained(work, safe_serialization=True)
        files = {path.name: sha256_file(path) for path in sorted(work.iterdir())}
        facts = {
            "config": config.identity(),
            "seed": seed,
            "first_loss": losses[0],
            "last_loss": losses[-1],
            "files": files,
        }
        write_json(work / SEAL, facts)
        work.chmod(0o755)
        work.rename(target)
    finally:
        shutil.rmtree(work, ignore_errors=True)


# ---------------------------------------------------------------- tokenizer


def _train_tokenizer(texts: list[str], vocabulary: int) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(SPLIT), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=list(SPECIAL),
        initial_alphabet=alphabet,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def _save_tokenizer(tokenizer: Tokenizer, folder: Path) -> None:
    from transformers import PreTrainedTokenizerFast

    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=BOS,
        eos_token=STOP,
        pad_token=PAD,
        model_max_length=2048,
        clean_up_tokenization_spaces=False,
    )
    fast.chat_template = TEMPLATE
    fast.save_pretrained(folder)


# ---------------------------------------------------------------- model


def _network(config: DemoConfig, chat: Chat, seed: int) -> Any:
    from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM

    heads = max(
        1, config.hidden // 64
    )  # few and wide: a CPU pays for each map of context x context
    ids = {"bos_token_id": chat.bos_id, "pad_token_id": chat.pad_id}
    shape = LlamaConfig(
        vocab_size=chat.tokenizer.get_vocab_size(),
        hidden_size=config.hidden,
        num_hidden_layers=config.layers,
        num_attention_heads=heads,
        num_key_value_heads=1,
        head_dim=64,
        intermediate_size=max(64, config.hidden * 8 // 3 // 64 * 64),
        max_position_embeddings=2048,
        tie_word_embeddings=True,
        eos_token_id=chat.id_of("eos_token"),
        **ids,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = LlamaForCausalLM(shape)
    network.generation_config = GenerationConfig(
        eos_token_id=list(chat.stop_ids), do_sample=False, **ids
    )
    return network.float().train()


def _stream(topics: dict[str, str], chat: Chat) -> torch.Tensor:
    """Every topic twice, in token ids: as a document, and as an answer."""
    ids: list[int] = []
    opening, ending = [chat.tokenizer.token_to_id(name) or 0 for name in (BOS, END)]
    for name, text in topics.items():
        question = {
            "role": "user",
            "content": f"What does the language reference say about {name}?",
        }
        ids += [opening, *chat.plain_ids(text), ending]
        ids += chat.encode([question, {"role": "assistant", "content": text}]).ids
    return torch.tensor(ids)


def _pretrain(
    network: Any, stream: torch.Tensor, config: DemoConfig, seed: int, stop: Stop
) -> list[float]:
    """Run `config.steps` AdamW steps on random windows of the stream; returns each step's loss in
    nats per token.
    """
    dtype = faster_dtype()
    decayed = [p for p in network.parameters() if p.dim() > 1]
    others = [p for p in network.parameters() if p.dim() <= 1]
    groups = [{"params": decayed, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=LEARNING_RATE, betas=(0.9, 0.95), fused=True)
    windows = _windows(stream, config, seed)
    losses = []
    with console.progress("pre-training the tiny base", config.steps) as advance:
        for step in range(config.steps):
            stop.check()
            for group in optimizer.param_groups:
                group["lr"] = LEARNING_RATE * _rate(step, config.steps)
            losses.append(_step(network, next(windows), optimizer, dtype))
            advance(1)
    return losses


def _windows(stream: torch.Tensor, config: DemoConfig, seed: int) -> Iterator[torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    width = min(config.context + 1, len(stream))
    while True:
        starts = torch.randint(0, len(stream) - width + 1, (config.batch,), generator=generator)
        yield torch.stack([stream[start : start + width] for start in starts.tolist()])


def _rate(step: int, steps: int) -> float:
    """Share of the peak rate: a short warm-up, a plateau, and a cosine fall over the last half."""
    warm = min(1.0, (step + 1) / max(1, min(40, steps // 10)))
    fall = max(0.0, 2 * (step + 1) / steps - 1)
    return warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * fall)))


def _step(
    network: Any, rows: torch.Tensor, optimizer: torch.optim.Optimizer, dtype: torch.dtype
) -> float:
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=dtype == torch.bfloat16):
        logits = network(input_ids=rows[:, :-1], use_cache=False).logits
    loss = functional.cross_entropy(logits.float().flatten(0, 1), rows[:, 1:].flatten())
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return float(loss.detach())
