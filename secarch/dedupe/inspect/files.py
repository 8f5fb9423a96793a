"""The files and rows that `secarch dataset validate` looks at: all that `secarch train` takes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from secarch.artifact import MANIFEST, open_artifact
from secarch.dedupe.build.rows import read_jsonl
from secarch.errors import MissingInput
from secarch.models import foreign, row_files

SPLITS = ("train", "validation", "test")


def split_files(path: Path) -> list[tuple[str, Path]]:
    """(split, file) of a dataset: `train.jsonl` and the like, else what others keep.

    The split of a single file is its name up to the first dot. Raises MissingInput if there is
    nothing, TamperedArtifact where a sealed file was changed.
    """
    if path.is_file():
        return [(path.name.split(".", 1)[0], path)]
    if (path / MANIFEST).is_file():
        open_artifact(path, "dataset")
    if not path.is_dir():
        raise MissingInput(
            "there is no dataset",
            where=path,
            why="no such path",
            fix="name a file or folder of training rows; those built here: secarch report",
        )
    names = ((split, f"{split}{end}") for split in SPLITS for end in (".jsonl", ".jsonl.gz"))
    own = [(split, path / name) for split, name in names if (path / name).is_file()]
    return own or [(split, file) for split, files in foreign.files(path).items() for file in files]


def rows(path: Path) -> Iterator[tuple[str, dict[str, Any] | str]]:
    """(file:line, row or what is wrong with it) of a file; blank lines are skipped.

    Of JSONL every bad line is given. Raises InvalidInput for other files that cannot be read, with
    the words that training has for them.
    """
    if _is_jsonl(path):
        yield from read_jsonl(path, skip_blank=True, loads=row_files.loads)
        return
    for number, row in row_files.raw(path):
        yield f"{path.name}:{number}", row


def _is_jsonl(path: Path) -> bool:
    lines = path.name.endswith((".jsonl", ".jsonl.gz", ".ndjson")) or not path.suffix
    return lines and not (row_files.is_document(path) or row_files.has_bare_returns(path))
