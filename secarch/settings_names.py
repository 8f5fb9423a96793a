"""Words about settings: what other programs call them, and what is wrong with a value."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from secarch.schema import meanings

ELSEWHERE = {
    "batch_size": "train.micro_batch (rows at once) or train.global_batch (rows per step)",
    "per_device_train_batch_size": "train.micro_batch",
    "gradient_accumulation_steps": "train.global_batch (rows per optimiser step)",
    "lr": "train.learning_rate",
    "max_seq_length": "train.max_length",
    "max_seq_len": "train.max_length",
    "sequence_len": "train.max_length",
    "cutoff_len": "train.max_length",
    "num_train_epochs": "train.epochs",
    "num_epochs": "train.epochs",
    "model": "train.base",
    "base_model": "train.base",
    "model_name": "train.base",
    "model_name_or_path": "train.base",
    "output_dir": "workspace",
    "rank": "train.lora.r",
    "rnk": "train.lora.r",
    "lora_r": "train.lora.r",
    "lora_alpha": "train.lora.alpha",
    "lora_dropout": "train.lora.dropout",
    "target_modules": "train.lora.targets",
    "lora_target_modules": "train.lora.targets",
    "warmup_ratio": "train.warmup",
    "lr_scheduler_type": "train.schedule",
    "lr_scheduler": "train.schedule",
    "report_to": "train.trackers",
    "urls": "harvest.seeds",
    "start_urls": "harvest.seeds",
    "depth": "harvest.max_depth",
}
"""Names that other programs give to settings -> ours."""
_CREDENTIALS = re.compile(r"://[^/?#\s@]+@")


def message(item: Any, path: Sequence[str | int], model: type[BaseModel]) -> str:
    """Pydantic's words; where those speak of Python, the words of YAML."""
    kind = item["type"]
    if kind == "extra_forbidden":
        return "no such setting"
    if kind in {"tuple_type", "list_type", "set_type"}:
        return f"a list is needed, such as [{json.dumps(item.get('input'), default=str)}]"
    if kind in {"dict_type", "model_type", "model_attributes_type"}:
        return "a table of names and values is needed"
    if kind == "string_pattern_mismatch" and (meaning := _meaning(path, model)):
        return f"this does not have the form that is needed: {meaning}"
    if kind in {"bool_parsing", "bool_type"}:
        return "true or false is needed"
    said = str(item["msg"].removeprefix("Value error, "))
    return f"{said}, and nothing is given" if item.get("input") is None else said


def _meaning(path: Sequence[str | int], model: type[BaseModel]) -> str:
    """What a setting is, from its docstring."""
    inner: Any = model
    for part in path[:-1]:
        info = getattr(inner, "model_fields", {}).get(str(part))
        inner = info.annotation if info else None
    known = meanings(inner) if isinstance(inner, type) and issubclass(inner, BaseModel) else {}
    return " ".join(known.get(str(path[-1]), "").split())


def got(item: Any) -> str:
    """The value that was given, if it is short and says something."""
    value = item.get("input")
    return (
        f" (got {masked(value)!r})"
        if isinstance(value, (str, int, float, bool)) and item["type"] != "value_error"
        else ""
    )


def masked(value: Any) -> Any:
    """A value with what a URL in it names as user and password replaced by `***`."""
    if isinstance(value, str):
        return _CREDENTIALS.sub("://***@", value)
    if isinstance(value, Mapping):
        return {name: masked(one) for name, one in value.items()}
    return [masked(one) for one in value] if isinstance(value, list) else value


def natural(place: str) -> list[tuple[int, str]]:
    """A key that sorts `file:line:col` by its numbers."""
    return [
        (int(part), "") if part.isdigit() else (0, part)
        for part in place.split(" ", maxsplit=1)[0].split(":")
    ]
