"""The one place that writes results to stdout: JSON documents, tables and lines."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from typing import Any


def write(text: str) -> None:
    """Write to stdout; a closed pipe is no error, since that is how `| head` ends."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except (BrokenPipeError, OSError, ValueError):
        # Python flushes stdout once more at exit; into the null device that cannot fail.
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123


def show(parts: Sequence[Any]) -> None:
    """Write what people see: strings as they are, rich renderables as wide as they need to be."""
    for part in parts:
        write(f"{part}\n" if isinstance(part, str) else _rendered(part))


def _rendered(part: Any) -> str:
    from io import StringIO

    from rich.console import Console

    on_terminal = sys.stdout is not None and sys.stdout.isatty()
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


def document(
    command: str,
    status: str,
    artifact: str | None = None,
    digest: str | None = None,
    counts: dict[str, int] | None = None,
    result: dict[str, Any] | None = None,
) -> None:
    """Write the one JSON document of `--json`."""
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
