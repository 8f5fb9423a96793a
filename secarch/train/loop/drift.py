"""What an unfinished run was started under, and whether it is still so.

A run that is resumed with other settings, data, code, libraries or on another GPU is no longer the
run that its manifest says. That is refused, or, with --allow-drift, recorded.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

import secarch
from secarch.errors import UsageError
from secarch.schema import JsonDict

STATE = "run.json"
"""Journal of an unfinished run: what it was started under, and what is settled once."""
LIBRARIES = (
    "accelerate",
    "bitsandbytes",
    "datasets",
    "liger-kernel",
    "numpy",
    "peft",
    "safetensors",
    "tokenizers",
    "torch",
    "transformers",
    "triton",
    "trl",
)
"""Packages whose version can change what a step computes."""
SHAPE = ("base", "quantization", "lora")
"""Settings under which a checkpoint's adapter cannot be loaded when they changed."""


def read_state(directory: Path) -> JsonDict:
    """What run.json says, nothing if it is not there or torn."""
    try:
        found = json.loads((directory / STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def surroundings(device: str) -> JsonDict:
    """The code's digest, the libraries' versions and the name of the device that computes."""
    return {"code": code_digest(), "libraries": dict(_versions()), "device": device}


@lru_cache(maxsize=1)
def code_digest() -> str:
    """Hex SHA-256 over the package's Python files, by name and content."""
    root = Path(secarch.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(
            path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0"
        )
    return digest.hexdigest()


def _versions() -> Iterator[tuple[str, str]]:
    for name in LIBRARIES:
        try:
            yield name, metadata.version(name)
        except metadata.PackageNotFoundError:
            continue


def changes(before: JsonDict, now: JsonDict, prefix: str = "") -> list[str]:
    """`name: old -> new` of every value that differs, by the names of the innermost settings."""
    out: list[str] = []
    for name in sorted({*before, *now}):
        old, new = before.get(name), now.get(name)
        if isinstance(old, dict) and isinstance(new, dict):
            out += changes(old, new, f"{prefix}{name}.")
        elif old != new:
            out.append(f"{prefix}{name}: {_short(old)} -> {_short(new)}")
    return out


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text[:8] if len(text) == 64 and set(text) <= set("0123456789abcdef") else text


def check(
    state: JsonDict, recorded: JsonDict, around: JsonDict, where: Path, *, allow: bool
) -> list[str]:
    """What changed since the run was started, empty if nothing did.

    Raises UsageError where something did and `allow` does not permit it, or where the checkpoint's
    adapter would not fit any more.
    """
    found = changes(state.get("recorded", {}), recorded) + changes(state.get("around", {}), around)
    shape = [line for line in found if line.startswith(SHAPE)]
    if shape:
        raise UsageError(
            "the unfinished run was started with another base or adapter",
            where=where,
            why="; ".join(shape),
            fix="undo the change, or choose another --name, or set the run aside with --fresh",
        )
    if found and not allow:
        raise UsageError(
            "the unfinished run was started under other circumstances",
            where=where,
            why="; ".join(found),
            fix="undo the change, or go on with --resume --allow-drift (it is recorded), or set "
            "it aside with --fresh",
        )
    return found
