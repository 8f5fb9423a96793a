"""What a model is on disk: where it is, whether its files are safe to read, how large it is, and
which it is.

Nothing here imports torch, so that a dry run can ask. Only safetensors are read: a pickled weight
file runs code when it is opened.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from secarch.errors import DiskError, InvalidInput, MissingModel
from secarch.files import sha256_file, write_text
from secarch.models import adapters
from secarch.models.no_model import GGUF, file_why, name_fix, no_model
from secarch.models.tensor_header import header
from secarch.models.tokenizer_files import read_json
from secarch.schema import sha256_of
from secarch.session import cache_home

CPU_PARAMETERS = 300_000_000
"""Largest model that is worked with on a CPU: beyond it a step takes minutes."""
DESCRIBING = (
    "config.json",
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "chat_template.jinja",
    "tokenizer.model",
    "model.safetensors.index.json",
)
ADAPTER = adapters.FILES
adapter_folder = adapters.folder_of

_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?")


def resolve(base: str, revision: str = "") -> Path:
    """Folder of a base model: the local folder itself, else its snapshot in the Hugging Face cache
    or from the hub.

    Raises MissingModel (exit 3) if it can be had from none of them; the fix says how.
    """
    folder = Path(base).expanduser()
    if folder.is_dir():
        if not base or not (folder / "config.json").is_file():
            raise no_model(folder if base else Path("train.base"))
        weight_files(folder)
        return folder
    if not _NAME.fullmatch(base) or base.count("/") != 1:
        raise MissingModel(
            "there is no such base model",
            where=base,
            why=file_why(folder),
            fix=name_fix(base),
        )
    return _snapshot(base, revision)


def _snapshot(name: str, revision: str) -> Path:
    from huggingface_hub import snapshot_download

    patterns = [*DESCRIBING, "chat_template.json", "*.safetensors"]
    wanted: dict[str, Any] = {
        "repo_id": name,
        "revision": revision or None,
        "allow_patterns": patterns,
    }
    try:
        folder = Path(snapshot_download(**wanted, local_files_only=True))
        if _complete(folder):
            return folder
    except (OSError, ValueError):  # not in the cache
        pass
    try:
        folder = Path(snapshot_download(**wanted))
    except (OSError, ValueError) as error:  # every error of the hub's client is one of these two
        raise MissingModel(
            "this base model is neither on this machine nor to be had from the hub",
            where=name,
            why=_first_line(error),
            fix="set train.base to a local folder; or accept its licence on the hub, set HF_TOKEN "
            "and be online",
        ) from error
    weight_files(folder)
    return folder


def _first_line(error: Exception) -> str:
    return next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)[
        :300
    ]


def _complete(folder: Path) -> bool:
    try:
        return (
            (folder / "config.json").is_file()
            and (folder / "tokenizer.json").is_file()
            and bool(weight_files(folder))
        )
    except MissingModel:
        return False


def weight_files(folder: Path) -> list[Path]:
    """The safetensors of a model, in the order of their names; all that an index promises are
    there. Raises MissingModel if one is missing, and InvalidInput for a malformed index.
    """
    index = folder / "model.safetensors.index.json"
    found = sorted(folder.glob("*.safetensors"))
    promised: set[str] = set()
    if index.is_file():
        try:
            promised = {str(name) for name in weight_map(index).values()}
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise InvalidInput(
                "this index of weights is malformed",
                where=index,
                why=error,
                fix="download this model again, whole",
            ) from error
    if not promised and "model.safetensors" in {path.name for path in found}:
        promised = {"model.safetensors"}  # what lies beside it is not loaded
    elif not promised and any(_SHARD.fullmatch(path.name) for path in found):
        promised = {index.name}  # without it nothing tells which files there should be
    elif not promised and found and not (folder / ADAPTER[1]).is_file():
        promised = {"model.safetensors"}  # under another name it is not loaded
    there = {path.name for path in found if path.is_file()}
    missing = sorted(promised - there)
    if missing or not found:
        why = (
            f"{missing[0]} is a link to a file that is not there"
            if missing and (folder / missing[0]).is_symlink()
            else f"{missing[0]} is missing"
            + (
                f"; {found[0].name} is not loaded under that name"
                if missing == ["model.safetensors"] and found
                else ""
            )
            if missing
            else GGUF
            if any(folder.glob("*.gguf"))
            else "it has no .safetensors (pickled weights are not read)"
        )
        raise MissingModel(
            "this model's folder has no complete weights",
            where=folder,
            why=why,
            fix="download all of its .safetensors files, or save it with save_pretrained",
        )
    return [path for path in found if path.name in promised] if promised else found


def weight_map(index: Path) -> dict[str, Any]:
    """Name of a tensor -> file that an index of shards says it is in. Raises ValueError, KeyError,
    TypeError and AttributeError.
    """
    return dict(json.loads(index.read_text(encoding="utf-8"))["weight_map"].items())


_SHARD = re.compile(r"model-\d+-of-\d+\.safetensors")


def fingerprint(base: Path, adapter: Path | None = None) -> str:
    """Hex SHA-256 over a base's config, tokenizer and weights, and over the adapter's, by content
    alone.

    Two copies of one model in different places have one fingerprint.
    """
    files = [base / name for name in DESCRIBING if (base / name).is_file()] + weight_files(base)
    parts = [[path.name, _hash(path)] for path in files]
    if adapter is not None:
        folder = adapter_folder(adapter)
        parts += [[name, _hash(folder / name)] for name in ADAPTER]
    return sha256_of(parts)


def _hash(path: Path) -> str:
    state = path.stat()
    key = [os.path.realpath(path), state.st_size, state.st_mtime_ns, state.st_ino]
    return _hash_once(*key)


PATIENCE_BYTES = 8 << 30
"""Bytes that a dry run hashes: more take longer than all else that it does."""


def hashed(base: Path) -> bool:
    """Whether a base's fingerprint takes no long reading: its files are small, or their hashes are
    known.
    """
    unknown = sum(
        path.stat().st_size for path in weight_files(base) if not _remembered(path).is_file()
    )
    return unknown <= PATIENCE_BYTES


def _remembered(path: Path) -> Path:
    """Where the hash of a large file is kept."""
    state = path.stat()
    key = [os.path.realpath(path), state.st_size, state.st_mtime_ns, state.st_ino]
    return cache_home() / "hashes" / sha256_of(key)


REMEMBERED_BYTES = 64 << 20
"""Files from this size on have their hash kept on disk: a 70B is 141 GB, minutes of reading."""


@lru_cache(maxsize=256)
def _hash_once(path: str, size: int, mtime_ns: int, inode: int) -> str:
    """The hash of a file's content, remembered by name, size, time of change and inode."""
    if size < REMEMBERED_BYTES:
        return sha256_file(Path(path))
    known = cache_home() / "hashes" / sha256_of([path, size, mtime_ns, inode])
    with contextlib.suppress(OSError, ValueError):
        found = known.read_text(encoding="ascii")
        if re.fullmatch(r"[0-9a-f]{64}", found):
            return found
    made = sha256_file(Path(path))
    with contextlib.suppress(OSError, DiskError):
        known.parent.mkdir(parents=True, exist_ok=True)
        write_text(known, made)
    return made


def tensors(folder: Path) -> dict[str, list[int]]:
    """Name -> shape of every tensor of a model, from the headers alone; of 4-bit weights, which
    are packed, the shape that they stand for.

    Raises MissingModel and InvalidInput.
    """
    shapes: dict[str, list[int]] = {}
    logical: dict[str, list[int]] = {}
    for path in weight_files(folder):
        for name, entry in header(path).items():
            if found := _PACKED.fullmatch(name):
                if found["state"]:
                    logical[found["weight"]] = _quantised_shape(path, entry["data_offsets"])
            elif name != "__metadata__":
                shapes[name] = [int(n) for n in entry["shape"]]
    return {**shapes, **logical}


def kinds(folder: Path) -> frozenset[str]:
    """The kinds of numbers in which a model's matrices are stored, as safetensors names them."""
    return frozenset(
        str(entry.get("dtype"))
        for path in weight_files(folder)
        for name, entry in header(path).items()
        if name.endswith(".weight") and len(entry["shape"]) > 1
    )


_PACKED = re.compile(
    r"(?P<weight>.+\.weight)\.(absmax|quant_map|nested_absmax|nested_quant_map"
    r"|(?P<state>quant_state\.bitsandbytes__(nf4|fp4)))"
)
"""What bitsandbytes stores beside a 4-bit weight; the state holds the weight's true shape."""
MAX_STATE_BYTES = 1 << 16


def _quantised_shape(path: Path, offsets: list[int]) -> list[int]:
    """The shape of a 4-bit weight, from the JSON that bitsandbytes keeps as a tensor of bytes."""
    with path.open("rb") as handle:
        length = int.from_bytes(handle.read(8), "little")
        handle.seek(8 + length + offsets[0])
        try:
            state = json.loads(handle.read(min(offsets[1] - offsets[0], MAX_STATE_BYTES)))
            return [int(n) for n in state["shape"]]
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidInput(
                "the 4-bit weights of this model are damaged",
                where=path,
                why=error,
                fix="download this model again, whole",
            ) from error


QUANTISED = ("quantization_config", "compression_config", "quantization")
"""Fields of config.json that say how weights are quantised (transformers, vLLM's tools, NVIDIA's
and Apple's).
"""
QUANTISED_ASIDE = ("quantize_config.json", "quant_config.json", "hf_quant_config.json")
"""Files beside config.json that say it (AutoGPTQ, AutoAWQ, NVIDIA's ModelOpt)."""


def quantised(folder: Path) -> str:
    """How a base is quantised on disk, '' if it is not: nf4, or the name of another method."""
    config = read_json(folder / "config.json")
    found = next((config[name] for name in QUANTISED if config.get(name)), None)
    if found is None:
        aside = next((name for name in QUANTISED_ASIDE if (folder / name).is_file()), "")
        return f"the method in {aside}" if aside else ""
    if not isinstance(found, dict):
        return "an unknown method"
    method = str(
        found.get("quant_method")
        or found.get("quant_algo")
        or ("bitsandbytes" if "quantization_config" in config else "an unknown method")
    )
    four = found.get("load_in_4bit") or found.get("_load_in_4bit")
    kind = str(found.get("bnb_4bit_quant_type") or "")
    return "nf4" if method == "bitsandbytes" and four and kind == "nf4" else kind or method


def plain_attention(folder: Path) -> bool:
    """Whether a model attends to everything before a token: no windows, no caps on the scores (by
    its config.json).
    """
    config = read_config(folder)
    windows = config.get("sliding_window") and config.get("use_sliding_window", True)
    local = any(kind != "full_attention" for kind in config.get("layer_types") or ())
    return not (windows or local or config.get("attn_logit_softcapping"))


STATELESS = {"full_attention", "sliding_attention", "chunked_attention"}


MIXING = {"gpt_oss", "falcon"}
"""Model types whose attention in transformers 5 passes over where packed documents end."""


def mixes_documents(folder: Path) -> bool:
    """Whether packed documents would see one another: layers that carry state along the row
    (linear attention, convolutions), or attention that does not know where documents end.
    """
    config = read_config(folder)
    if config.get("model_type") in MIXING:
        return True
    kinds = set(config.get("layer_types") or ()) - STATELESS
    return bool(kinds) or any("mamba" in name or "ssm" in name for name in config)


def read_config(folder: Path) -> dict[str, Any]:
    """A model's config.json, of a model with several parts that of its text.

    Raises InvalidInput.
    """
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInput(
            "this model's configuration cannot be read",
            where=path,
            why=error,
            fix="download this model again, whole",
        ) from error
    if not isinstance(config, dict):
        raise InvalidInput(
            "this model's configuration is no JSON object",
            where=path,
            fix="download this model again, whole",
        )
    text = config.get("text_config")
    return text if isinstance(text, dict) else config


def parameters(folder: Path) -> int:
    """Parameters of a model on disk; tied weights, which are stored once, count once."""
    total = 0
    for shape in tensors(folder).values():
        size = 1
        for n in shape:
            size *= n
        total += size
    return total
