"""Rows of a dataset as reviewers and graders meet them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from secarch.artifact import Artifact
from secarch.schema import JsonDict

if TYPE_CHECKING:
    from rich.table import Table

SPLITS = ("train", "validation", "test")


def rows_of(artifact: Artifact) -> Iterator[JsonDict]:
    """All rows of a dataset, split by split. Raises TamperedArtifact if a file was changed."""
    for split in SPLITS:
        yield from artifact.rows(f"{split}.jsonl")


def texts(row: JsonDict) -> tuple[str, str]:
    """Question and answer of a row: its last user and assistant message."""
    found = {message["role"]: message["content"] for message in row["messages"]}
    return found["user"], found["assistant"]


def figures_table(rows: Sequence[JsonDict], names: Sequence[str]) -> Table:
    """Figures by column; a dash for one that is not known."""
    from rich.table import Table

    table = Table(*(name.replace("_", " ") for name in names), box=None, pad_edge=False)
    for row in rows:
        table.add_row(*("-" if row[name] is None else str(row[name]) for name in names))
    return table
