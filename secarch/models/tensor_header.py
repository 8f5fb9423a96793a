"""The head of a safetensors file: 8 bytes of little-endian length, then JSON that says where each
tensor is.

It is a stranger's: nothing in it is believed that does not hold, since the library that loads it
says so only after minutes, and in terms of its own.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from secarch.errors import InvalidInput
from secarch.models.tokenizer_files import download_fix

MAX_HEADER_BYTES = 100 << 20
"""The limit of the format itself."""
BITS = {
    **dict.fromkeys(("F64", "I64", "U64", "C64"), 64),
    **dict.fromkeys(("F32", "I32", "U32"), 32),
    **dict.fromkeys(("F16", "BF16", "I16", "U16"), 16),
    **dict.fromkeys(("F8_E4M3", "F8_E5M2", "F8_E8M0", "I8", "U8", "BOOL"), 8),
    **dict.fromkeys(("F8_E4M3FNUZ", "F8_E5M2FNUZ"), 8),
    **dict.fromkeys(("F6_E2M3", "F6_E3M2"), 6),
    "F4": 4,
}
"""Kind of numbers -> bits of one."""


def header(path: Path) -> dict[str, Any]:
    """Name -> `dtype`, `shape` and `data_offsets` of each tensor; what is under `__metadata__` is
    not looked at. Raises InvalidInput.
    """
    with path.open("rb") as handle:
        length = int.from_bytes(handle.read(8), "little")
        if not 2 <= length <= min(MAX_HEADER_BYTES, path.stat().st_size):
            raise _damaged(path, "its header has no sensible length")
        try:
            found = json.loads(handle.read(length))
        except (ValueError, RecursionError) as error:
            raise _damaged(path, error) from error
    if not isinstance(found, dict):
        raise _damaged(path, "its header is no JSON object")
    for name, entry in found.items():
        if name != "__metadata__" and (why := _entry_fault(entry)):
            raise _damaged(path, f"{name}: {why}")
    return found


def _entry_fault(entry: Any) -> str:
    """What is wrong with a tensor's entry; empty if nothing is."""
    if not isinstance(entry, dict) or not {"dtype", "shape", "data_offsets"} <= set(entry):
        return "it has no dtype, shape and data_offsets"
    if entry["dtype"] not in BITS:
        return f"there are no numbers of the kind {entry['dtype']}"
    shape, offsets = entry["shape"], entry["data_offsets"]
    if not _whole(shape) or not _whole(offsets) or len(offsets) != len(("begin", "end")):
        return "its shape or place is no list of whole numbers"
    return ""


def _whole(numbers: Any) -> bool:
    return isinstance(numbers, list) and all(type(n) is int and n >= 0 for n in numbers)


def _damaged(path: Path, why: object) -> InvalidInput:
    return InvalidInput("this weight file is damaged", where=path, why=why, fix=download_fix(path))


def data_bytes(path: Path) -> int:
    """Bytes that a safetensors file must have by its header.

    Raises InvalidInput where a tensor has more or fewer than its shape needs, or does not begin
    right after the one before, as the format demands.
    """
    entries = [(name, e) for name, e in header(path).items() if name != "__metadata__"]
    at = 0
    for name, entry in sorted(entries, key=lambda one: (one[1]["data_offsets"], one[0])):
        begin, end = entry["data_offsets"]
        if begin != at:
            raise _damaged(path, f"{name} begins at byte {begin:,} of the numbers, not at {at:,}")
        if (end - begin) * 8 != math.prod(entry["shape"]) * BITS[entry["dtype"]]:
            raise _damaged(
                path, f"{name}: {end - begin:,} bytes are no {entry['shape']} of {entry['dtype']}"
            )
        at = end
    return numbers_from(path) + at


def numbers_from(path: Path) -> int:
    """The byte of a safetensors file at which its numbers begin."""
    with path.open("rb") as handle:
        return 8 + int.from_bytes(handle.read(8), "little")
