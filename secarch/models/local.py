"""A base model with or without an adapter: load it, let it write, and measure how likely a text is
to it.

Loaded once, it serves as base and as tuned model (the adapter is switched off and on), so that a
comparison differs in nothing but the adapter. This is a leaf: it imports torch at its top.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, Self

import torch
from torch import nn

from secarch.errors import DiskError, InvalidInput, PrerequisiteError
from secarch.files import write_json
from secarch.models import likelihood, weights
from secarch.models.adapters import adapted, check_finite
from secarch.models.chat_template import Chat
from secarch.models.decoding import Decoding, Generated
from secarch.models.loadable import UNLOADABLE, cannot_load, check_all_loaded
from secarch.models.weights import adapter_folder, fingerprint, resolve
from secarch.schema import sha256_of
from secarch.session import cache_home

__all__ = [
    "Generated",
    "Model",
    "Quantization",
    "adapter_folder",
    "fingerprint",
    "load_base",
    "resolve",
]

Quantization = Literal["nf4", "none"]
MAX_WINDOW = 2048
"""Tokens of a whole text that are read at once."""


def device() -> torch.device:
    """The CUDA device if there is one, else the CPU."""
    return (
        torch.device("cuda", torch.cuda.current_device())
        if torch.cuda.is_available()
        else torch.device("cpu")
    )


def hush_transformers() -> None:
    """Switch off the library's own progress bars and advice: what matters is said by our
    console.
    """
    from transformers.utils import logging

    logging.disable_progress_bar()
    logging.set_verbosity_error()


def faster_dtype() -> torch.dtype:
    """bfloat16 where this machine multiplies in it faster than in fp32, else fp32; on CUDA always
    bfloat16.

    Timed once on one small product, since a CPU without bf16 instructions emulates them, and kept
    in the cache: a busy moment must not make two runs of one seed differ.
    """
    if torch.cuda.is_available():
        return torch.bfloat16
    name = sha256_of([torch.__version__, platform.processor(), platform.machine(), os.cpu_count()])[
        :8
    ]
    known = cache_home() / f"dtype-{name}.json"
    try:
        return (
            torch.bfloat16
            if json.loads(known.read_text(encoding="utf-8"))["bf16"] is True
            else torch.float32
        )
    except (OSError, ValueError, KeyError, TypeError):
        bf16 = _bf16_wins()
    with contextlib.suppress(DiskError, OSError):
        write_json(known, {"bf16": bf16})
    return torch.bfloat16 if bf16 else torch.float32


def _bf16_wins() -> bool:
    """By a quarter at least, in the best of many tries of each, taken in turns."""
    best = {torch.float32: float("inf"), torch.bfloat16: float("inf")}
    for _ in range(20):
        for dtype, so_far in best.items():
            a, b = torch.ones(1024, 256, dtype=dtype), torch.ones(256, 704, dtype=dtype)
            started = time.perf_counter()
            a @ b
            best[dtype] = min(so_far, time.perf_counter() - started)
    return best[torch.bfloat16] * 1.25 < best[torch.float32]


def check_device(base: Path) -> None:
    """Raise PrerequisiteError (exit 3) where a base is too large for this machine's CPU and there
    is no GPU.
    """
    count = weights.parameters(base)
    if device().type == "cpu" and count > weights.CPU_PARAMETERS:
        raise PrerequisiteError(
            f"this base has {count / 1e9:.1f} billion parameters and there is no CUDA GPU",
            where=base.name,
            why=f"a CPU is used up to {weights.CPU_PARAMETERS / 1e6:.0f} million parameters",
            fix="use a machine with an NVIDIA GPU, or a smaller base",
        )


def load_base(base: Path, quantization: Quantization, compute: torch.dtype) -> Any:
    """A transformers causal language model in eval mode, from safetensors, without any code of the
    model's folder.

    With nf4 its linear layers but the head are 4-bit NormalFloat, doubly quantised, and multiply in
    `compute` (arXiv:2305.14314). What is not quantised is `compute` on CUDA, float32 on a CPU.
    Raises InvalidInput where transformers does not know the architecture.
    """
    from transformers import AutoModelForCausalLM, BitsAndBytesConfig

    hush_transformers()
    held = compute if device().type == "cuda" else torch.float32
    wanted: dict[str, Any] = {
        "dtype": held,
        "attn_implementation": _attention(base),
        "use_safetensors": True,
        "local_files_only": True,
    }
    if quantization == "nf4":
        wanted["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=compute,
        )
    if device().type == "cuda":
        wanted["device_map"] = {"": device().index}
    try:
        model, loading = AutoModelForCausalLM.from_pretrained(
            base, trust_remote_code=False, output_loading_info=True, **wanted
        )
    except torch.OutOfMemoryError as error:
        raise PrerequisiteError(
            "the GPU's memory does not suffice to load this base",
            where=base.name,
            why=str(error).splitlines()[0],
            fix="end other programs that hold the GPU (nvidia-smi lists them), or take a smaller "
            "base",
        ) from error
    except UNLOADABLE as error:
        raise cannot_load(base, error) from error
    check_all_loaded(base, loading["missing_keys"])
    keep_weights_as_loaded(model)
    return model.eval()


def _attention(base: Path) -> str:
    """sdpa, or eager for the families that cap scores or keep sinks and so have no sdpa."""
    from transformers import AutoConfig, AutoModelForCausalLM

    try:
        config = AutoConfig.from_pretrained(base, trust_remote_code=False, local_files_only=True)
        made = AutoModelForCausalLM._model_mapping[type(config)]  # noqa: SLF001 - asked, not loaded
    except (ValueError, KeyError, OSError):
        return "sdpa"  # loading says what is wrong
    return "sdpa" if getattr(made, "_supports_sdpa", True) else "eager"


def keep_weights_as_loaded(model: Any) -> None:
    """Forbid bitsandbytes to repack 4-bit weights on CPUs with AVX512-BF16.

    From its first forward in eval mode on it would hold the scales in bf16: one evaluation would
    change the base under the adapter, and a resumed run would differ from an uninterrupted one.
    """
    for module in model.modules():
        if hasattr(module, "support_avx512bf16_for_cpu"):
            module.support_avx512bf16_for_cpu = False


class Model:
    """A loaded base, with an adapter that can be switched off. Greedy, eval mode, no gradients."""

    def __init__(self, network: Any, chat: Chat, *, adapted: bool) -> None:
        self.network = network
        self.chat = chat
        self.adapted = adapted
        self.device: torch.device = next(network.parameters()).device

    @classmethod
    def load(
        cls,
        base: Path,
        *,
        quantization: Quantization,
        adapter: Path | None = None,
        held: torch.dtype = torch.bfloat16,
    ) -> Self:
        """Load a base (`resolve` finds it) and, where given, the adapter of a run folder or adapter
        folder; on CUDA in the number format `held`.

        Raises PrerequisiteError (too large for a CPU), MissingModel, InvalidInput, and Mismatch
        where the adapter was made for another base.
        """
        check_device(base)
        if adapter is not None:
            check_finite(adapter_folder(adapter))
        on_cpu = device().type == "cpu"
        network = load_base(base, quantization, torch.float32 if on_cpu else held)
        if on_cpu and quantization == "nf4":
            unfold(network, torch.float32)
        if adapter is not None:
            network = adapted(network, adapter_folder(adapter))
        return cls(network.eval(), Chat.load(base, adapter), adapted=adapter is not None)

    @contextlib.contextmanager
    def without_adapter(self) -> Iterator[None]:
        """Inside the block the model is its base."""
        if not self.adapted:
            yield
            return
        with self.network.disable_adapter():
            yield

    @torch.inference_mode()
    def generate(self, prompts: Sequence[Sequence[int]], max_new_tokens: int) -> list[Generated]:
        """Continue each prompt greedily, as one batch; a row that ends leaves the batch and its
        cache.

        Prompts are padded on the left and positions count real tokens only, so that padding has no
        part in the answer. A row ends at any of the chat's stop ids, or after `max_new_tokens`.
        Raises InvalidInput for an empty prompt.
        """
        if not prompts or not all(prompts):
            if prompts:
                raise InvalidInput(
                    "an empty prompt cannot be continued", fix="give a prompt that is not empty"
                )
            return []
        return Decoding(self, prompts, max_new_tokens).run()

    def log_likelihood(self, pairs: Sequence[tuple[list[int], list[int]]]) -> list[float]:
        """Nats of each (prompt, continuation): the natural log-probability of the continuation, at
        most 0.

        Token ids; the prompt must not be empty. An empty continuation has 0 nats. Raises
        InvalidInput.
        """
        if not all(prompt for prompt, _ in pairs):
            raise InvalidInput(
                "a continuation without a prompt has no likelihood",
                fix="give a prompt that is not empty",
            )
        return self.nats([(a + b, [False] * len(a) + [True] * len(b)) for a, b in pairs])

    def rolling(self, texts: Sequence[list[int]]) -> list[float]:
        """Nats of each whole text (token ids), each token scored once, after the token that opens a
        document.

        A text that is longer than the model's context is cut into windows, as lm-eval's rolling
        log-likelihood does.
        """
        window = min(
            MAX_WINDOW, int(getattr(self.network.config, "max_position_embeddings", MAX_WINDOW))
        )
        first = self.chat.stop_ids[0] if self.chat.bos_id is None else self.chat.bos_id
        rows = [
            (n, row)
            for n, ids in enumerate(texts)
            for row in likelihood.windows([first, *ids], window)
        ]
        out = [0.0] * len(texts)
        for (n, _), value in zip(rows, self.nats([row for _, row in rows]), strict=True):
            out[n] += value
        return out

    def nats(self, rows: Sequence[likelihood.Row]) -> list[float]:
        """Natural log-probability of each row's marked tokens (`likelihood.nats`)."""
        return likelihood.nats(self, rows)


def unfold(network: Any, dtype: torch.dtype) -> None:
    """Replace 4-bit layers by dense ones that hold the same dequantised numbers, rounded to
    `dtype`.

    On a CPU unpacking them at every step is most of the work; the model is small there, and what
    it computes is the same.
    """
    from bitsandbytes.functional import dequantize_4bit
    from bitsandbytes.nn import Linear4bit

    for parent in list(network.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, Linear4bit):
                weight = dequantize_4bit(child.weight.data, child.weight.quant_state).to(dtype)
                dense = nn.Linear(
                    child.in_features, child.out_features, bias=child.bias is not None
                )
                dense.weight = nn.Parameter(weight, requires_grad=False)
                if child.bias is not None:
                    dense.bias = nn.Parameter(child.bias.data.to(dtype), requires_grad=False)
                setattr(parent, name, dense)
    network.hf_quantizer.remove_quantization_config(
        network
    )  # what is saved or cast from here on is dense
    network.is_loaded_in_4bit = False
    # A base that was stored in 4 bits came by a conversion that nothing turns round on saving.
    made = getattr(network, "_weight_conversions", None)
    if made is not None:
        network._weight_conversions = [  # noqa: SLF001 - there is no other way to say it
            one
            for one in made
            if not any("bitsandbytes" in type(step).__module__ for step in _operations(one))
        ]


def _operations(conversion: Any) -> Sequence[Any]:
    return getattr(conversion, "operations", None) or ()
