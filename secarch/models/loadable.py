"""Whether a folder holds a base that can be loaded and trained, seen by its files before torch is.

Each of these would otherwise be met after minutes of loading, or never: a model with fewer layers
in its files than in its configuration is filled up with random ones.
"""

from __future__ import annotations

import importlib.util
import re
from collections import Counter
from collections.abc import Collection, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from safetensors import SafetensorError

from secarch.errors import InvalidInput
from secarch.models import stored
from secarch.models.tensor_header import data_bytes, header, numbers_from
from secarch.models.tokenizer_files import download_fix, read_json
from secarch.models.weights import (
    kinds,
    quantised,
    read_config,
    tensors,
    weight_files,
    weight_map,
)

SIZES = (
    "hidden_size",
    "intermediate_size",
    "num_attention_heads",
    "num_hidden_layers",
    "num_key_value_heads",
    "vocab_size",
    "head_dim",
    "max_position_embeddings",
)
"""Numbers of config.json that must be positive if they are given."""
_MAP = re.compile(r"^MODEL_FOR_CAUSAL_LM_MAPPING_NAMES = .*?^\)", re.MULTILINE | re.DOTALL)
_ENTRY = re.compile(r'^\s+\("([\w.-]+)",', re.MULTILINE)
_ACTIVATIONS = re.compile(r"^ACT2CLS = \{.*?^\}", re.MULTILINE | re.DOTALL)
_KEY = re.compile(r'^    "(\w+)":', re.MULTILINE)
_CLASS = re.compile(r'"(\w+)"\)?,?\)')


@lru_cache(maxsize=1)
def known_types() -> frozenset[str]:
    """Model types that transformers loads as causal language models, read from its source: to
    import it takes seconds and torch. Empty where the source is not found.
    """
    return frozenset(_ENTRY.findall(_mapping()))


@lru_cache(maxsize=1)
def known_classes() -> frozenset[str]:
    """The classes of these types; empty where the source is not found."""
    return frozenset(_CLASS.findall(_mapping()))


@lru_cache(maxsize=1)
def known_activations() -> frozenset[str]:
    """What lies between layers, by the names that transformers knows; empty as above."""
    block = _ACTIVATIONS.search(_source("activations.py"))
    return frozenset(_KEY.findall(block[0])) if block else frozenset()


@lru_cache(maxsize=1)
def _mapping() -> str:
    block = _MAP.search(_source("models/auto/modeling_auto.py"))
    return block[0] if block else ""


def _source(name: str) -> str:
    found = importlib.util.find_spec("transformers")
    places = found.submodule_search_locations if found else None
    source = Path(next(iter(places or ["."]))) / name
    return source.read_text(encoding="utf-8") if source.is_file() else ""


def check(base: Path) -> None:
    """Raise InvalidInput where a base cannot be loaded as a causal language model, or would be
    loaded as another than its files say.
    """
    if (base / "adapter_config.json").is_file():
        raise InvalidInput(
            "this base has an adapter in its folder, which loading would put on it",
            where=base / "adapter_config.json",
            fix="move adapter_config.json and the adapter's weights into another folder",
        )
    _check_type(base, read_json(base / "config.json"))
    config, shapes = read_config(base), tensors(base)
    _check_sizes(base, config)
    _check_names(base, config)
    _check_index(base)
    _check_broken_off(base)
    _check_numbers(base)
    _check_layers(base, config, shapes)
    _check_each_layer(base, config, shapes)
    _check_embedding(base, config, shapes)
    _check_head(base, config, shapes)
    _check_widths(base, config, shapes)
    stored.check(base, shapes)


def _check_type(base: Path, config: Mapping[str, Any]) -> None:
    kind, known = config.get("model_type"), known_types()
    if kind is None:
        raise InvalidInput(
            "this base does not say what it is",
            where=base / "config.json",
            why="it has no model_type, which transformers loads it by",
            fix="download its config.json again; made by hand, add model_type (llama, qwen3, ...)",
        )
    if config.get("is_encoder_decoder"):
        why = f"{kind} is an encoder with a decoder"
    elif known and kind not in known and config.get("auto_map"):
        why = f"{kind} comes with code of its own, which is not run"
    elif known and kind not in known:
        why = f"transformers has no causal language model of the type {kind}"
    elif (made := _architecture(config)) and not made.endswith(_HEADS):
        why = f"it is a {made}, which has no head for the next token"
    elif made and known and config.get("auto_map") and made not in known_classes():
        why = f"{made} comes with code of its own, which is not run"
    else:
        return
    raise InvalidInput(
        "this base is no language model that can be trained here",
        where=base / "config.json",
        why=why,
        fix="take a base such as Llama, Qwen, Mistral or Gemma in the format of transformers; "
        "newer types need a newer transformers",
    )


_HEADS = ("CausalLM", "LMHeadModel", "ForConditionalGeneration")
"""How the names of classes end that give the next token."""


def _architecture(config: Mapping[str, Any]) -> str:
    named = config.get("architectures")
    return str(named[0]) if isinstance(named, list) and named else ""


def _check_sizes(base: Path, config: Mapping[str, Any]) -> None:
    for name in SIZES:
        value = config.get(name)
        if value is not None and (not isinstance(value, int) or value <= 0):
            raise InvalidInput(
                f"{name} in this model's configuration is {value!r}",
                where=base / "config.json",
                why="it must be a positive whole number",
                fix=download_fix(base / "config.json"),
            )


def _check_names(base: Path, config: Mapping[str, Any]) -> None:
    """Raise InvalidInput for an activation or a kind of numbers that nobody knows."""
    for names, known in (
        (("hidden_act", "hidden_activation", "activation_function"), known_activations()),
        (("dtype", "torch_dtype"), DTYPES),
    ):
        for name in names:
            value = config.get(name)
            if isinstance(value, str) and known and value.removeprefix("torch.") not in known:
                raise InvalidInput(
                    f"{name} in this model's configuration is {value}, which nobody knows",
                    where=base / "config.json",
                    fix=download_fix(base / "config.json"),
                )


DTYPES = frozenset(
    {"auto", "float64", "float32", "float16", "bfloat16", "double", "float", "half"}
    | {"float8_e4m3fn", "float8_e5m2"}
)
"""Kinds of numbers as torch names them."""


def _check_index(base: Path) -> None:
    """Raise InvalidInput where an index of shards names a tensor that is in none of them."""
    index = base / "model.safetensors.index.json"
    if not index.is_file():
        return
    there = {name for path in weight_files(base) for name in header(path)}
    if lost := sorted(set(weight_map(index)) - there):
        raise InvalidInput(
            f"{len(lost)} weights that the index promises are in none of this model's files",
            where=index,
            why=f"{lost[0]} would be random numbers",
            fix="download all of its .safetensors files, with the index they came with",
        )


def _check_widths(base: Path, config: Mapping[str, Any], shapes: Mapping[str, list[int]]) -> None:
    """Raise InvalidInput where all layers have a width that no number of config.json gives.

    Compared are the inner layers of the feed-forward part, and the keys' with the heads. Families
    name such numbers in ways of their own, so that any of them will do.
    """
    numbers = [n for n in config.values() if type(n) is int and n > 0]
    heads = [n for name, n in config.items() if "heads" in name and type(n) is int]
    dims = [n for name, n in config.items() if "head_dim" in name and type(n) is int]
    hidden = config.get("hidden_size")
    dims += [hidden // n for n in heads if type(hidden) is int and n > 0]
    for leaf, known in (
        (".mlp.up_proj.weight", numbers),
        (".self_attn.k_proj.weight", [a * b for a in heads for b in dims]),
    ):
        found = {shape[0] for name, shape in shapes.items() if name.endswith(leaf)}
        if len(found) == 1 and known and not found & set(known):
            raise InvalidInput(
                f"the layers of this model have {min(found)} rows in {leaf[1:]}, and no number in "
                "its configuration says so",
                where=base,
                fix="take config.json and .safetensors files of one and the same model",
            )


def _check_layers(base: Path, config: Mapping[str, Any], shapes: Mapping[str, list[int]]) -> None:
    there = {int(found[1]) for name in shapes if (found := stored.LAYER.search(name))}
    wanted = config.get("num_hidden_layers")
    if there and isinstance(wanted, int) and max(there) + 1 < wanted:
        raise InvalidInput(
            f"this model's files have {max(there) + 1} layers and its configuration {wanted}",
            where=base,
            why="the others would be random numbers",
            fix="download all of its .safetensors files, with the config.json they came with",
        )
    stacks = {name[: found.start()] for name in shapes if (found := stored.LAYER.search(name))}
    ahead = any("nextn" in name or "mtp" in name for name in config)  # layers that guess ahead
    if isinstance(wanted, int) and len(stacks) == 1 and not ahead and max(there) + 1 > wanted:
        raise InvalidInput(
            f"this model's files have {max(there) + 1} layers and its configuration {wanted}",
            where=base / "config.json",
            why="the others would be left out",
            fix="take config.json and .safetensors files of one and the same model",
        )


def _check_each_layer(
    base: Path, config: Mapping[str, Any], shapes: Mapping[str, list[int]]
) -> None:
    """Raise InvalidInput where one layer alone lacks weights that all others have.

    Layers may be of several kinds; those that have the same part are compared in it. Stacks of
    fewer layers than the text's, such as the stages of a vision tower, may differ as they like.
    """
    wanted = config.get("num_hidden_layers")
    parts: dict[tuple[str, str], dict[int, set[str]]] = {}
    for name in shapes:
        if found := stored.LAYER.search(name):
            part, _, leaf = name[found.end() :].partition(".")
            layers = parts.setdefault((name[: found.start()], part), {})
            layers.setdefault(int(found[1]), set()).add(leaf)
    depth: Counter[str] = Counter()
    for (stack, _), layers in parts.items():
        depth[stack] = max(depth[stack], *(layer + 1 for layer in layers))
    for (stack, part), layers in parts.items():
        if isinstance(wanted, int) and depth[stack] < wanted:
            continue
        kinds = Counter(map(frozenset, layers.values()))
        for layer, leaves in layers.items():
            others = [kind for kind in kinds if kind != leaves]
            if kinds[frozenset(leaves)] == 1 and len(others) == 1 and leaves < others[0]:
                raise InvalidInput(
                    f"layer {layer} of this model lacks a weight that all others have",
                    where=base,
                    why=f"{part}.{min(others[0] - leaves)} would be random numbers",
                    fix="download all of its .safetensors files, with the config.json they came "
                    "with",
                )


def _check_embedding(
    base: Path, config: Mapping[str, Any], shapes: Mapping[str, list[int]]
) -> None:
    found = [s for n, s in shapes.items() if n.endswith((".embed_tokens.weight", ".wte.weight"))]
    # OPT may embed in fewer numbers than its layers have.
    widths = ("word_embed_proj_dim", "hidden_size", "n_embd")
    hidden = next((config[name] for name in widths if config.get(name)), None)
    wanted = (config.get("vocab_size"), hidden)
    if len(found) != 1 or len(found[0]) != len(wanted):
        return
    for size, named, what in zip(found[0], wanted, ("rows", "columns"), strict=True):
        if isinstance(named, int) and size != named:
            raise InvalidInput(
                f"this model's embedding has {size} {what} and its configuration says {named}",
                where=base,
                fix="take config.json and .safetensors files of one and the same model",
            )


_OUTPUTS = ("lm_head.", "embed_out.", "output.", "output_projection.", "head.", "lm_loss.")
"""How the names of output heads begin; the first may also go on so."""


def _check_head(base: Path, config: Mapping[str, Any], shapes: Mapping[str, list[int]]) -> None:
    """Raise InvalidInput where a head of its own is promised and none is there."""
    there = any(name.startswith(_OUTPUTS) or f".{_OUTPUTS[0]}" in name for name in shapes)
    # Of a model with several parts either the whole or its text may say it.
    ties = {one.get("tie_word_embeddings") for one in (read_json(base / "config.json"), config)}
    if False in ties and True not in ties and not there:
        raise InvalidInput(
            "this model's files have no output head and its configuration ties none",
            where=base,
            why="lm_head.weight would be random numbers",
            fix="download all of its .safetensors files, with the config.json they came with",
        )


def _check_numbers(base: Path) -> None:
    """Raise InvalidInput where matrices are stored in 8 bits and nothing says by which scale."""
    odd = kinds(base) & _SHORT
    if odd and not quantised(base):
        raise InvalidInput(
            f"this base is stored as {min(odd)}, and its configuration does not say how",
            where=base,
            why="adapters are trained on unquantised bases and on 4-bit NormalFloat ones",
            fix="take the unquantised form of this base; train.quantization nf4 makes 4 bits of it",
        )


_SHORT = frozenset({"F8_E4M3", "F8_E5M2", "F8_E8M0", "F4", "I8", "U8"})


def check_whole(base: Path) -> None:
    """Raise InvalidInput where a weight file is shorter than its header says: a download that broke
    off.
    """
    for path in weight_files(base):
        _check_size(path, data_bytes(path))


def _check_broken_off(base: Path) -> None:
    """The same for files that hold some of their numbers: a plan can be made by headers alone."""
    for path in weight_files(base):
        ends = [e["data_offsets"][1] for n, e in header(path).items() if n != "__metadata__"]
        start = numbers_from(path)
        if path.stat().st_size > start:
            _check_size(path, start + max(ends, default=0))


def _check_size(path: Path, wanted: int) -> None:
    if (size := path.stat().st_size) < wanted:
        raise InvalidInput(
            "this weight file is not whole",
            where=path,
            why=f"it has {size:,} of {wanted:,} bytes",
            fix="download it again",
        )


UNLOADABLE = (
    ValueError,
    LookupError,
    OSError,
    RuntimeError,
    ImportError,
    AttributeError,
    TypeError,
    ArithmeticError,
    SafetensorError,
)
"""What transformers raises for configurations and files that do not make a model."""


def cannot_load(base: Path, error: Exception) -> InvalidInput:
    """What to say of a base that only loading showed to be none."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return InvalidInput(
        "this base model cannot be loaded",
        where=base.name,
        why=f"{type(error).__name__}: {lines[0] if lines else 'no reason given'}",
        fix="take config.json and .safetensors files of one and the same model; newer types need "
        "a newer transformers",
    )


def check_all_loaded(base: Path, missing: Collection[str]) -> None:
    """Raise InvalidInput where weights were in no file: transformers fills them with random
    numbers.
    """
    if missing:
        raise InvalidInput(
            f"{len(missing)} weights of this base are in none of its files",
            where=base.name,
            why=f"{min(missing)} would be random numbers",
            fix="download all of its .safetensors files, with the config.json they came with",
        )
