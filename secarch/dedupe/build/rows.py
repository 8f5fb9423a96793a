"""Rows of an untrusted JSONL file, each with its place, or with what is wrong with it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

MAX_ROW_BYTES = 32 << 20
"""Bytes of the longest row that is read; a longer one is a bad row."""


def read_jsonl(
    path: Path, *, skip_blank: bool, loads: Callable[[bytes], Any] = json.loads
) -> Iterator[tuple[str, dict[str, Any] | str]]:
    """(file:line, row or what is wrong with it) of a file that may be gzipped. Memory holds one
    row; a file that breaks off ends with what is wrong with it, and nothing is raised.

    `loads` reads a line, and raises ValueError or RecursionError.
    """
    opener: Callable[..., IO[bytes]] = gzip.open if path.suffix == ".gz" else open  # type: ignore[assignment]
    number = 0
    try:
        with opener(path, "rb") as handle:
            while line := handle.readline(MAX_ROW_BYTES + 1):
                number += 1
                where = f"{path.name}:{number}"
                if len(line) > MAX_ROW_BYTES:
                    _skip_line(handle)
                    yield where, f"longer than {MAX_ROW_BYTES >> 20} MiB"
                elif line.strip() or not skip_blank:
                    yield where, _parse(line, loads)
    except (OSError, EOFError) as error:
        yield f"{path.name}:{number + 1}", f"cannot be read: {error}"


def _skip_line(handle: IO[bytes]) -> None:
    while (part := handle.readline(1 << 20)) and not part.endswith(b"\n"):
        pass


def _parse(line: bytes, loads: Callable[[bytes], Any]) -> dict[str, Any] | str:
    try:
        row = loads(line)
    except (ValueError, RecursionError) as error:
        return f"no JSON: {error}"
    return row if isinstance(row, dict) else "no JSON object"
