"""An append-only JSONL file that survives a crash in the middle of a line."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from secarch import console
from secarch.files import disk_errors, read_jsonl
from secarch.schema import JsonDict, canonical_json


class Journal:
    """Rows keyed by their field `key`; what was appended is on disk when `append` returns."""

    def __init__(self, path: Path) -> None:
        """Open the journal, cutting off a torn last line (said on stderr).

        Raises InvalidInput where a line other than the last one is broken.
        """
        self.path = path
        self.repaired = _repair(path)
        """Bytes of the torn line that was cut off, 0 if there was none."""
        self.rows: dict[str, JsonDict] = {}
        if path.exists():
            self.rows = {
                row["key"]: row for row in read_jsonl(path) if isinstance(row.get("key"), str)
            }

    def __contains__(self, key: str) -> bool:
        return key in self.rows

    def append(self, rows: Iterable[JsonDict]) -> None:
        """Write the rows whose keys are new, then fsync. Raises DiskError."""
        new = [row for row in rows if row["key"] not in self.rows]
        if not new:
            return
        with disk_errors(self.path), self.path.open("ab") as out:
            out.write("".join(canonical_json(row) + "\n" for row in new).encode("utf-8", "replace"))
            out.flush()
            os.fsync(out.fileno())
        self.rows.update((row["key"], row) for row in new)


def _repair(path: Path) -> int:
    """Cut off what follows the last line feed, and a last line that is not JSON; returns the bytes
    removed.
    """
    if not path.exists():
        return 0
    data = path.read_bytes()
    end = data.rfind(b"\n") + 1
    last = data[:end].rstrip(b"\n").rfind(b"\n") + 1
    if end and not _is_json(data[last:end]):
        end = last
    torn = len(data) - end
    if torn:
        with disk_errors(path), path.open("r+b") as out:
            out.truncate(end)
            os.fsync(out.fileno())
        console.log().warning("repaired_torn_line", file=path.name, bytes=torn)
    return torn


def _is_json(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False
