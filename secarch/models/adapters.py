"""Adapters, whoever's tool wrote them: seen by their files before a base is loaded, and put on it
only whole.

The library that puts them on drops weights that it does not know and fills up those it misses: the
answers would be the base's, or nobody's, and nothing would say so.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from secarch.errors import InvalidInput, Mismatch, MissingModel
from secarch.models.tensor_header import data_bytes, header
from secarch.models.tokenizer_files import LFS, LFS_FIX, download_fix, read_json

CONFIG, WEIGHTS, PICKLED = "adapter_config.json", "adapter_model.safetensors", "adapter_model.bin"
FILES = (CONFIG, WEIGHTS)
_BEFORE_THE_PROMPT = frozenset(
    {"PROMPT_TUNING", "MULTITASK_PROMPT_TUNING", "P_TUNING", "PREFIX_TUNING", "ADAPTION_PROMPT"}
    | {"CPT", "CARTRIDGE", "POLY", "XLORA"}
)
"""Kinds that add to the prompt, or choose by it: they are no change of the base's layers."""
_SHARED = re.compile(r"vblora_vector_bank|prompt_encoder|\.tinylora_v\.|\.unilora_theta_d\.")
"""Weights that peft keeps once for all layers, and misses in each."""
_FIT = "name the base that the adapter was trained on"


def folder_of(path: Path) -> Path:
    """Folder of an adapter: `path` itself, or its adapter/ where `path` is a finished run.

    Raises MissingModel where neither holds one, InvalidInput where its files are damaged or of a
    kind that is not put on a base.
    """
    for folder in (path / "adapter", path):
        if all((folder / name).is_file() for name in FILES):
            _check(folder)
            return folder
    raise _none_here(path)


def _none_here(path: Path) -> MissingModel:
    """That there is no adapter in a place, and what is there instead."""
    fix = f"name a finished run, or a folder with {WEIGHTS}"
    why: str | None = None
    if (path / CONFIG).is_file() and "fine_tune_type" in read_json(path / CONFIG):
        why = "it is MLX's"
        fix = "merge it with mlx_lm.fuse, and name the merged model"
    elif (path / PICKLED).is_file():
        why = f"{PICKLED} is pickled, and to unpickle a file may run code in it"
        fix = _UNPICKLE.format(there=shlex.quote(str(path / PICKLED)))
        fix += shlex.quote(str(path / WEIGHTS))
    elif inside := sorted(path.glob(f"*/{CONFIG}")):
        why = f"there are adapters in {', '.join(found.parent.name for found in inside[:5])}"
        fix = f"name one of these folders: {shlex.quote(str(inside[-1].parent))}"
    return MissingModel("there is no adapter here", where=path, why=why, fix=fix)


_UNPICKLE = (
    "python -c 'import sys, torch; from safetensors.torch import save_file; "
    "w = torch.load(sys.argv[1], weights_only=True); "
    "save_file({{n: t.contiguous() for n, t in w.items()}}, sys.argv[2])' {there} "
)


def _check(folder: Path) -> None:
    """Raise InvalidInput where what is in the files is no adapter of layers."""
    _check_config(folder / CONFIG)
    path = folder / WEIGHTS
    with path.open("rb") as handle:
        if handle.read(len(LFS)) == LFS.encode():
            raise InvalidInput(
                "this weight file is a pointer of Git LFS, not the file itself",
                where=path,
                fix=LFS_FIX,
            )
    size, wanted = path.stat().st_size, data_bytes(path)
    if size != wanted:
        raise InvalidInput(
            "this weight file is not whole",
            where=path,
            why=f"it has {size:,} of {wanted:,} bytes",
            fix=download_fix(path),
        )
    _check_halves(path, set(header(path)) - {"__metadata__"})


def _check_config(path: Path) -> None:
    config = read_json(path)
    kind, task = config.get("peft_type"), config.get("task_type")
    why, fix = "", download_fix(path)
    if not isinstance(kind, str):
        why = "it has no peft_type, so it is not of PEFT"
    elif kind in _BEFORE_THE_PROMPT:
        why = f"{kind} adds to the prompt, or chooses by it, and changes no layer"
        fix = "take an adapter of layers, such as LoRA"
    elif task not in (None, "CAUSAL_LM"):
        why = f"its task is {task}: it does not write text"
        fix = "take an adapter whose task_type is CAUSAL_LM"
    elif config.get("alora_invocation_tokens"):
        why = "it works from some words of the prompt on (activated LoRA)"
        fix = "take an adapter that changes the whole prompt"
    elif kind == "LORA":
        why = _number_fault(config)
    if why:
        raise InvalidInput("this adapter cannot be used", where=path, why=why, fix=fix)


def _number_fault(config: Mapping[str, Any]) -> str:
    """Which number of a LoRA's configuration is none; empty if all are."""
    ranks, alphas = config.get("rank_pattern"), config.get("alpha_pattern")
    for name, patterns in (("rank_pattern", ranks), ("alpha_pattern", alphas)):
        if patterns is not None and not isinstance(patterns, dict):
            return f"{name} is no object"
    numbers = [
        *(("r", n) for n in (config.get("r"), *(ranks or {}).values())),
        *(("lora_alpha", n) for n in (config.get("lora_alpha"), *(alphas or {}).values())),
    ]
    for name, value in numbers:
        whole = type(value) is int or (name == "lora_alpha" and type(value) is float)
        if not whole or value <= 0:
            return f"{name} is {value!r}, not a number above 0"
    return ""


def _check_halves(path: Path, names: set[str]) -> None:
    """Raise InvalidInput where one of the two factors of a LoRA layer is there alone; a bias is
    kept for the second only.
    """
    for name in sorted(n for n in names if not n.endswith(".bias")):
        for half, other in (("lora_A", "lora_B"), ("lora_embedding_A", "lora_embedding_B")):
            for found, wanted in ((half, other), (other, half)):
                if f".{found}" in name and name.replace(f".{found}", f".{wanted}") not in names:
                    raise InvalidInput(
                        "this adapter is not whole",
                        where=path,
                        why=f"{name} is there without its {wanted}",
                        fix=download_fix(path),
                    )


def adapted(network: Any, folder: Path) -> Any:
    """A base with the adapter in `folder` on it, not trainable.

    Raises Mismatch where it does not fit, or a weight of either has no place in the other.
    """
    from peft import PeftModel

    place = str(next(network.parameters()).device)
    try:
        worn = PeftModel.from_pretrained(network, folder, is_trainable=False, torch_device=place)
        # Once more, for what it says of weights that were missing or left over.
        result = worn.load_adapter(folder, "default", torch_device=place)
    except (RuntimeError, ValueError, KeyError, TypeError, AttributeError) as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        why = next((line for line in lines if not line.endswith(":")), type(error).__name__)
        raise Mismatch(
            "this adapter does not fit this base", where=folder, why=why, fix=_FIT
        ) from error
    lost = [name for name in result.missing_keys if not _SHARED.search(name)]
    for names, why in (
        (result.unexpected_keys, "has no place in this base"),
        (lost, "is not in its file, and the base would go without"),
    ):
        if names:
            raise Mismatch(
                f"{len(names)} weights of this adapter do not fit this base",
                where=folder,
                why=f"{min(names)} {why}",
                fix=f"{_FIT}; if it is that, the adapter's keys are another tool's or its file is "
                "not whole: save it again with peft's save_pretrained",
            )
    return worn


def check_finite(folder: Path) -> None:
    """Raise InvalidInput where a number of an adapter is none: every answer would be noise."""
    from safetensors import safe_open

    with safe_open(folder / WEIGHTS, framework="pt") as file:
        for name in file.keys():  # noqa: SIM118 - it is no mapping
            if not bool(file.get_tensor(name).float().isfinite().all()):
                raise InvalidInput(
                    "this adapter holds numbers that are none (NaN or infinite)",
                    where=folder / WEIGHTS,
                    why=name,
                    fix="take an earlier checkpoint of its training",
                )
