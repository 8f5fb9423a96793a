"""Merging tensor by tensor, from the base's files into the export's: no model is ever built.

So the memory of the largest layer and of the adapter is enough. A leaf: it imports torch at its
top.

A layer's number in the export is `W + scale * B A` (Hu et al. 2021, arXiv:2106.09685), added in
float32 and rounded once; W is what training saw: dequantised where the base was held in 4 bits.
What cannot be told by names alone (DoRA, fused experts, adapters that save whole modules) is left
to `merge.write_merged`, which builds the model.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO

import torch
from safetensors import safe_open
from safetensors.torch import load_file

from secarch.errors import GateFailed
from secarch.files import disk_errors, sync, write_json
from secarch.models import tensor_header, weights
from secarch.models.layers import has_experts
from secarch.models.local import device

NAMES = {torch.float32: "F32", torch.bfloat16: "BF16", torch.float16: "F16"}
"""How safetensors names the numbers."""
_KINDS = {**{name: kind for kind, name in NAMES.items()}, "F64": torch.float64}
_PREFIX = "base_model.model."
_PLAIN: dict[str, Any] = {
    "bias": "none",
    "use_dora": False,
    "rank_pattern": {},
    "alpha_pattern": {},
    "modules_to_save": None,
    "fan_in_fan_out": False,
    "trainable_token_indices": None,
    "layer_replication": None,
    "lora_bias": False,
}
"""Settings of an adapter that is added as it stands -> the only value (or none) that they may have.
"""


@dataclass(frozen=True, slots=True)
class Delta:
    """What an adapter adds to one weight."""

    a: torch.Tensor
    b: torch.Tensor
    scale: float

    def added(self, weight: torch.Tensor) -> torch.Tensor:
        """`weight` with it, in float32."""
        held = weight.to(torch.float32, copy=True)  # added in place: no second copy of a layer
        return held.addmm_(self.b.float(), self.a.float(), alpha=self.scale)


def deltas(base: Path, adapter: Path) -> dict[str, Delta] | None:
    """Name of a base's tensor -> what is added to it; None where names alone do not say it."""
    config = json.loads((adapter / weights.ADAPTER[0]).read_text(encoding="utf-8"))
    if any(config.get(name) not in (plain, None) for name, plain in _PLAIN.items()):
        return None
    there = weights.tensors(base)
    if has_experts(there) or weights.quantised(base):
        return None
    rank, alpha = int(config["r"]), float(config["lora_alpha"])
    scale = alpha / (math.sqrt(rank) if config.get("use_rslora") else rank)
    stored = load_file(adapter / weights.ADAPTER[1])
    found = {}
    for name, a in stored.items():
        if not name.endswith(".lora_A.weight"):
            continue
        layer = name.removeprefix(_PREFIX).removesuffix(".lora_A.weight")
        b = stored.get(name.replace(".lora_A.", ".lora_B."))
        if b is None or there.get(f"{layer}.weight") != [b.shape[0], a.shape[1]]:
            return None
        found[f"{layer}.weight"] = Delta(a, b, scale)
    return found if found and len(stored) == 2 * len(found) else None


def folded(base: Path) -> frozenset[str]:
    """Weights that are 4-bit when this base is loaded so: its linear layers but the head."""
    from transformers import AutoConfig, AutoModelForCausalLM

    config = AutoConfig.from_pretrained(base, trust_remote_code=False, local_files_only=True)
    with torch.device("meta"):
        network = AutoModelForCausalLM.from_config(config, trust_remote_code=False)
    head = network.get_output_embeddings()
    return frozenset(
        f"{name}.weight"
        for name, module in network.named_modules()
        if isinstance(module, torch.nn.Linear) and module is not head
    )


def rounded(weight: torch.Tensor) -> torch.Tensor:
    """What a weight stands for once it was held as 4-bit NormalFloat, doubly quantised."""
    from bitsandbytes.functional import dequantize_4bit, quantize_4bit

    held = weight.float().to(device())
    codes, state = quantize_4bit(held, compress_statistics=True, quant_type="nf4")
    found: torch.Tensor = dequantize_4bit(codes, state).cpu()
    return found


def write_merged(
    base: Path, quantization: str, added: dict[str, Delta], dtype: torch.dtype, target: Path
) -> None:
    """Write config.json and the base's safetensors files, by their names, with every weight in
    `dtype` and the adapter added, into `target`.

    Raises GateFailed where a merged weight is not a number, and DiskError.
    """
    four_bits = folded(base) if quantization == "nf4" else frozenset()

    def merged(name: str, weight: torch.Tensor) -> torch.Tensor:
        dense = rounded(weight) if name in four_bits else weight
        sum_ = added[name].added(dense) if name in added else dense
        made = sum_.to(dtype)
        if not all(torch.isfinite(piece).all() for piece in _pieces(made.flatten())):
            raise GateFailed(
                f"a merged weight is no number in {str(dtype).removeprefix('torch.')}",
                where=name,
                why="float16 ends at 65,504"
                if dtype == torch.float16
                else "the adapter is not sound",
                fix="export with --dtype bfloat16",
            )
        return made

    with disk_errors(target):
        for path in weights.weight_files(base):
            _rewrite(path, target / path.name, dtype, merged)
    index = base / "model.safetensors.index.json"
    if index.is_file():
        found = json.loads(index.read_text(encoding="utf-8"))
        total = sum(path.stat().st_size for path in target.glob("*.safetensors"))
        write_json(target / index.name, {**found, "metadata": {"total_size": total}})
    config = json.loads((base / "config.json").read_text(encoding="utf-8"))
    config.pop("torch_dtype", None)
    write_json(target / "config.json", {**config, "dtype": str(dtype).removeprefix("torch.")})


def _rewrite(
    source: Path,
    target: Path,
    dtype: torch.dtype,
    change: Callable[[str, torch.Tensor], torch.Tensor],
) -> None:
    """Copy a safetensors file with each tensor changed, one at a time."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    there = tensor_header.header(source)
    at = 0
    with safe_open(source, framework="pt") as file, target.open("wb") as out:
        names = sorted(file.keys())
        for name in names:
            part = file.get_slice(name)
            kind = NAMES[dtype] if part.get_dtype() in {*NAMES.values(), "F64"} else ""
            kind = kind or part.get_dtype()
            size = math.prod(part.get_shape()) * _BYTES[kind]
            header[name] = {
                "dtype": kind,
                "shape": part.get_shape(),
                "data_offsets": [at, at + size],
            }
            at += size
        _begin(out, header)
        with source.open("rb") as numbers:
            start = tensor_header.numbers_from(source)
            for name in names:
                if (
                    there[name]["dtype"] in _KINDS
                ):  # no name for it: the next one would find it held
                    _put(out, change(name, _read(numbers, start, there[name])))
                else:
                    _put(out, file.get_tensor(name))
    sync(target)


def _read(numbers: BufferedReader, start: int, entry: dict[str, Any]) -> torch.Tensor:
    """A tensor of a safetensors file, read and not mapped: mapped files stay in memory, all that
    was read of them.
    """
    begin, end = entry["data_offsets"]
    if begin == end:
        return torch.empty(entry["shape"], dtype=_KINDS[entry["dtype"]])
    data = bytearray(end - begin)
    numbers.seek(start + begin)
    numbers.readinto(data)
    return torch.frombuffer(data, dtype=_KINDS[entry["dtype"]]).reshape(entry["shape"])


_BYTES = {"F32": 4, "BF16": 2, "F16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1}
"""Bytes of a number."""


def _begin(out: BinaryIO, header: dict[str, Any]) -> None:
    """The length of the header and the header, padded so that numbers begin at eight bytes."""
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    out.write(len(text).to_bytes(8, "little") + text)


def _put(out: BinaryIO, tensor: torch.Tensor) -> None:
    pieces = _pieces(tensor.contiguous().flatten())
    out.writelines(piece.view(torch.uint8).numpy().tobytes() for piece in pieces)


def _pieces(flat: torch.Tensor, numbers: int = 1 << 22) -> Iterator[torch.Tensor]:
    """Parts of a flat tensor, so that no second copy of a layer is made to write it."""
    for start in range(0, len(flat), numbers):
        yield flat[start : start + numbers]
