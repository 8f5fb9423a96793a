"""The one place that writes results to stdout: JSON documents, tables and lines."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from typing import Any

from secarch.errors import DiskError


def write(text: str) -> None:
    """Write to stdout; a closed pipe is not an error, since that is how `| head` ends.

    Raises DiskError where the disk behind it takes no more.
    """
    if sys.stdout is None:
        return
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except (OSError, ValueError) as error:
        # Python flushes stdout once more at exit; into the null device that cannot fail.
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
        if getattr(error, "errno", None) in _LOST:
            raise lost(error) from error


_LOST = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}
"""What a file says that did not take all; a reader that went away says other things."""


def lost(error: BaseException) -> DiskError:
    """The error of results that nobody has."""
    return DiskError(
        "cannot write the results to stdout",
        why=getattr(error, "strerror", error),
        fix="free some space there, or send them elsewhere, then the same command again",
    )


def show(parts: Sequence[Any]) -> None:
    """Write what people see: strings as they are, rich renderables as wide as they need to be."""
    for part in parts:
        write(f"{part}\n" if isinstance(part, str) else _rendered(part))


def _rendered(part: Any) -> str:
    from io import StringIO

    on_terminal = sys.stdout is not None and sys.stdout.isatty()
    if not on_terminal and (lines := _plain(part)):
        return "".join(f"{line}\n" for line in lines)
    from rich.console import Console

    console = Console(
        file=sys.stdout if on_terminal else StringIO(), soft_wrap=True, highlight=False
    )
    if not on_terminal:
        console.width = max(
            1, console.measure(part, options=console.options.update(width=10_000)).maximum
        )
    with console.capture() as captured:
        console.print(part)
    lines = captured.get().splitlines()
    return "".join(f"{line if on_terminal else line.rstrip()}\n" for line in lines)


def _plain(part: Any) -> list[str]:
    """The lines of a table without boxes, as rich would write them into a file; none if it is
    something else.

    Rich measures and wraps each cell, which takes half the time of a command that shows hundreds
    of settings.
    """
    from rich.cells import cell_len
    from rich.table import Table
    from rich.text import Text

    if not isinstance(part, Table) or part.box is not None or part.title or part.pad_edge:
        return []
    columns = [[column.header, *column.cells] for column in part.columns]
    if any(column.justify != "left" for column in part.columns):
        return []
    rows = [
        [
            cell.plain if isinstance(cell, Text) else Text.from_markup(str(cell)).plain
            for cell in row
        ]
        for row in zip(*columns, strict=True)
    ]
    if any("\n" in cell for row in rows for cell in row):
        return []
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]


def document(
    command: str,
    status: str,
    artifact: str | None = None,
    digest: str | None = None,
    counts: dict[str, int] | None = None,
    result: dict[str, Any] | None = None,
) -> None:
    """Write the one JSON document of `--json`."""
    import json  # a fiftieth of `--help`, which writes none

    found: dict[str, Any] = {
        "schema": 1,
        "command": command,
        "status": status,
        "artifact": artifact,
        "digest": digest,
        "counts": counts or {},
        **(result or {}),
    }
    write(json.dumps(found, indent=1, ensure_ascii=False, default=str) + "\n")
