"""Whether a merged model can be compared with what was trained: both are loaded, one at a time.

A large base is merged in the memory of its largest layer, but the comparison needs the whole of it:
looked at before the merge, since a machine that runs out of memory ends the program without a word.
"""

from __future__ import annotations

from pathlib import Path

from secarch.errors import PrerequisiteError
from secarch.models import weights

BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}
FOUR_BITS = 0.6
"""Bytes of a parameter in 4 bits, its scales among them."""
MEMORY = Path("/proc/meminfo")


def needed_bytes(base: Path, dtype: str, quantization: str) -> int:
    """Bytes of the larger of the two models that are compared, one after the other, on a CPU.

    What is not quantised is float32 there.
    """
    trained = FOUR_BITS if quantization == "nf4" else BYTES["float32"]
    return round(weights.parameters(base) * max(trained, BYTES[dtype]))


def free_bytes(place: Path = MEMORY) -> int | None:
    """Bytes of memory that programs may still take (Linux says it), None if unknown."""
    if not place.is_file():
        return None
    for line in place.read_text(encoding="ascii", errors="replace").splitlines():
        name, _, rest = line.partition(":")
        if name == "MemAvailable":
            return int(rest.split()[0]) << 10
    return None


def check_memory(base: Path, dtype: str, quantization: str) -> None:
    """Raise PrerequisiteError where neither a GPU nor enough memory for the comparison is there."""
    from secarch.train.machine import on_cpu

    needed, free = needed_bytes(base, dtype, quantization), free_bytes()
    if free is None or needed <= free or not on_cpu():
        return
    raise PrerequisiteError(
        f"the comparison with what was trained needs {needed / 1e9:.1f} GB of memory, and "
        f"{free / 1e9:.1f} GB are free",
        where=base,
        why="the merge itself goes layer by layer; what it gave is then loaded and compared",
        fix="end other programs, or export on a machine with more memory or a GPU",
    )
