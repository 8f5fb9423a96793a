"""What a folder or name that is not a base is instead, and what to name in its place."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from secarch.errors import MissingModel
from secarch.models.tokenizer_files import read_json


def no_model(folder: Path) -> MissingModel:
    """That a folder holds no model, and what it holds instead."""
    why = "it has no config.json"
    fix = "name a model's folder: config.json, tokenizer.json and .safetensors"
    if (folder / "adapter_config.json").is_file():
        adapted = read_json(folder / "adapter_config.json").get("base_model_name_or_path")
        why = f"it is an adapter, made for {adapted}"
        fix = f"set train.base to {adapted}; or merge the two first and name the merged model"
    elif any(folder.glob("*.gguf")):
        why = GGUF
    elif (folder / "adapter").is_dir():
        why = "it is a run: its adapter without its base"
        fix = f"secarch export {folder.name}, then set train.base to the export's folder"
    elif worn := sorted(path.parent for path in folder.glob("*/adapter_config.json")):
        why = f"there are adapters in {', '.join(path.name for path in worn[:5])}"
        fix = f"name one of these folders: {shlex.quote(str(worn[-1]))}"
    elif inside := sorted(path.parent for path in folder.glob("*/config.json")):
        fix = f"set train.base to {inside[0]}"
    return MissingModel("this folder holds no model", where=folder, why=why, fix=fix)


GGUF = "it is GGUF, which is quantised for llama.cpp; adapters are trained on .safetensors"


def file_why(path: Path) -> str | None:
    """Why a file is not a base; None if there is no such file."""
    if path.suffix == ".gguf":
        return GGUF
    return "it is a file; a base is a folder" if path.is_file() else None


def name_fix(base: str) -> str:
    """What to set in place of a name that is no folder and no name on the hub."""
    path = Path(base).expanduser()
    if path.is_file() and (path.parent / "config.json").is_file() and path.suffix != ".gguf":
        return f"set train.base to its folder, {path.parent}"
    if found := _HUB_URL.match(base):
        return f"set train.base to {found[1]}"
    return "set train.base to a folder with config.json, or to a hub name (owner/model)"


_HUB_URL = re.compile(r"https?://[^/]+/([\w.-]+/[\w.-]+)")
