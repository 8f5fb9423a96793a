"""Whether the weights of a base fit one another by their names and shapes alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from secarch.errors import InvalidInput

LAYER = re.compile(r"(?:^|\.)(?:layers|h|blocks)\.(\d+)\.")
"""The number of a layer in the name of a weight."""
_WRAPPED = re.compile(r"^(module|_orig_mod|base_model\.model)\.|\.(base_layer|lora_[AB])\.")
"""What DataParallel, torch.compile and peft put into the names of weights."""


def check(base: Path, shapes: Mapping[str, list[int]]) -> None:
    """Raise InvalidInput where weights have names that no model has, or do not fit.

    `shapes` are those of every weight by name.
    """
    _check_wrapped(base, shapes)
    _check_fit(base, shapes)


def _check_wrapped(base: Path, shapes: Mapping[str, list[int]]) -> None:
    """Raise InvalidInput where weights were saved with the names of what was around them."""
    if found := next((name for name in shapes if _WRAPPED.search(name)), ""):
        raise InvalidInput(
            "these weights were saved with a wrapper around the model",
            where=base,
            why=f"no model has a weight called {found}: it would be random numbers",
            fix="save the model that is inside (merge_and_unload, unwrap_model) with "
            "save_pretrained",
        )


def _check_fit(base: Path, shapes: Mapping[str, list[int]]) -> None:
    """Raise InvalidInput where the two halves of a feed-forward part do not fit one another."""
    for name, down in shapes.items():
        up = shapes.get(name.replace(".down_proj.", ".up_proj."))
        if name.endswith(".mlp.down_proj.weight") and up is not None and down != up[::-1]:
            raise InvalidInput(
                "a layer of this model does not fit together",
                where=base,
                why=f"{name} is {down}, and what comes before it {up}",
                fix="download all of its .safetensors files, with the config.json they came with",
            )
